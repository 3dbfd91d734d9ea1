import { createHash } from 'node:crypto';
import type * as z from 'zod';
import type { ThumbnailSettings } from '../../contract';
import type { Manifest, ReadyManifest } from '../../pipeline';
import type { ObjectHead } from '../../storage';
import type { HttpApiOptions } from '../http-api-options';
import { encodePath, thumbnailUrl, versionOf } from '../keys';
import { isNotModified } from '../negotiation/conditional';
import { Problem } from '../problems/problem';
import type { processingImage, readyImage } from '../schemas';
import type { Timings } from '../timings';
import { pictureElement } from './picture-element';
import { throwIfNotServed, type RenderOnce } from './render-once';

/**
 * Milliseconds after a source was written in which its event is taken to be on the way: whoever asks is told to wait. After
 * that it was lost, or the source was there before the pipeline, and the thumbnails are made on the spot.
 */
const EVENT_TIME = 60_000;
/** Seconds after which it makes sense to ask again. */
const RETRY_AFTER = 2;
/** `wait` among the preferences of https://www.rfc-editor.org/rfc/rfc7240 */
const WAIT = /(?:^|,)\s*wait\b/i;

/** What is asked about. */
export interface ImageRequest {
  readonly request: Request;
  /** Of the source. */
  readonly key: string;
  readonly timings: Timings;
  /** Makes a path of this API a URL that the client can use. */
  readonly toUrl: (path: string) => Promise<string> | string;
}

/** Answers requests for manifests. */
export class Images {
  public constructor(
    private readonly options: HttpApiOptions,
    private readonly make: RenderOnce,
  ) {}

  /**
   * What is known of an image as it is now: its manifest with the URL of every thumbnail, or 202 while its thumbnails are
   * not made. With `Prefer: wait` they are made before the answer. An image that was refused is a good answer too: its
   * status is `failed`.
   *
   * @throws Problem, ImageRejection, StoreError: anything that {@link problemOf} knows
   */
  public async answer({ request, key, timings, toUrl }: ImageRequest): Promise<Response> {
    const { pipeline, source, thumbnails } = this.options;
    throwIfNotServed(pipeline, key);
    const [stored, head] = await timings.measure('store', Promise.all([pipeline.manifest(key), source.head(key)]));
    if (!head) {
      throw new Problem('image-not-found', `there is no image ${key}`);
    }
    const isCurrent = stored && stored.source.etag === head.etag && isWhole(stored, thumbnails);
    if (!isCurrent && isOnItsWay(head) && !WAIT.test(request.headers.get('Prefer') ?? '')) {
      return processing(head);
    }
    const manifest = isCurrent ? stored : await timings.measure('make', this.make(key));
    const body = JSON.stringify(manifest.status === 'ready' ? await withUrls(manifest, toUrl) : manifest);
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
}

/** Whether a manifest lists what is made by today's settings, or says why nothing is. */
function isWhole(manifest: Manifest, settings: readonly ThumbnailSettings[]): boolean {
  if (manifest.status === 'rejected') {
    return true;
  }
  const wanted = settings.flatMap(({ name, formats }) => formats.map(({ type }) => `${name}.${type}`));
  const listed = new Set(manifest.thumbnails.map(({ name, format }) => `${name}.${format}`));
  return listed.size === wanted.length && wanted.every((thumbnail) => listed.has(thumbnail));
}

function isOnItsWay({ lastModified }: ObjectHead): boolean {
  return Date.now() - lastModified.getTime() < EVENT_TIME;
}

function processing({ key, etag, bytes }: ObjectHead): Response {
  const body: z.infer<typeof processingImage> = { status: 'processing', source: { key, etag, bytes } };
  return Response.json(body, {
    status: 202,
    headers: { 'Cache-Control': 'no-store', 'Retry-After': String(RETRY_AFTER) },
  });
}

/** A manifest whose thumbnails have URLs, with a srcset and a picture that use them. */
async function withUrls(manifest: ReadyManifest, toUrl: ImageRequest['toUrl']): Promise<z.infer<typeof readyImage>> {
  const thumbnails = await Promise.all(
    manifest.thumbnails.map(async (thumbnail) => {
      const { name, format, etag } = thumbnail;
      const path = thumbnailUrl(name, manifest.source.key, { format, version: versionOf(etag) });
      return { ...thumbnail, url: await toUrl(path) };
    }),
  );
  const urls = new Map(thumbnails.map(({ key, url }) => [`/${encodePath(key)}`, url]));
  const srcset = Object.fromEntries(
    Object.entries(manifest.srcset).map(([format, candidates]): [string, string] => [
      format,
      candidates.replace(/\/\S+/g, (path) => urls.get(path) ?? path),
    ]),
  );
  return {
    ...manifest,
    thumbnails,
    srcset,
    picture: pictureElement(srcset, thumbnails),
  };
}
