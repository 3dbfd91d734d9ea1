import { Size, Token } from 'aws-cdk-lib';
import { DEFAULT_LIMITS, DEFAULT_UPLOAD_KEY_TEMPLATE } from '../../runtime/contract';
import type { ThumbnailPipelineApiOptions, ThumbnailPipelineProps } from '../pipeline/thumbnail-pipeline-props';
import {
  validateInteger,
  validatePattern,
  validateSize,
  invalidValue,
  quoted,
  duplicates,
} from '../private/validation';
import type { ThumbnailApiOptions } from './thumbnail-api';
import type { ThumbnailUploadOptions } from './thumbnail-uploads';

/** More than API Gateway gives to any account, so that what is over it is a slip. */
const MAX_RATE = 1_000_000;
const CONTENT_TYPE_PATTERN = /^image\/[a-z0-9.+-]+$/;
const SVG = 'image/svg+xml';
/** Text with `{uuid}` in it and no other braces than those of `{filename}`. */
const TEMPLATE_PATTERN = /^(?!\/)(?=.*\{uuid\})(?:[^{}]|\{uuid\}|\{filename\})*$/s;
const ORIGIN_PATTERN = /^(?:\*|https?:\/\/[^/\s]+)$/;
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const MAX_KEY_BYTES = 1024;
/** What is left of a key for what stands in for `{uuid}` and `{filename}`. */
const MAX_TEMPLATE_BYTES = 512;

/** What is wrong with the options of an API, whatever is behind it. */
export function apiProblems({ access, writeAccess, throttle }: ThumbnailApiOptions): string[] {
  const problems = [
    ...(access?._problems() ?? []).map((text) => `access.${text}`),
    ...(writeAccess === access ? [] : (writeAccess?._problems() ?? [])).map((text) => `writeAccess.${text}`),
    ...validateInteger('throttle.rateLimit', throttle?.rateLimit, {
      min: 1,
      max: MAX_RATE,
      unit: 'requests per second',
    }),
    ...validateInteger('throttle.burstLimit', throttle?.burstLimit, { min: 1, max: MAX_RATE, unit: 'requests' }),
  ];
  if (writeAccess?._isPublic) {
    problems.push(
      invalidValue(
        'writeAccess',
        'publicRead()',
        'iam(), signed() or authorizer(): everyone could fill the bucket and delete what is in it',
      ),
    );
  }
  if (access?._isSigned && writeAccess?._isSigned && access !== writeAccess) {
    problems.push(
      invalidValue(
        'writeAccess',
        'another signed() than access',
        'the same object: one program checks links by one secret',
      ),
    );
  }
  return problems;
}

/** What is wrong with the options of the API of a pipeline. */
export function pipelineApiProblems(api: ThumbnailPipelineApiOptions, props: ThumbnailPipelineProps): string[] {
  const problems = [...apiProblems(api), ...fallbackProblems(api.fallbackImage, props.sourcePrefix ?? '')];
  if (api.uploads && !api.writeAccess) {
    problems.push(
      invalidValue('uploads', 'options without writeAccess', 'left out, or writeAccess set: nobody may upload'),
    );
  }
  return [...problems, ...uploadProblems(api.uploads ?? {}, props).map((text) => `uploads.${text}`)];
}

function uploadProblems(uploads: ThumbnailUploadOptions, props: ThumbnailPipelineProps): string[] {
  const { contentTypes, maxSize, keyTemplate = DEFAULT_UPLOAD_KEY_TEMPLATE, allowOrigins = [] } = uploads;
  const { maxFileSize = Size.bytes(DEFAULT_LIMITS.maxFileSizeBytes) } = props.limits ?? {};
  const largest = maxFileSize.isUnresolved() ? Number.MAX_SAFE_INTEGER : maxFileSize.toBytes();
  const problems = [
    ...(contentTypes ?? []).flatMap((type, index) =>
      validatePattern(`contentTypes[${index}]`, type, CONTENT_TYPE_PATTERN, 'one of images, such as image/jpeg'),
    ),
    ...validateSize('maxSize', maxSize, { min: 1, max: largest }),
    ...validatePattern(
      'keyTemplate',
      keyTemplate,
      TEMPLATE_PATTERN,
      'a key with {uuid} in it, maybe {filename}, no other braces and no slash before it',
    ),
    ...allowOrigins.flatMap((origin, index) =>
      validatePattern(`allowOrigins[${index}]`, origin, ORIGIN_PATTERN, '* or an origin such as https://example.com'),
    ),
  ];
  if (!Token.isUnresolved(keyTemplate) && Buffer.byteLength(keyTemplate) > MAX_TEMPLATE_BYTES) {
    problems.push(
      invalidValue('keyTemplate', `${Buffer.byteLength(keyTemplate)} bytes`, `at most ${MAX_TEMPLATE_BYTES} bytes`),
    );
  }
  if (contentTypes?.length === 0) {
    problems.push(invalidValue('contentTypes', 'none', 'at least one content type'));
  }
  for (const type of duplicates(contentTypes ?? [])) {
    problems.push(invalidValue('contentTypes', `${type} twice`, 'every content type once'));
  }
  if (contentTypes?.includes(SVG) && !props.allowSvg) {
    problems.push(invalidValue('contentTypes', SVG, 'left out, or allowSvg true: no thumbnails would be made of it'));
  }
  return problems;
}

function fallbackProblems(key: string | undefined, sourcePrefix: string): string[] {
  if (key === undefined || Token.isUnresolved(key)) {
    return [];
  }
  const bytes = Buffer.byteLength(key);
  if (bytes === 0 || bytes > MAX_KEY_BYTES) {
    return [invalidValue('fallbackImage', `${bytes} bytes`, `the key of a source, of 1 to ${MAX_KEY_BYTES} bytes`)];
  }
  if (!Token.isUnresolved(sourcePrefix) && !key.startsWith(sourcePrefix)) {
    return [
      invalidValue(
        'fallbackImage',
        quoted(key),
        `a key that starts with sourcePrefix ${quoted(sourcePrefix)}, as all sources`,
      ),
    ];
  }
  return [];
}
