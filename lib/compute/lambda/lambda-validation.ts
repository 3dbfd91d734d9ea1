import { Token } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { visibilitySecondsOf } from '../../pipeline/validation/queues';
import { invalidValue, secondsOf, validateDuration, validateInteger, validationError } from '../../private/validation';
import type { ThumbnailComputeContext } from '../compute-protocol';
import { batchSizeOf, MAX_TIMEOUT_SECONDS, timeoutOf } from './lambda-timeout';
import { validateInstances } from './managed-instances';
import { validatePollers } from './provisioned-pollers';
import type { ThumbnailLambdaOptions } from './thumbnail-lambda-options';

export function validateLambdaOptions(options: ThumbnailLambdaOptions, context: ThumbnailComputeContext): string[] {
  return [
    ...validateInteger('memorySize', options.memorySize, { min: 128, max: 10_240, unit: 'MiB' }),
    ...validateDuration('timeout', options.timeout, { min: 1, max: MAX_TIMEOUT_SECONDS }),
    ...validateInteger('batchSize', options.batchSize, { min: 1, max: 10_000, unit: 'images' }),
    ...validateDuration('maxBatchingWindow', options.maxBatchingWindow, { min: 0, max: 300 }),
    ...validateInteger('maxConcurrency', options.maxConcurrency, { min: 2, max: 1000, unit: 'invocations' }),
    ...validateInteger('reservedConcurrentExecutions', options.reservedConcurrentExecutions, { min: 0, max: 100_000 }),
    ...validateInteger('apiReservedConcurrentExecutions', options.apiReservedConcurrentExecutions, {
      min: 0,
      max: 100_000,
    }),
    ...validateNetwork(options),
    ...validateRuntime(options.runtime),
    ...validateBatch(options),
    ...validateConcurrency(options),
    ...validateTimeout(options, context),
    ...validateInstances(options),
    ...validatePollers(options),
  ];
}

function validateNetwork({ vpc, vpcSubnets, securityGroups }: ThumbnailLambdaOptions): string[] {
  if (vpc) {
    return [];
  }
  return Object.entries({ vpcSubnets, securityGroups })
    .filter(([, value]) => value !== undefined)
    .map(([prop]) => validationError(prop, 'it requires vpc', 'set vpc or remove the option'));
}

function validateRuntime(runtime: lambda.Runtime | undefined): string[] {
  if (runtime === undefined || runtime.family === lambda.RuntimeFamily.NODEJS) {
    return [];
  }
  return [invalidValue('runtime', runtime.name, 'a Node.js runtime such as Runtime.NODEJS_24_X')];
}

function validateBatch(options: ThumbnailLambdaOptions): string[] {
  const { maxBatchingWindow } = options;
  const batchSize = batchSizeOf(options);
  if (batchSize <= 10 || maxBatchingWindow?.isUnresolved() || (secondsOf(maxBatchingWindow) ?? 0) > 0) {
    return [];
  }
  return [
    validationError(
      'batchSize',
      `${batchSize} requires a batching window`,
      'set maxBatchingWindow to at least 1 s, or decrease batchSize to 10',
    ),
  ];
}

function validateConcurrency({ maxConcurrency, reservedConcurrentExecutions }: ThumbnailLambdaOptions): string[] {
  if (maxConcurrency === undefined || reservedConcurrentExecutions === undefined) {
    return [];
  }
  if (Token.isUnresolved(maxConcurrency) || Token.isUnresolved(reservedConcurrentExecutions)) {
    return [];
  }
  if (maxConcurrency <= reservedConcurrentExecutions) {
    return [];
  }
  const allowed = `at most reservedConcurrentExecutions (${reservedConcurrentExecutions}), because Lambda throttles the rest`;
  return [invalidValue('maxConcurrency', maxConcurrency, allowed)];
}

function validateTimeout(options: ThumbnailLambdaOptions, context: ThumbnailComputeContext): string[] {
  const timeout = secondsOf(timeoutOf(options, context.maxDuration));
  if (timeout === undefined) {
    return [];
  }
  const errors: string[] = [];
  const perImage = secondsOf(context.maxDuration);
  if (perImage !== undefined && timeout <= perImage) {
    errors.push(invalidValue('timeout', `${timeout} s`, `more than limits.maxDuration (${perImage} s)`));
  }
  const visibility = context.queue && visibilitySecondsOf(context.queue);
  if (visibility !== undefined && visibility < timeout) {
    errors.push(
      invalidValue('timeout', `${timeout} s`, `at most the visibility timeout of the queue (${visibility} s)`),
    );
  }
  return errors;
}
