import type { Format } from '../../contract';
import type { FocalPoint, RejectionCode, SourceFormat } from '../../engine';

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
  /** ETag that the thumbnail store gave it: another one there now means that it was written over since. */
  readonly etag: string;
}

/** The source that a set was made of. */
export interface ManifestSource {
  readonly key: string;
  readonly etag: string;
  /** Size in bytes. */
  readonly bytes: number;
  /** The focal point that its metadata names. */
  readonly focalPoint?: FocalPoint;
  /** Metadata of the source that was not used, and why, for people. */
  readonly warnings?: readonly string[];
}

interface ManifestBase {
  /** Version of this format. */
  readonly version: 1;
  readonly source: ManifestSource;
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
    /** What is wrong with the source, of which thumbnails could be made all the same, for people. Absent when nothing is. */
    readonly salvaged?: string;
  };
  /** ThumbHash placeholder, base64. */
  readonly thumbHash: string;
  /** `#rrggbb`. */
  readonly dominantColor: string;
  readonly thumbnails: readonly ManifestThumbnail[];
  /**
   * A ready `srcset` value per format; URLs are the keys, percent-encoded, from the root of the thumbnail store. It holds
   * thumbnails of one proportion only, since a browser chooses by width alone: the source's, or else the first one's.
   */
  readonly srcset: Readonly<Partial<Record<Format, string>>>;
}

/** A source that was refused for good. */
export interface RejectedManifest extends ManifestBase {
  readonly status: 'rejected';
  readonly rejection: { readonly code: RejectionCode; readonly message: string };
}

/** What stands in `manifest.json`: the word on one source's thumbnails, written after all of them. */
export type Manifest = ReadyManifest | RejectedManifest;
