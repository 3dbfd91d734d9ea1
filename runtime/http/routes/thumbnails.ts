import type { Format, ThumbnailSettings } from '../../contract';
import type { ErrorCode } from '../../errors/error-codes';
import type { StoredObject } from '../../storage';
import { thumbnailUrl, versionOf } from '../api-urls';
import type { HttpApiOptions } from '../http-api-options';
import { chooseFormat } from '../negotiation/choose-format';
import { evaluateConditions } from '../negotiation/conditional';
import { contentDisposition } from '../negotiation/disposition';
import { Problem } from '../problems/problem';
import type { Timings } from '../timings';
import { throwIfNotServed, throwIfRejected, type RenderOnce } from './render-once';

/** `Cache-Control` of versioned URLs, whose bytes never change. */
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** Errors of an image that the fallback image replaces. Other errors are temporary or caused by the request. */
const FALLBACK_CODES: ReadonlySet<ErrorCode> = new Set([
  'access-denied',
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
  /** Requested format. @default - negotiated by the `Accept` header */
  readonly format: string | undefined;
  /** Version in the URL, see {@link versionOf}. @default - no version */
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
   * Responds with a stored thumbnail. If it is missing, renders and stores the thumbnail set of the image first.
   *
   * @throws Problem if the request is invalid or the image is missing or rejected
   * @throws ImageRejection if rendering fails temporarily
   * @throws ObjectStoreError if an object store fails
   */
  public async respond(request: ThumbnailRequest): Promise<Response> {
    const { name, key, headers: requestHeaders } = request;
    const { format, varies } = this.formatOf(request);
    throwIfNotServed(this.options.pipeline, key);
    const thumbnail = await this.read(request, format);

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
      // The location can expire.
      return new Response(null, { status: 302, headers: { ...vary, Location: location, 'Cache-Control': 'no-store' } });
    }
    return new Response(thumbnail.body, { headers: { ...headers, ...contentHeaders(request, format, thumbnail) } });
  }

  /**
   * Responds with the fallback image's thumbnail and the status of a problem.
   *
   * @returns undefined if the problem or the configuration allows no fallback, or if the fallback image fails too
   */
  public async fallback(request: ThumbnailRequest, problem: Problem): Promise<Response | undefined> {
    const { fallbackImage } = this.options;
    if (fallbackImage === undefined || !FALLBACK_CODES.has(problem.code)) {
      return undefined;
    }
    const replacement = { ...request, key: fallbackImage };
    try {
      const { format, varies } = this.formatOf(request);
      const thumbnail = await this.read(replacement, format);
      return !this.fits(thumbnail)
        ? undefined
        : new Response(thumbnail.body, {
            status: problem.status,
            headers: {
              ...(varies && { Vary: 'Accept' }),
              // The image can become available at any time.
              'Cache-Control': 'no-store',
              'Problem-Code': problem.code,
              ...contentHeaders(replacement, format, thumbnail),
            },
          });
    } catch {
      // The response reports the problem of the requested image, not of the fallback image.
      return undefined;
    }
  }

  private formatOf({ name, format, headers }: ThumbnailRequest): ReturnType<typeof chooseFormat> {
    return chooseFormat(this.settingsOf(name), { format, accept: headers.get('Accept') });
  }

  private settingsOf(name: string): ThumbnailSettings {
    const { thumbnails } = this.options;
    const settings = thumbnails.find((thumbnail) => thumbnail.name === name);
    if (!settings) {
      const names = thumbnails.map((thumbnail) => thumbnail.name).join(', ');
      throw new Problem('unknown-thumbnail', `Received thumbnail ${JSON.stringify(name)}; thumbnails: ${names}.`);
    }
    return settings;
  }

  private async read({ name, key, timings }: ThumbnailRequest, format: Format): Promise<StoredObject> {
    const stored = (): Promise<StoredObject | undefined> =>
      timings.measure('store', this.options.pipeline.thumbnail(key, name, format));
    let thumbnail = await stored();
    if (!thumbnail) {
      throwIfRejected(await timings.measure('render', this.render(key)));
      thumbnail = await stored();
    }
    if (!thumbnail) {
      throw new Problem('source-changed', 'The image was replaced while its thumbnails were rendered.');
    }
    return thumbnail;
  }

  /** Shared caches must not store responses to signed links, because only the holder of the link has access. */
  private cacheControl(isVersioned: boolean): string {
    const value = isVersioned ? IMMUTABLE : this.options.cacheControl;
    const isUnchanged = !this.options.readLinks || /\b(?:private|no-store)\b/i.test(value);
    return isUnchanged ? value : `private, ${value.replace(/\bpublic\b *,? */i, '')}`.replace(/, $/, '');
  }

  /** Returns whether a response can contain the thumbnail. Without a redirect target, every thumbnail is sent in full. */
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
