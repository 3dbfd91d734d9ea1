import { Token } from 'aws-cdk-lib';
import {
  invalidValue,
  nested,
  secondsOf,
  validateDuration,
  validateInteger,
  validationError,
} from '../../private/validation';
import type { ThumbnailComputeContext } from '../compute-protocol';
import type { ThumbnailWebFunctionOptions, ThumbnailWebFunctionWriteOptions } from './thumbnail-web-function-options';
import { validateAccess } from './web-function-access-validation';
import { MIN_CDK_VERSION, webFunctionLibrary } from './web-function-library';
import { MAX_TIMEOUT_SECONDS, NO_WORKER, timeoutOf } from './web-function-limits';

/**
 * Validates the options of `ThumbnailCompute.webFunction`.
 *
 * @param installed module `aws-cdk-lib/aws-lambda`; defaults to the installed module
 */
export function validateWebFunctionOptions(
  options: ThumbnailWebFunctionOptions,
  { maxDuration, runsWorker = true, apiAccess }: ThumbnailComputeContext,
  installed?: object,
): string[] {
  const { timeout, write } = options;
  const errors = [
    ...validateScaling(options),
    ...nested('write', validateScaling(write ?? {})),
    ...validateDuration('timeout', timeout, { min: 3, max: MAX_TIMEOUT_SECONDS }),
    ...(apiAccess ? validateAccess(options, apiAccess) : []),
  ];
  const [available, perImage] = [secondsOf(timeoutOf(options, maxDuration)), secondsOf(maxDuration)];
  if (available !== undefined && perImage !== undefined && available <= perImage) {
    errors.push(invalidValue('timeout', `${available} s`, `more than limits.maxDuration (${perImage} s)`));
  }
  if (runsWorker) {
    errors.push(`webFunction: ${NO_WORKER}`);
  }
  if (!webFunctionLibrary(installed)) {
    const finding = `requires aws-cdk-lib ${MIN_CDK_VERSION} or newer, but the installed version has no lambda.WebFunction`;
    errors.push(validationError('webFunction', finding, 'update aws-cdk-lib, or use ThumbnailCompute.lambda()'));
  }
  return errors;
}

function validateScaling({
  maxConcurrencyPerEnvironment,
  maxEnvironments,
  rateLimit,
}: ThumbnailWebFunctionWriteOptions): string[] {
  const concurrency = { min: 1, max: 128, unit: 'requests' };
  return [
    ...validateInteger('maxConcurrencyPerEnvironment', maxConcurrencyPerEnvironment, concurrency),
    ...validateInteger('maxEnvironments', maxEnvironments, { min: 2, max: 10_000 }),
    ...validateRateLimit(rateLimit),
  ];
}

/**
 * Validates that AWS Lambda supports the value of `rateLimit`.
 *
 * @see
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-webfunctionendpoint-throttleconfig.html
 */
function validateRateLimit(rateLimit: number | undefined): string[] {
  if (rateLimit === undefined || Token.isUnresolved(rateLimit)) {
    return [];
  }
  const step = rateLimit <= 1000 ? 100 : 1000;
  if (rateLimit >= 0 && rateLimit <= 10_000 && rateLimit % step === 0) {
    return [];
  }
  const allowed = '0, 100 to 1000 in steps of 100, or 2000 to 10000 in steps of 1000';
  return [invalidValue('rateLimit', rateLimit, allowed)];
}
