import { createHash } from 'node:crypto';
import type * as v from 'valibot';
import type { ReadyManifest } from '../../pipeline';
import type { ObjectHead } from '../../storage';
import { encodePath, thumbnailUrl, versionOf } from '../api-urls';
import type { HttpApiOptions } from '../http-api-options';
import { isNotModified } from '../negotiation/conditional';
import type { readyImage } from '../openapi/schemas';
import type { Timings } from '../timings';
import { pictureElement } from './picture-element';
import { processing } from './processing';
import { imageNotFound, throwIfNotServed, type RenderOnce } from './render-once';

/**
 * Time in milliseconds after the last modification of a source, during which the API waits for the event and responds with 202.
 * After this time, a request renders missing thumbnails, because the event is lost or the source is older than the pipeline.
 */
const EVENT_DELAY = 60_000;
/** Pattern of the preference `wait` in a `Prefer` header. @see https://www.rfc-editor.org/rfc/rfc7240#section-4.3 */
const WAIT = /(?:^|,)\s*wait\b/i;

/** A request for the manifest of an image. */
export interface ImageRequest {
  readonly headers: Headers;
  /** Key of the source. */
  readonly key: string;
  readonly timings: Timings;
  /** Function that returns the public URL of a path of this API. */
  readonly toUrl: (path: string) => Promise<string> | string;
}

/** Responds to requests for manifests. */
export class Images {
  public constructor(
    private readonly options: HttpApiOptions,
    private readonly render: RenderOnce,
  ) {}

  /**
   * Responds with the current manifest of an image and the URLs of its thumbnails. The status for a rejected image is also 200.
   *
   * If thumbnails are missing, the method renders them before it responds. It responds with 202 in two cases:
   * - The source is so new that its event can still arrive, and the request does not contain `Prefer: wait`.
   * - A larger worker must render the image.
   *
   * @throws Problem with code `image-not-found` if the source does not exist
   * @throws Problem with code `key-not-served` if the pipeline does not serve the key
   */
  public async respond({ headers: requestHeaders, key, timings, toUrl }: ImageRequest): Promise<Response> {
    const { pipeline, source } = this.options;
    throwIfNotServed(pipeline, key);
    const [stored, head] = await timings.measure('store', Promise.all([pipeline.manifest(key), source.head(key)]));
    if (!head) {
      throw imageNotFound(key);
    }
    const isCurrent = stored && pipeline.isCurrent(stored, head);
    if (!isCurrent && isEventPending(head) && !WAIT.test(requestHeaders.get('Prefer') ?? '')) {
      return processing(head);
    }
    const manifest = isCurrent ? stored : await timings.measure('render', this.render(head));
    if (!manifest) {
      return processing(head, { forwarded: true });
    }
    const body = JSON.stringify(manifest.status === 'ready' ? await withUrls(manifest, toUrl) : manifest);
    const headers = {
      // Caches must revalidate the manifest before each use, because thumbnails can change at any time.
      'Cache-Control': 'no-cache',
      ETag: `"${createHash('sha256').update(body).digest('base64url')}"`,
    };
    if (isNotModified(requestHeaders, { etag: headers.ETag })) {
      return new Response(null, { status: 304, headers });
    }
    return new Response(body, { headers: { ...headers, 'Content-Type': 'application/json' } });
  }
}

function isEventPending({ lastModified }: ObjectHead): boolean {
  return Date.now() - lastModified.getTime() < EVENT_DELAY;
}

/** Returns the manifest with thumbnail URLs, with `srcset` attributes that contain the URLs, and with a `<picture>` element. */
async function withUrls(
  manifest: ReadyManifest,
  toUrl: ImageRequest['toUrl'],
): Promise<v.InferOutput<typeof readyImage>> {
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
  return { ...manifest, thumbnails, srcset, picture: pictureElement(srcset, thumbnails) };
}
