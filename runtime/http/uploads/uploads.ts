import { randomUUID } from 'node:crypto';
import type * as z from 'zod';
import type { PipelineReader } from '../../pipeline';
import type { UploadPolicy, WritingOptions } from '../http-api-options';
import { checkKey, imageUrl, keyOfQuery, queryValue } from '../keys';
import { Problem } from '../problems/problem';
import { uploadRequest, type uploadAnswer } from '../schemas';
import { safeFileName } from './safe-file-name';

/** Seconds in which a form can be sent: enough for the largest file on a slow line to begin. */
const FORM_SECONDS = 900;
/** Extensions by which files are known whose name has none that is served. */
const EXTENSIONS: Readonly<Record<string, string>> = { 'image/jpeg': 'jpg', 'image/svg+xml': 'svg' };

/** What is asked for. */
export interface UploadAsked {
  readonly body: unknown;
  /** Of the request. */
  readonly url: string;
  /** Scheme and host by which the client reaches this API, and what stands before its paths. */
  readonly origin: string;
}

/**
 * Answers a request to upload a file by the form that sends it. The form holds for one key, one type and one size.
 *
 * @throws Problem `invalid-upload`, `unsupported-format`, `too-many-bytes`, `not-served`, `invalid-signature`
 */
export async function uploadFormFor(
  writing: WritingOptions,
  pipeline: Pick<PipelineReader, 'serves'>,
  { body, url, origin }: UploadAsked,
): Promise<z.infer<typeof uploadAnswer>> {
  const parsed = uploadRequest.safeParse(body);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => [...path, message].join(': '));
    throw new Problem('invalid-upload', problems.join('; '));
  }
  const { filename, key: wanted, contentType, bytes, focalPoint } = parsed.data;
  const { contentTypes, maxSizeBytes, keyTemplate } = writing.uploads;
  if (!contentTypes.includes(contentType)) {
    throw new Problem('unsupported-format', `got ${contentType}, allowed: ${contentTypes.join(', ')}`);
  }
  if (bytes > maxSizeBytes) {
    throw new Problem('file-too-large', `the file has ${bytes} bytes, allowed are ${maxSizeBytes}`);
  }
  refuseUnsignedKey(writing, url, wanted);
  const key = wanted ?? uniqueKey(filename ?? '', contentType, keyTemplate, writing.prefix, pipeline);
  if (!pipeline.serves(checkKey(key))) {
    throw new Problem('key-not-served', `no thumbnails are made of the key ${key}`);
  }
  const policy: UploadPolicy = {
    key,
    contentType,
    bytes,
    metadata: focalPoint ? { 'focal-point': `${focalPoint.x},${focalPoint.y}` } : {},
    seconds: FORM_SECONDS,
  };
  const expires = new Date(Date.now() + FORM_SECONDS * 1000).toISOString();
  const form = await writing.present(policy, origin);
  return { key, image: imageUrl(key), upload: { url: form.url, fields: { ...form.fields }, expires } };
}

/**
 * A signed link to upload gives no right to replace what is there: only one that is signed for a key, as `?key=` in its
 * URL, takes that key.
 */
function refuseUnsignedKey({ links }: WritingOptions, url: string, key: string | undefined): void {
  const signed = queryValue(url, 'key') === undefined ? undefined : keyOfQuery(url);
  if ((links || signed !== undefined) && key !== signed) {
    throw new Problem(
      'invalid-signature',
      key === undefined ? 'the link is for the key that its URL names' : `the link is not signed for the key ${key}`,
    );
  }
}

/** A key that nobody has, which keeps what can be kept of a file's name. */
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
