import type { Format } from '../contract';
import type { RejectionCode, SourceFormat } from '../engine';

/** One stored thumbnail, as the manifest lists it. */
export interface ManifestThumbnail {
  readonly name: string;
  readonly format: Format;
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
  readonly frames: number;
  /** Size in bytes. */
  readonly bytes: number;
  /** Where it lies in the thumbnail store. */
  readonly key: string;
}

interface ManifestBase {
  /** Version of this format. */
  readonly version: 1;
  readonly source: {
    readonly key: string;
    readonly etag: string;
    /** Size in bytes. */
    readonly bytes: number;
  };
  /** {@link ./fingerprint!fingerprint} of the source, its focal point and the settings that this set was made with. */
  readonly fingerprint: string;
}

/** A source whose thumbnails are all there. */
export interface ReadyManifest extends ManifestBase {
  readonly status: 'ready';
  readonly image: {
    readonly format: SourceFormat;
    /** As it is seen, in pixels. */
    readonly width: number;
    readonly height: number;
    readonly frames: number;
    readonly hasAlpha: boolean;
  };
  /** ThumbHash placeholder, base64. */
  readonly thumbHash: string;
  /** `#rrggbb`. */
  readonly dominantColor: string;
  readonly thumbnails: readonly ManifestThumbnail[];
  /** A ready `srcset` value per format; URLs are the keys, percent-encoded, from the root of the thumbnail store. */
  readonly srcset: Readonly<Partial<Record<Format, string>>>;
}

/** A source that was refused for good. */
export interface FailedManifest extends ManifestBase {
  readonly status: 'failed';
  readonly rejection: { readonly code: RejectionCode; readonly message: string };
}

/** What stands in `manifest.json`: the word on one source's thumbnails, written after all of them. */
export type Manifest = ReadyManifest | FailedManifest;
