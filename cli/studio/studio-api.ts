// Types of the JSON responses of the studio server. This module contains only types, because the page must not include server
// code.
import type { FormatSettings, ThumbnailSettings } from '../../runtime/contract';

/** Path prefix of the studio's own routes. The routes of the HTTP API have no prefix, like the routes of a deployment. */
export const STUDIO_PATH = '/studio';

/** State of an image in the studio: `pending` until its thumbnails are current. */
export type ImageStatus = 'ready' | 'rejected' | 'pending';

/** An image in the list. */
export interface ImageSummary {
  readonly key: string;
  readonly status: ImageStatus;
  /** Size of the source in bytes. */
  readonly bytes: number;
  /** ETag of the source. */
  readonly etag: string;
  readonly image?: { readonly format: string; readonly width: number; readonly height: number };
  /** ThumbHash of the image in Base64. */
  readonly thumbHash?: string;
  /** Smallest thumbnail that is wide enough for a card of the list. */
  readonly preview?: { readonly url: string; readonly width: number; readonly height: number };
  /** Total size of all thumbnails in bytes. */
  readonly thumbnailBytes?: number;
  readonly warnings?: number;
  readonly rejection?: Rejection;
}

/** Reason of a rejection. */
export interface Rejection {
  readonly code: string;
  readonly message: string;
}

/** Response of `GET /studio/images`. */
export interface ImagePage {
  /** Number of images for each status. */
  readonly counts: Readonly<Record<ImageStatus, number>>;
  /** Number of images that match the search text and the status. */
  readonly matching: number;
  readonly images: readonly ImageSummary[];
}

/** Events of `GET /studio/events`. */
export type StudioEvent =
  | { readonly type: 'changed'; readonly key: string; readonly milliseconds?: number }
  | { readonly type: 'deleted'; readonly key: string }
  | { readonly type: 'failed'; readonly key: string; readonly message: string };

/** Response of `GET /studio/settings`. */
export interface StudioSettings {
  readonly version: string;
  /** Origin of the settings: stack, file or cloud assembly. */
  readonly origin: string;
  readonly thumbnails: readonly ThumbnailSettings[];
  readonly sourcePrefix: string;
  readonly maxFileSizeBytes: number;
  /** Whether the page can use the routes of the HTTP API without signed links. */
  readonly isOpen: boolean;
  /** Initial values of the cost estimate, taken from the template. */
  readonly estimate: {
    readonly region?: string;
    readonly compute?: string;
    readonly api?: string;
    readonly cloudFront?: boolean;
  };
}

/** Body of `POST /studio/designs`. */
export interface DesignRequest {
  readonly key: string;
  readonly thumbnails: readonly ThumbnailSettings[];
  /** The only file to render. @default - all files */
  readonly only?: { readonly name: string; readonly format: FormatSettings['type'] } | undefined;
}

/** A thumbnail of a design in one format. */
export interface DesignedFile {
  readonly name: string;
  readonly format: FormatSettings['type'];
  readonly width: number;
  readonly height: number;
  readonly bytes: number;
  /** Structural dissimilarity (DSSIM) between the file and a lossless version of the thumbnail, from 0 to 1. */
  readonly dssim: number;
  readonly url: string;
  /** URL of a lossless version of the thumbnail. */
  readonly referenceUrl: string;
}

/** Response of `POST /studio/designs`. */
export interface Design {
  readonly files: readonly DesignedFile[];
}
