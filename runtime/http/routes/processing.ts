import type * as v from 'valibot';
import type { ObjectHead } from '../../storage';
import type { processingImage } from '../openapi/schemas';

/** Value of the `Retry-After` header in seconds for an image whose event is pending. */
const EVENT_RETRY_SECONDS = 2;
/** Value of the `Retry-After` header in seconds for an image that a larger worker renders. The value includes a cold start. */
const FORWARDED_RETRY_SECONDS = 30;

/** Returns a response with status 202 for an image whose thumbnails are not stored yet. */
export function processing(
  { key, etag, bytes }: Pick<ObjectHead, 'key' | 'etag' | 'bytes'>,
  { forwarded = false }: { /** Whether a larger worker renders the image. */ readonly forwarded?: boolean } = {},
): Response {
  const body: v.InferOutput<typeof processingImage> = { status: 'processing', source: { key, etag, bytes } };
  const retryAfter = forwarded ? FORWARDED_RETRY_SECONDS : EVENT_RETRY_SECONDS;
  return Response.json(body, {
    status: 202,
    headers: { 'Cache-Control': 'no-store', 'Retry-After': String(retryAfter) },
  });
}
