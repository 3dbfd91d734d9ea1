import { Token } from 'aws-cdk-lib';
import {
  invalidValue,
  nested,
  secondsOf,
  validateDuration,
  validateInteger,
  validatePattern,
  validationError,
} from '../../private/validation';
import { sizeOf, validateSize, workersOf } from './fargate-sizes';
import type {
  ThumbnailFargateApiOptions,
  ThumbnailFargateOptions,
  ThumbnailFargateServiceOptions,
  ThumbnailFargateTaskOptions,
  ThumbnailFargateWorkerOptions,
} from './thumbnail-fargate-options';

/** Default CPU units of a task. */
export const DEFAULT_CPU = { worker: 1024, api: 512 } as const;
/** Default minimum and maximum number of tasks. */
export const DEFAULT_CAPACITY = { worker: { min: 0, max: 10 }, api: { min: 1, max: 10 } } as const;
/** Kind of a service. */
export type ServiceKind = keyof typeof DEFAULT_CPU;

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html */
const MAX_TASKS = 5000;
/** Image reference: registry and port, path, tag and digest. */
const IMAGE_PATTERN = /^[a-z0-9][\w.-]*(?::\d+)?(?:\/[\w.-]+)*(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/i;

/** Validates the options of `ThumbnailCompute.fargate`. */
export function validateFargateOptions(options: ThumbnailFargateOptions): string[] {
  return [
    ...validateTask(options),
    ...validateNetwork(options),
    ...validateImage(options),
    ...nested('network', options.network?._validate() ?? []),
    ...nested('worker', validateWorker(options.worker ?? {})),
    ...nested('api', validateApi(options.api ?? {})),
  ];
}

function validateTask({ architecture, stopTimeout }: ThumbnailFargateTaskOptions): string[] {
  const name = architecture?._cpuArchitecture;
  return [
    ...(name === undefined || name === 'ARM64' || name === 'X86_64'
      ? []
      : [invalidValue('architecture', name, 'CpuArchitecture.ARM64 or CpuArchitecture.X86_64')]),
    ...validateDuration('stopTimeout', stopTimeout, { min: 2, max: 120 }),
  ];
}

function validateWorker(options: ThumbnailFargateWorkerOptions): string[] {
  return [...validateService(options, 'worker'), ...validateBacklog(options), ...validateScaleInDelay(options)];
}

function validateApi(options: ThumbnailFargateApiOptions): string[] {
  return [
    ...validateService(options, 'api'),
    ...validateInteger('requestsPerTask', options.requestsPerTask, {
      min: 1,
      max: 1_000_000,
      unit: 'requests per minute',
    }),
    ...validateInteger('targetUtilizationPercent', options.targetUtilizationPercent, {
      min: 10,
      max: 90,
      unit: 'percent',
    }),
  ];
}

function validateService(options: ThumbnailFargateServiceOptions, kind: ServiceKind): string[] {
  return [
    ...validateSize(options, DEFAULT_CPU[kind]),
    ...validateInteger('ephemeralStorageGiB', options.ephemeralStorageGiB, { min: 21, max: 200, unit: 'GiB' }),
    ...validateCapacity(options, kind),
    ...validateInteger('spotPercent', options.spotPercent, { min: 0, max: 100, unit: 'percent' }),
    ...validateInteger('onDemandBase', options.onDemandBase, { min: 0, max: MAX_TASKS, unit: 'tasks' }),
    ...validateDeployment(options),
    ...(options.securityGroups?.length === 0
      ? [validationError('securityGroups', 'the list is empty', 'add a security group or remove the option')]
      : []),
  ];
}

function validateCapacity(options: ThumbnailFargateServiceOptions, kind: ServiceKind): string[] {
  const { desiredCount, minCapacity, maxCapacity } = options;
  const { min, max } = DEFAULT_CAPACITY[kind];
  const most = known(maxCapacity ?? max) ?? MAX_TASKS;
  const fewest = known(minCapacity ?? min) ?? 0;
  const errors = [
    ...validateInteger('maxCapacity', maxCapacity, { min: 1, max: MAX_TASKS, unit: 'tasks' }),
    ...validateInteger('minCapacity', minCapacity, { min, max: MAX_TASKS, unit: 'tasks' }),
  ];
  if (errors.length > 0) {
    return errors;
  }
  if (fewest > most) {
    return [invalidValue('minCapacity', fewest, `at most maxCapacity (${most})`)];
  }
  return validateInteger('desiredCount', desiredCount, { min: fewest, max: most, unit: 'tasks' });
}

function validateDeployment({ minHealthyPercent, maxHealthyPercent }: ThumbnailFargateServiceOptions): string[] {
  const errors = [
    ...validateInteger('minHealthyPercent', minHealthyPercent, { min: 0, max: 100, unit: 'percent' }),
    ...validateInteger('maxHealthyPercent', maxHealthyPercent, { min: 100, max: 400, unit: 'percent' }),
  ];
  if (maxHealthyPercent === 100 && (minHealthyPercent ?? 100) === 100) {
    errors.push(
      validationError(
        'maxHealthyPercent',
        '100 with minHealthyPercent 100 blocks every deployment',
        'increase it or decrease minHealthyPercent',
      ),
    );
  }
  return errors;
}

function validateBacklog(options: ThumbnailFargateWorkerOptions): string[] {
  const { backlogPerTask } = options;
  if (backlogPerTask === undefined) {
    return [];
  }
  if (Token.isUnresolved(backlogPerTask)) {
    return [invalidValue('backlogPerTask', 'a token', 'a number, because the scaling steps depend on it')];
  }
  const min = workersOf(sizeOf(options, DEFAULT_CPU.worker)) ?? 1;
  return validateInteger('backlogPerTask', backlogPerTask, { min, max: 100_000, unit: 'images' });
}

/** Requires whole minutes, the period of the alarm. */
function validateScaleInDelay({ scaleInDelay }: ThumbnailFargateWorkerOptions): string[] {
  if (scaleInDelay === undefined) {
    return [];
  }
  const seconds = secondsOf(scaleInDelay);
  if (seconds !== undefined && seconds % 60 === 0 && seconds >= 60 && seconds <= 3600) {
    return [];
  }
  return [invalidValue('scaleInDelay', seconds === undefined ? 'a token' : `${seconds} s`, '1 to 60 whole minutes')];
}

function validateNetwork({ vpc, cluster, network, vpcSubnets, assignPublicIp }: ThumbnailFargateOptions): string[] {
  if (vpc || cluster) {
    return network
      ? [validationError('network', `it conflicts with ${vpc ? 'vpc' : 'cluster'}`, 'remove one of them')]
      : [];
  }
  const [finding, fix] = ['it requires vpc or cluster', 'set one of them, or use network for a new VPC'] as const;
  return [
    ...(vpcSubnets ? [validationError('vpcSubnets', finding, fix)] : []),
    ...(assignPublicIp === undefined ? [] : [validationError('assignPublicIp', finding, fix)]),
  ];
}

function validateImage({ image, baseImage }: ThumbnailFargateOptions): string[] {
  if (baseImage === undefined) {
    return [];
  }
  if (image) {
    return [validationError('baseImage', 'it conflicts with image', 'remove one of them')];
  }
  if (Token.isUnresolved(baseImage)) {
    return [invalidValue('baseImage', 'a token', 'a string, because Docker builds the image before the deployment')];
  }
  return validatePattern(
    'baseImage',
    baseImage,
    IMAGE_PATTERN,
    'an image reference such as node:24-slim, with an optional tag or digest',
  );
}

function known(value: number): number | undefined {
  return Token.isUnresolved(value) ? undefined : value;
}
