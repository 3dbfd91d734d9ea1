import { createHash } from 'node:crypto';
import type { ThumbnailSettings } from '../contract';
import type { Manifest } from '../pipeline';
import { isNotModified } from './conditional';
import { encodePath, thumbnailUrl } from './keys';
import { refuseUnserved, type Make } from './make';
import type { AppOptions } from './options';

/**
 * What is known of an image: its manifest, with the URL of every thumbnail. It is made on the spot where there is none, so
 * that the answer is always the whole one. An image that was refused is a good answer too: its status is `failed`.
 *
 * @throws Problem, ImageRejection, StoreError: anything that {@link problemOf} knows
 */
export async function imageAnswer(
  options: AppOptions,
  make: Make,
  request: Request,
  key: string,
  basePath: string,
): Promise<Response> {
  refuseUnserved(options.pipeline, key);
  const stored = await options.pipeline.manifest(key);
  const manifest = stored && isWhole(stored, options.thumbnails) ? stored : await make(key);
  const body = JSON.stringify(withUrls(manifest, basePath));
  const headers = {
    // The thumbnails may be cached; the word on them has to be the newest.
    'Cache-Control': 'no-cache',
    ETag: `"${createHash('sha256').update(body).digest('base64url')}"`,
  };
  if (isNotModified(request.headers, { etag: headers.ETag })) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(body, { headers: { ...headers, 'Content-Type': 'application/json' } });
}

/** Whether a manifest lists what is made by today's settings, or says why nothing is. */
function isWhole(manifest: Manifest, settings: readonly ThumbnailSettings[]): boolean {
  if (manifest.status === 'failed') {
    return true;
  }
  const wanted = settings.flatMap(({ name, formats }) => formats.map(({ type }) => `${name}.${type}`));
  const listed = new Set(manifest.thumbnails.map(({ name, format }) => `${name}.${format}`));
  return listed.size === wanted.length && wanted.every((thumbnail) => listed.has(thumbnail));
}

/** A manifest whose thumbnails have URLs, and whose srcset uses them. */
function withUrls(manifest: Manifest, basePath: string): object {
  if (manifest.status === 'failed') {
    return manifest;
  }
  const thumbnails = manifest.thumbnails.map((thumbnail) => ({
    ...thumbnail,
    url: basePath + thumbnailUrl(thumbnail.name, manifest.source.key, thumbnail.format),
  }));
  const urls = new Map(thumbnails.map(({ key, url }) => [`/${encodePath(key)}`, url]));
  const srcset = Object.entries(manifest.srcset).map(([format, candidates]): [string, string] => [
    format,
    candidates.replace(/\/\S+/g, (path) => urls.get(path) ?? path),
  ]);
  return { ...manifest, thumbnails, srcset: Object.fromEntries(srcset) };
}
