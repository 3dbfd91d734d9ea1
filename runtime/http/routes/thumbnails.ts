import type { Format, ThumbnailSettings } from '../../contract';
import type { ErrorCode } from '../../errors/error-codes';
import type { StoredObject } from '../../storage';
import type { HttpApiOptions } from '../http-api-options';
import { queryValue, thumbnailUrl, versionOf } from '../keys';
import { chooseFormat } from '../negotiation/choose-format';
import { evaluateConditions } from '../negotiation/conditional';
import { contentDisposition } from '../negotiation/disposition';
import { Problem } from '../problems/problem';
import type { Timings } from '../timings';
import { throwIfRejected, throwIfNotServed, type RenderOnce } from './render-once';

/** Kept for good: what a versioned URL names never changes. */
const IMMUTABLE = 'public, max-age=31536000, immutable';
/** Problems of an image, in place of which the fallback image can be shown; all others pass, or are the caller's. */
const SHOWN_AS_FALLBACK: ReadonlySet<ErrorCode> = new Set([
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

/** What is asked for. */
export interface ThumbnailRequest {
  readonly request: Request;
  readonly name: string;
  /** Of the source. */
  readonly key: string;
  readonly timings: Timings;
}

/** Answers requests for thumbnails. */
export class Thumbnails {
  public constructor(
    private readonly options: HttpApiOptions,
    private readonly make: RenderOnce,
  ) {}

  /**
   * A thumbnail of an image: the stored one, or else the whole set is made, stored and then answered from.
   *
   * @throws Problem, ImageRejection, StoreError: anything that {@link problemOf} knows
   */
  public async answer(asked: ThumbnailRequest): Promise<Response> {
    const { request, name, key } = asked;
    const settings = this.settingsOf(name);
    const { format, varies } = chooseFormat(settings, request);
    throwIfNotServed(this.options.pipeline, key);
    const thumbnail = await this.read(asked, format);

    const version = queryValue(request.url, 'v');
    const isVersioned = version === versionOf(thumbnail.etag);
    const vary: Record<string, string> = varies ? { Vary: 'Accept' } : {};
    const headers = {
      ...vary,
      'Cache-Control': this.cacheControl(isVersioned),
      ETag: `"${thumbnail.etag}"`,
      'Last-Modified': thumbnail.lastModified.toUTCString(),
    };
    switch (evaluateConditions(request.headers, { etag: headers.ETag, lastModified: thumbnail.lastModified })) {
      case 'failed':
        throw new Problem('precondition-failed', `the ETag of the thumbnail is ${headers.ETag}`);
      case 'not-modified':
        return new Response(null, { status: 304, headers });
      case 'proceed':
    }
    const { redirect } = this.options;
    if (redirect && request.method !== 'HEAD' && !this.fits(thumbnail)) {
      const url = thumbnailUrl(name, key, { format, version: versionOf(thumbnail.etag) });
      const isAskedFor = isVersioned && queryValue(request.url, 'format') === format;
      const location = await redirect({ thumbnail, url, isAskedFor });
      // Whoever keeps the address does not keep it for long.
      return new Response(null, { status: 302, headers: { ...vary, Location: location, 'Cache-Control': 'no-store' } });
    }
    return new Response(thumbnail.body, { headers: { ...headers, ...bodyHeaders(asked, format, thumbnail) } });
  }

  /**
   * The fallback image's thumbnail in place of one that there is not, with the status of the problem.
   *
   * @returns undefined where there is none, or it cannot be had either
   */
  public async fallback(asked: ThumbnailRequest, problem: Problem): Promise<Response | undefined> {
    const { fallbackImage } = this.options;
    if (fallbackImage === undefined || !SHOWN_AS_FALLBACK.has(problem.code)) {
      return undefined;
    }
    const instead = { ...asked, key: fallbackImage };
    try {
      const { format, varies } = chooseFormat(this.settingsOf(asked.name), asked.request);
      const thumbnail = await this.read(instead, format);
      return !this.fits(thumbnail)
        ? undefined
        : new Response(thumbnail.body, {
            status: problem.status,
            headers: {
              ...(varies && { Vary: 'Accept' }),
              // The image may be there a second later.
              'Cache-Control': 'no-store',
              'Problem-Code': problem.code,
              ...bodyHeaders(instead, format, thumbnail),
            },
          });
    } catch {
      // The problem that is told is the one of the image that was asked for.
      return undefined;
    }
  }

  private settingsOf(name: string): ThumbnailSettings {
    const { thumbnails } = this.options;
    const settings = thumbnails.find((thumbnail) => thumbnail.name === name);
    if (!settings) {
      const names = thumbnails.map((thumbnail) => thumbnail.name).join(', ');
      throw new Problem('unknown-thumbnail', `there is no thumbnail ${name}; there are ${names}`);
    }
    return settings;
  }

  private async read({ name, key, timings }: ThumbnailRequest, format: Format): Promise<StoredObject> {
    const stored = (): Promise<StoredObject | undefined> =>
      timings.measure('store', this.options.pipeline.thumbnail(key, name, format));
    let thumbnail = await stored();
    if (!thumbnail) {
      throwIfRejected(await timings.measure('make', this.make(key)));
      thumbnail = await stored();
    }
    if (!thumbnail) {
      throw new Problem('source-changed', `${key} changed while its thumbnails were made`);
    }
    return thumbnail;
  }

  /** What a signed link gives is for whoever has the link, and not for the caches of others. */
  private cacheControl(isVersioned: boolean): string {
    const value = isVersioned ? IMMUTABLE : this.options.cacheControl;
    const isOwn = !this.options.readLinks || /\b(?:private|no-store)\b/i.test(value);
    return isOwn ? value : `private, ${value.replace(/\bpublic\b *,? */i, '')}`.replace(/, $/, '');
  }

  /** Whether a thumbnail can be answered with. Where it is nowhere else to be had, the whole of it is the best answer. */
  private fits({ bytes }: StoredObject): boolean {
    const { redirect, maxResponseBytes = Infinity } = this.options;
    return !redirect || bytes <= maxResponseBytes;
  }
}

function bodyHeaders({ key, name }: ThumbnailRequest, format: Format, thumbnail: StoredObject): Record<string, string> {
  return {
    'Content-Type': thumbnail.contentType ?? `image/${format}`,
    'Content-Length': String(thumbnail.bytes),
    'Content-Disposition': contentDisposition(key, name, format),
  };
}
