import { Token } from 'aws-cdk-lib';
import { DEFAULT_UPLOAD_KEY_TEMPLATE } from '../../runtime/contract';
import type { ThumbnailPipelineProps } from '../pipeline/thumbnail-pipeline-props';
import {
  duplicates,
  invalidValue,
  nested,
  outOfRange,
  quoted,
  validateInteger,
  validatePattern,
  validateSize,
  validationError,
} from '../private/validation';
import { allLimitsOf } from '../thumbnail/image-settings';
import type { ThumbnailApiOptions, ThumbnailPipelineApiOptions } from './thumbnail-api-options';
import type { ThumbnailUploadOptions } from './thumbnail-upload-options';

/** Origin of a web page, or `*`. */
export const ORIGIN_PATTERN = /^(?:\*|https?:\/\/[^/\s]+)$/;
/** Description of the values that {@link ORIGIN_PATTERN} allows, for error messages. */
export const ORIGIN_FORM = '* or an origin such as https://example.com';

/**
 * Maximum throttle rate in requests per second, and maximum burst in requests. The value exceeds every quota of API Gateway.
 * Therefore, a higher value is a mistake.
 */
const MAX_RATE = 1_000_000;
const CONTENT_TYPE_PATTERN = /^image\/[a-z0-9.+-]+$/;
const SVG = 'image/svg+xml';
/** Pattern of key templates. The pattern requires `{uuid}`, and allows braces only in `{uuid}` and `{filename}`. */
const TEMPLATE_PATTERN = /^(?!\/)(?=.*\{uuid\})(?:[^{}]|\{uuid\}|\{filename\})*$/s;
/** Maximum length of an S3 object key in bytes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const MAX_KEY_BYTES = 1024;
/**
 * Maximum length of a key template in bytes. A key has at most 1,024 bytes. The remaining bytes are for the values of `{uuid}`
 * and `{filename}`.
 */
const MAX_TEMPLATE_BYTES = 512;

/** Validates the options of any API. */
export function validateApiOptions({ access, writeAccess, throttle }: ThumbnailApiOptions): string[] {
  const errors = [
    ...nested('access', access?._validate() ?? []),
    ...(writeAccess === access ? [] : nested('writeAccess', writeAccess?._validate() ?? [])),
    ...validateInteger('throttle.rateLimit', throttle?.rateLimit, {
      min: 1,
      max: MAX_RATE,
      unit: 'requests per second',
    }),
    ...validateInteger('throttle.burstLimit', throttle?.burstLimit, { min: 1, max: MAX_RATE, unit: 'requests' }),
  ];
  if (writeAccess?._isPublic) {
    errors.push(
      validationError(
        'writeAccess',
        'publicRead() grants no write access',
        'use ThumbnailAccess.iam(), signed() or authorizer()',
      ),
    );
  }
  if (access?._isSigned && writeAccess?._isSigned && access !== writeAccess) {
    errors.push(
      validationError(
        'writeAccess',
        'signed() differs from access, but the runtime has one set of signing keys',
        'pass the same object as access and writeAccess',
      ),
    );
  }
  return errors;
}

export function validatePipelineApiOptions(api: ThumbnailPipelineApiOptions, props: ThumbnailPipelineProps): string[] {
  const errors = [...validateApiOptions(api), ...validateFallbackImage(api.fallbackImage, props.sourcePrefix ?? '')];
  if (api.uploads && !api.writeAccess) {
    errors.push(validationError('uploads', 'uploads require writeAccess', 'set writeAccess or remove uploads'));
  }
  errors.push(...validateOnlyThroughDistribution(api));
  return [...errors, ...nested('uploads', validateUploadOptions(api.uploads ?? {}, props))];
}

function validateOnlyThroughDistribution(api: ThumbnailPipelineApiOptions): string[] {
  if (!api.onlyThroughDistribution) {
    return [];
  }
  const settings = { access: api.access?._isIam ?? true, writeAccess: api.writeAccess?._isIam ?? false };
  return Object.entries(settings)
    .filter(([, isIam]) => isIam)
    .map(([prop]) =>
      validationError(
        prop,
        'iam() does not support onlyThroughDistribution, because CloudFront changes signed requests',
        'use publicRead(), signed() or authorizer(), or remove onlyThroughDistribution',
      ),
    );
}

function validateUploadOptions(uploads: ThumbnailUploadOptions, props: ThumbnailPipelineProps): string[] {
  const { contentTypes, maxSize, keyTemplate = DEFAULT_UPLOAD_KEY_TEMPLATE, allowOrigins = [] } = uploads;
  const isUnknown = props.limits?.maxFileSize?.isUnresolved() ?? false;
  const sizes = allLimitsOf(props).map(({ maxFileSizeBytes }) => maxFileSizeBytes);
  const max = isUnknown ? Number.MAX_SAFE_INTEGER : Math.max(...sizes);
  return [
    ...validateContentTypes(contentTypes, props.allowSvg ?? false),
    ...validateSize('maxSize', maxSize, { min: 1, max }),
    ...validateKeyTemplate(keyTemplate),
    ...allowOrigins.flatMap((origin, index) =>
      validatePattern(`allowOrigins[${index}]`, origin, ORIGIN_PATTERN, ORIGIN_FORM),
    ),
  ];
}

function validateContentTypes(contentTypes: readonly string[] | undefined, allowSvg: boolean): string[] {
  if (contentTypes?.length === 0) {
    return [outOfRange('contentTypes', 'an empty list', 'at least one content type')];
  }
  const errors = (contentTypes ?? []).flatMap((type, index) =>
    validatePattern(`contentTypes[${index}]`, type, CONTENT_TYPE_PATTERN, 'an image type such as image/jpeg'),
  );
  for (const type of duplicates(contentTypes ?? [])) {
    errors.push(validationError('contentTypes', `${type} occurs twice`, 'list each content type once'));
  }
  if (contentTypes?.includes(SVG) && !allowSvg) {
    errors.push(validationError('contentTypes', `${SVG} requires allowSvg`, `set allowSvg to true or remove ${SVG}`));
  }
  return errors;
}

function validateKeyTemplate(template: string): string[] {
  const bytes = Buffer.byteLength(template);
  if (!Token.isUnresolved(template) && bytes > MAX_TEMPLATE_BYTES) {
    return [outOfRange('keyTemplate', `${bytes} bytes`, `at most ${MAX_TEMPLATE_BYTES} bytes`)];
  }
  const expected = 'a key with {uuid}, optionally {filename}, no other braces and no leading slash';
  return validatePattern('keyTemplate', template, TEMPLATE_PATTERN, expected);
}

function validateFallbackImage(key: string | undefined, sourcePrefix: string): string[] {
  if (key === undefined || Token.isUnresolved(key)) {
    return [];
  }
  const bytes = Buffer.byteLength(key);
  if (bytes === 0 || bytes > MAX_KEY_BYTES) {
    return [outOfRange('fallbackImage', `${bytes} bytes`, 'a source key of 1 to 1,024 bytes')];
  }
  if (!Token.isUnresolved(sourcePrefix) && !key.startsWith(sourcePrefix)) {
    return [invalidValue('fallbackImage', quoted(key), `a key that starts with sourcePrefix ${quoted(sourcePrefix)}`)];
  }
  return [];
}
