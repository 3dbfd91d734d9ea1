import { Token } from 'aws-cdk-lib';
import { ANALYSIS_RANGES, MAX_ANALYSIS_LABELS, MAX_CHECK_VERSION_LENGTH } from '../../runtime/contract';
import {
  FLAG,
  instanceWith,
  NUMBER,
  type PropType,
  type StructType,
  TEXT,
  TEXTS,
  validateTypes,
} from '../private/prop-types';
import {
  invalidValue,
  nested,
  outOfRange,
  quoted,
  validateDuration,
  validateInteger,
  validationError,
} from '../private/validation';
import type {
  ThumbnailAnalysisOptions,
  ThumbnailCheckOptions,
  ThumbnailEndpointCheckOptions,
  ThumbnailModerationOptions,
  ThumbnailRekognitionOptions,
} from './thumbnail-analysis-options';

const FAILURE: PropType = {
  expected: 'an AnalysisFailure such as AnalysisFailure.reject()',
  accepts: (value) => typeof value === 'object' && value !== null && '_mode' in value,
};
const COMMON: StructType = {
  animationFrames: NUMBER,
  timeout: instanceWith(['toSeconds'], 'a Duration such as Duration.seconds(10)'),
  failure: FAILURE,
};
const REKOGNITION: StructType = {
  ...COMMON,
  moderation: { minConfidence: NUMBER, labels: TEXTS, storeLabels: FLAG },
  facesAsFocalPoint: FLAG,
  region: TEXT,
};
const CHECK: StructType = {
  ...COMMON,
  checkVersion: TEXT,
  signingKeys: instanceWith(['grantRead'], 'a secret such as Secret.fromSecretCompleteArn()'),
};

export function validateRekognition(received: ThumbnailRekognitionOptions): string[] {
  const { errors, props } = validateTypes(received, REKOGNITION);
  const { moderation, facesAsFocalPoint } = props;
  if (moderation === undefined && facesAsFocalPoint !== true && errors.length === 0) {
    const finding = 'undefined, and facesAsFocalPoint is not true';
    return [validationError('moderation', finding, 'set moderation, facesAsFocalPoint, or both')];
  }
  return [...errors, ...validateCommon(props), ...nested('moderation', validateModeration(moderation ?? {}))];
}

/**
 * Validates the options of a custom check.
 *
 * @param url URL of an endpoint; undefined for a Lambda function
 */
export function validateCheck(received: ThumbnailCheckOptions | ThumbnailEndpointCheckOptions, url?: string): string[] {
  const { errors, props } = validateTypes(received, CHECK);
  const { checkVersion } = props;
  const length = checkVersion === undefined || Token.isUnresolved(checkVersion) ? 1 : checkVersion.length;
  return [
    ...errors,
    ...validateCommon(props),
    ...(length >= 1 && length <= MAX_CHECK_VERSION_LENGTH
      ? []
      : [outOfRange('checkVersion', `${length} characters`, `1 to ${MAX_CHECK_VERSION_LENGTH} characters`)]),
    ...(url === undefined ? [] : validateUrl(url)),
  ];
}

function validateCommon({ animationFrames, timeout, failure }: ThumbnailAnalysisOptions): string[] {
  const { animationFrames: frames, timeoutSeconds, retries } = ANALYSIS_RANGES;
  return [
    ...validateInteger('animationFrames', animationFrames, frames),
    ...validateDuration('timeout', timeout, { ...timeoutSeconds, unit: 's' }),
    ...validateInteger('failure.retries', failure?._retries, retries),
  ];
}

function validateModeration({ minConfidence, labels = [] }: ThumbnailModerationOptions): string[] {
  const { min, max } = ANALYSIS_RANGES.minConfidence;
  const errors: string[] = [];
  if (
    minConfidence !== undefined &&
    !Token.isUnresolved(minConfidence) &&
    !(minConfidence >= min && minConfidence <= max)
  ) {
    errors.push(outOfRange('minConfidence', String(minConfidence), `a percentage from ${min} to ${max}`));
  }
  if (labels.length > MAX_ANALYSIS_LABELS) {
    errors.push(outOfRange('labels', `${labels.length} names`, `at most ${MAX_ANALYSIS_LABELS} names`));
  }
  if (labels.includes('')) {
    errors.push(invalidValue('labels', quoted(''), 'the name of a moderation label such as Violence'));
  }
  return errors;
}

/** Validates a URL. The error omits the URL, because the URL can contain a secret. */
function validateUrl(url: string): string[] {
  const isValid = typeof url === 'string' && (Token.isUnresolved(url) || isHttps(url));
  return isValid
    ? []
    : [validationError('url', 'the value is invalid', 'expected a URL such as https://check.example.com/')];
}

function isHttps(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === 'https:';
}
