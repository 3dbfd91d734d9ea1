import type { ImageFormat } from '../../../../client/config';
import { imageUrl } from '../../../../client/urls';
import { timingsOf, type Timed } from '../shared/requests';

/** A stored thumbnail in the manifest of the HTTP API. */
export interface StoredThumbnail {
  readonly name: string;
  readonly format: ImageFormat;
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  readonly url: string;
}

interface CommonManifest {
  readonly source: {
    readonly key: string;
    readonly bytes: number;
    readonly etag: string;
    readonly focalPoint?: { readonly x: number; readonly y: number };
  };
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

/** Fields of the response to `GET /images/{key}` that the page uses. */
export type ApiManifest = CommonManifest &
  (
    | {
        readonly status: 'ready';
        readonly image: {
          readonly format: string;
          readonly width: number;
          readonly height: number;
          readonly frames: number;
          readonly hasAlpha: boolean;
        };
        readonly thumbHash: string;
        readonly dominantColor: string;
        readonly thumbnails: readonly StoredThumbnail[];
        readonly srcset: Readonly<Partial<Record<ImageFormat, string>>>;
        readonly picture: string;
      }
    | { readonly status: 'rejected'; readonly rejection: { readonly code: string; readonly message: string } }
  );

/** A manifest whose thumbnails exist. */
export type ReadyApiManifest = Extract<ApiManifest, { status: 'ready' }>;

/**
 * Returns the manifest of an image from the HTTP API. If thumbnails are missing, waits until the pipeline has created them.
 *
 * @throws Error if the image does not exist
 */
export async function fetchManifest(key: string, signal: AbortSignal): Promise<Timed<ApiManifest>> {
  const response = await fetch(imageUrl({ url: '' }, key), { headers: { Prefer: 'wait' }, signal });
  const body = (await response.json()) as ApiManifest & { readonly detail?: string };
  if (!response.ok) {
    throw new Error(body.detail ?? `HTTP status ${response.status}`);
  }
  return { body, timings: timingsOf(response.headers) };
}
