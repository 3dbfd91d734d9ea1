import { Token } from 'aws-cdk-lib';
import { invalidValue, secondsOf, validateDuration, validateInteger, validationError } from '../../private/validation';
import type { ThumbnailApiAccessOptions, ThumbnailComputeContext } from '../compute-protocol';
import type { ThumbnailWebFunctionOptions } from './thumbnail-web-function-options';
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
  const { maxConcurrencyPerEnvironment, maxEnvironments, rateLimit, timeout } = options;
  const errors = [
    ...validateInteger('maxConcurrencyPerEnvironment', maxConcurrencyPerEnvironment, {
      min: 1,
      max: 128,
      unit: 'requests',
    }),
    ...validateInteger('maxEnvironments', maxEnvironments, { min: 2, max: 10_000 }),
    ...validateRateLimit(rateLimit),
    ...validateDuration('timeout', timeout, { min: 3, max: MAX_TIMEOUT_SECONDS }),
    ...(apiAccess ? validateAccess(apiAccess) : []),
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

/**
 * Validates that one endpoint can authorize all routes. All endpoints of a web function serve the same revision, and therefore
 * the same routes. A second endpoint with another authorization would also serve the write routes to readers.
 */
function validateAccess({ access, writeAccess }: ThumbnailApiAccessOptions): string[] {
  const errors: string[] = [];
  const isByRuntime = access._isPublic || access._isSigned;
  if (!isByRuntime && !access._isIam) {
    const expected =
      'iam(), publicRead() or signed(), because authorizers belong to API Gateway and a web function has no API Gateway';
    errors.push(invalidValue('access', 'an authorizer', expected));
  }
  if (!writeAccess) {
    return errors;
  }
  if (!writeAccess._isSigned) {
    const received = writeAccess._isIam ? 'iam()' : 'an authorizer';
    const expected =
      'signed(), because every endpoint of a web function serves all routes; a caller with read access could also write';
    errors.push(invalidValue('writeAccess', received, `${expected}. For ${received}, use ThumbnailCompute.lambda()`));
  } else if (!isByRuntime) {
    const expected =
      'signed() or publicRead(), because one endpoint cannot require IAM for reading and signed links for writing';
    errors.push(invalidValue('access', access._isIam ? 'iam()' : 'an authorizer', `${expected} with writeAccess`));
  }
  return errors;
}
