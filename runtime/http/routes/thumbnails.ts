import type { Format, ThumbnailSettings } from '../../contract';
import type { ErrorCode } from '../../errors/error-codes';
import type { ReadyManifest } from '../../pipeline';
import type { ObjectHead, StoredObject } from '../../storage';
import { thumbnailUrl, versionOf } from '../api-urls';
import type { HttpApiOptions } from '../http-api-options';
import { chooseFormat } from '../negotiation/choose-format';
import { evaluateConditions } from '../negotiation/conditional';
import { contentDisposition } from '../negotiation/disposition';
import { Problem } from '../problems/problem';
import type { Timings } from '../timings';
import { processing } from './processing';
import { imageNotFound, throwIfNotServed, throwIfRejected, type RenderOnce } from './render-once';

/** `Cache-Control` header of responses to versioned URLs. The bytes of a versioned URL never change. */
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** Error codes for which the API returns the fallback image. Errors with other codes are temporary or depend on the request. */
const FALLBACK_CODES: ReadonlySet<ErrorCode> = new Set([
  'access-denied',
  'archived',
  'not-scanned',
  'infected',
  'scan-unsupported',
  'scan-denied',
  'scan-failed',
  'moderated',
  'analysis-failed',
  'image-not-found',
  'key-not-served',
  'file-too-large',
  'too-many-pixels',
  'too-many-frames',
  'unsupported-format',
  'empty-file',
  'truncated',
  'corrupt',
]);

/** A request for a thumbnail. */
export interface ThumbnailRequest {
  readonly method: string;
  readonly headers: Headers;
  /** Name of the thumbnail. */
  readonly name: string;
  /** Key of the source. */
  readonly key: string;
  /** Format that the client requests explicitly. If undefined, the `Accept` header determines the format. */
  readonly format: string | undefined;
  /** Version in the URL, as from {@link versionOf}. Undefined for a URL without a version. */
  readonly version: string | undefined;
  readonly timings: Timings;
}

/** Responds to requests for thumbnails. */
export class Thumbnails {
  public constructor(
    private readonly options: HttpApiOptions,
    private readonly render: RenderOnce,
  ) {}

  /**
   * Responds with a stored thumbnail. If the thumbnail is missing, the method first renders the thumbnail set of the image. If
   * a larger worker must render the image, the method responds with 202.
   *
   * @throws Problem if the request is invalid
   * @throws Problem if the image is missing or rejected
   * @throws ImageRejection if rendering fails temporarily
   * @throws ObjectStoreError if an object store fails
   */
  public async respond(request: ThumbnailRequest): Promise<Response> {
    const { name, key, headers: requestHeaders } = request;
    const { format, varies } = this.formatOf(request);
    throwIfNotServed(this.options.pipeline, key);
    const thumbnail = await this.read(request, format);
    if (thumbnail instanceof Response) {
      return thumbnail;
    }
    const isVersioned = request.version === versionOf(thumbnail.etag);
    const vary: Record<string, string> = varies ? { Vary: 'Accept' } : {};
    const headers = {
      ...vary,
      'Cache-Control': this.cacheControl(isVersioned),
      ETag: `"${thumbnail.etag}"`,
      'Last-Modified': thumbnail.lastModified.toUTCString(),
    };
    switch (evaluateConditions(requestHeaders, { etag: headers.ETag, lastModified: thumbnail.lastModified })) {
      case 'failed':
        throw new Problem('precondition-failed', `The current ETag of the thumbnail is ${headers.ETag}.`);
      case 'not-modified':
        return new Response(null, { status: 304, headers });
      case 'proceed':
    }
    const { redirect } = this.options;
    if (redirect && request.method !== 'HEAD' && !this.fits(thumbnail)) {
      const url = thumbnailUrl(name, key, { format, version: versionOf(thumbnail.etag) });
      const location = await redirect({
        thumbnail,
        url,
        isRequestedUrl: isVersioned && request.format === format,
      });
      // The redirect URL can expire.
      return new Response(null, { status: 302, headers: { ...vary, Location: location, 'Cache-Control': 'no-store' } });
    }
    return new Response(thumbnail.body, { headers: { ...headers, ...contentHeaders(request, format, thumbnail) } });
  }

  /**
   * Responds with the thumbnail of the fallback image and with the status code of a problem.
   *
   * Returns undefined if no fallback image is configured, if its thumbnail is not available, or if the code of the problem is
   * not in {@link FALLBACK_CODES}.
   */
  public async fallback(request: ThumbnailRequest, problem: Problem): Promise<Response | undefined> {
    const { fallbackImage } = this.options;
    if (fallbackImage === undefined || !FALLBACK_CODES.has(problem.code)) {
      return undefined;
    }
    const replacement = { ...request, key: fallbackImage };
    try {
      const { format, varies } = this.formatOf(replacement);
      const thumbnail = await this.read(replacement, format);
      return thumbnail instanceof Response || !this.fits(thumbnail)
        ? undefined
        : new Response(thumbnail.body, {
            status: problem.status,
            headers: {
              ...(varies && { Vary: 'Accept' }),
              // Caches must not store the fallback image, because the requested image can become available at any time.
              'Cache-Control': 'no-store',
              'Problem-Code': problem.code,
              ...contentHeaders(replacement, format, thumbnail),
            },
          });
    } catch {
      // The client receives the problem of the requested image instead of this error of the fallback image.
      return undefined;
    }
  }

  private formatOf({ name, key, format, headers }: ThumbnailRequest): ReturnType<typeof chooseFormat> {
    return chooseFormat(this.settingsOf(name, key), { format, accept: headers.get('Accept') });
  }

  private settingsOf(name: string, key: string): ThumbnailSettings {
    const { thumbnails } = this.options.pipeline.settingsOf(key);
    const settings = thumbnails.find((thumbnail) => thumbnail.name === name);
    if (!settings) {
      const names = thumbnails.map((thumbnail) => thumbnail.name).join(', ');
      throw new Problem('unknown-thumbnail', `Received thumbnail ${JSON.stringify(name)}; thumbnails: ${names}.`);
    }
    return settings;
  }

  /** Returns a stored thumbnail, or the response with status 202 for an image that a larger worker renders. */
  private async read({ name, key, timings }: ThumbnailRequest, format: Format): Promise<StoredObject | Response> {
    const { pipeline } = this.options;
    const stored = await timings.measure('store', pipeline.thumbnail(key, name, format));
    if (stored) {
      return stored;
    }
    const manifest = await timings.measure('render', this.manifestOf(key));
    if (manifest instanceof Response) {
      return manifest;
    }
    const rendered = await timings.measure('store', pipeline.thumbnail(key, name, format, manifest.source.etag));
    if (!rendered) {
      throw new Problem('source-changed', 'The image was replaced while its thumbnails were rendered.');
    }
    return rendered;
  }

  /**
   * Renders the thumbnail set of a source. The method first checks for missing and rejected sources, so that requests for
   * missing or rejected sources never wait in the render queue.
   */
  private async manifestOf(key: string): Promise<ReadyManifest | Response> {
    const { pipeline, source } = this.options;
    const [manifest, found] = await Promise.all([pipeline.manifest(key), source.version(key)]);
    if (!found) {
      throw imageNotFound(key);
    }
    if (manifest && pipeline.isCurrent(manifest, found.etag === undefined ? await this.headOf(key) : found)) {
      throwIfRejected(manifest);
    }
    const rendered = await this.render({ key, version: found.version });
    if (!rendered) {
      return processing(await this.headOf(key), { forwarded: true });
    }
    throwIfRejected(rendered);
    return rendered;
  }

  private async headOf(key: string): Promise<ObjectHead> {
    const head = await this.options.source.head(key);
    if (!head) {
      throw imageNotFound(key);
    }
    return head;
  }

  /** Returns the `Cache-Control` header. If only some users have access to an image, shared caches must not store responses. */
  private cacheControl(isVersioned: boolean): string {
    const value = isVersioned ? IMMUTABLE : this.options.cacheControl;
    const isUnchanged = !(this.options.readLinks || this.options.readScope) || /\b(?:private|no-store)\b/i.test(value);
    return isUnchanged ? value : `private, ${value.replace(/\bpublic\b *,? */i, '')}`.replace(/, $/, '');
  }

  /**
   * Returns whether a response can contain a thumbnail. Without the option `redirect`, a response can contain any thumbnail.
   */
  private fits({ bytes }: StoredObject): boolean {
    const { redirect, maxResponseBytes = Infinity } = this.options;
    return !redirect || bytes <= maxResponseBytes;
  }
}

function contentHeaders(
  { key, name }: ThumbnailRequest,
  format: Format,
  thumbnail: StoredObject,
): Record<string, string> {
  return {
    'Content-Type': thumbnail.contentType ?? `image/${format}`,
    'Content-Length': String(thumbnail.bytes),
    'Content-Disposition': contentDisposition(key, name, format),
  };
}
