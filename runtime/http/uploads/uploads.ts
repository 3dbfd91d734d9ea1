import { randomUUID } from 'node:crypto';
import * as v from 'valibot';
import type { PipelineReader } from '../../pipeline';
import { imageUrl } from '../api-urls';
import type { UploadPolicy, WritingOptions } from '../http-api-options';
import { keyInScope } from '../key-scope';
import type { uploadResponse } from '../openapi/schemas';
import { Problem } from '../problems/problem';
import { keyOfQuery, queryValue, validateKey } from '../request-keys';
import { throwIfNotServed } from '../routes/render-once';
import { safeFileName } from './safe-file-name';
import { uploadRequest } from './upload-request';

/** Lifetime of a form in seconds. An upload must start within this time, but can end later. */
const FORM_SECONDS = 900;
/** File name extensions by media type, for media types whose subtype is not the usual extension. */
const EXTENSIONS: Readonly<Record<string, string>> = { 'image/jpeg': 'jpg', 'image/svg+xml': 'svg' };

/** A request for an upload form. */
export interface UploadFormRequest {
  /** Parsed JSON body. */
  readonly body: unknown;
  readonly url: string;
  /** Public URL of this API. */
  readonly origin: string;
  /** Prefix of the keys that the user can access. Undefined if the user can access every key. */
  readonly keyPrefix?: string | undefined;
}

/**
 * Creates the form of an upload. The form is valid for one key, one media type and one size.
 *
 * @throws Problem with code `invalid-upload` if the body is invalid
 * @throws Problem with code `unsupported-format` if the media type is not allowed
 * @throws Problem with code `file-too-large` if the size exceeds the maximum
 * @throws Problem with code `invalid-key` if the key is invalid
 * @throws Problem with code `key-not-served` if the pipeline does not serve the key
 * @throws Problem with code `invalid-signature` if the link is not signed for the key
 * @throws Problem with code `key-not-allowed` if the user cannot access the key
 */
export async function createUpload(
  writing: WritingOptions,
  pipeline: Pick<PipelineReader, 'serves' | 'settingsOf'>,
  { body, url, origin, keyPrefix }: UploadFormRequest,
): Promise<v.InferOutput<typeof uploadResponse>> {
  const parsed = v.safeParse(uploadRequest, body);
  if (!parsed.success) {
    const issues = parsed.issues.map((issue) => [v.getDotPath(issue) ?? [], issue.message].flat().join(': '));
    throw new Problem('invalid-upload', `The body is invalid: ${issues.join('; ')}.`);
  }
  const { filename, key: requestedKey, bytes, focalPoint } = parsed.output;
  const contentType = mediaTypeOf(parsed.output.contentType);
  const { contentTypes, maxSizeBytes, keyTemplate } = writing.uploads;
  if (!contentTypes.includes(contentType)) {
    const detail = `Received contentType ${JSON.stringify(parsed.output.contentType)}; allowed types: ${contentTypes.join(', ')}.`;
    throw new Problem('unsupported-format', detail);
  }
  throwIfNotSigned(writing, url, requestedKey);
  const key =
    requestedKey ?? uniqueKey(filename ?? '', contentType, keyTemplate, keyPrefix ?? writing.prefix, pipeline);
  keyInScope(keyPrefix, key);
  throwIfControlCharacters(key);
  throwIfNotServed(pipeline, validateKey(key));
  const maxBytes = Math.min(maxSizeBytes, pipeline.settingsOf(key).limits.maxFileSizeBytes);
  if (bytes > maxBytes) {
    throw new Problem('file-too-large', `The file has ${bytes} bytes; the maximum is ${maxBytes}.`);
  }
  const policy: UploadPolicy = {
    key,
    contentType,
    bytes,
    metadata: focalPoint ? { 'focal-point': `${decimal(focalPoint.x)},${decimal(focalPoint.y)}` } : {},
    seconds: FORM_SECONDS,
  };
  const expires = new Date(Date.now() + FORM_SECONDS * 1000).toISOString();
  const form = await writing.createForm(policy, origin);
  return { key, image: imageUrl(key), upload: { url: form.url, fields: { ...form.fields }, expires } };
}

/**
 * Rejects an explicit key that is not in the query (`?key=`) of the signed link. The signature must include the key, because an
 * upload with an explicit key can replace an existing image.
 */
function throwIfNotSigned({ links }: WritingOptions, url: string, key: string | undefined): void {
  const signedKey = queryValue(url, 'key') === undefined ? undefined : keyOfQuery(url);
  if ((links || signedKey !== undefined) && key !== signedKey) {
    const received = key === undefined ? 'no key' : `key ${JSON.stringify(key)}`;
    const expected = signedKey === undefined ? 'no key' : `key ${JSON.stringify(signedKey)}`;
    throw new Problem('invalid-signature', `The body has ${received}, but the query of the URL has ${expected}.`);
  }
}

/** Returns a media type in lower case and without parameters. Corrects the common wrong name `image/jpg` to `image/jpeg`. */
function mediaTypeOf(contentType: string): string {
  const [essence = ''] = contentType.toLowerCase().split(';', 1);
  const type = essence.trim();
  return type === 'image/jpg' ? 'image/jpeg' : type;
}

/** Rejects keys with control characters, such as line breaks. Form fields replace or remove control characters. */
function throwIfControlCharacters(key: string): void {
  if (/\p{Cc}/u.test(key)) {
    throw new Problem('invalid-key', `The key ${JSON.stringify(key)} contains a control character.`);
  }
}

/** Formats a coordinate from 0 to 1 without an exponent. Six decimals are precise enough for one pixel of the largest image. */
function decimal(fraction: number): string {
  return String(Number(fraction.toFixed(6)));
}

/** Creates a unique key that contains the safe part of a file name. */
function uniqueKey(
  filename: string,
  contentType: string,
  template: string,
  prefix: string,
  pipeline: Pick<PipelineReader, 'serves'>,
): string {
  const uuid = randomUUID();
  const keyOf = (file: string): string =>
    prefix + template.replace(/\{(uuid|filename)\}/g, (_, part: string) => (part === 'uuid' ? uuid : file));
  const safe = safeFileName(filename);
  const key = keyOf(safe);
  const extension = EXTENSIONS[contentType] ?? contentType.slice('image/'.length);
  return pipeline.serves(key) ? key : keyOf(`${safe.replace(/\.[^.]*$/, '')}.${extension}`);
}
