/** Output formats of thumbnails. */
export const FORMATS = ['jpeg', 'png', 'webp', 'avif', 'gif'] as const;
/** One of {@link FORMATS}. */
export type Format = (typeof FORMATS)[number];

/**
 * Ways to fit an image into the box of a thumbnail.
 *
 * - `inside` keeps the whole image and its aspect ratio.
 * - `cover` fills the box and crops the image.
 * - `contain` keeps the whole image and fills the rest of the box with the background colour.
 */
export const FITS = ['inside', 'cover', 'contain'] as const;
/** One of {@link FITS}. */
export type Fit = (typeof FITS)[number];

/** Regions that `cover` can keep if the source has no focal point: the centre, or the region that attracts attention. */
export const POSITIONS = ['centre', 'attention'] as const;
/** One of {@link POSITIONS}. */
export type Position = (typeof POSITIONS)[number];

/** EXIF texts that a thumbnail can keep. */
export const METADATA_TEXTS = ['copyright', 'artist', 'description'] as const;
/** One of {@link METADATA_TEXTS}. */
export type MetadataText = (typeof METADATA_TEXTS)[number];
/** Metadata that a thumbnail can contain: EXIF texts of the source, and the sRGB profile of the thumbnail. */
export const METADATA = [...METADATA_TEXTS, 'icc'] as const;
/** One of {@link METADATA}. */
export type ThumbnailMetadataField = (typeof METADATA)[number];

/** Encoding of one format of a thumbnail. */
export interface FormatSettings {
  readonly type: Format;
  /** Quality from 1 to 100. `gif` does not support quality. Default: {@link DEFAULT_QUALITY}. */
  readonly quality?: number;
  /** CPU effort on the scale of the encoder: {@link EFFORTS}. `jpeg` does not support an effort. */
  readonly effort?: number;
  /** Whether the encoder preserves every pixel value. Only `webp` and `avif` support lossless encoding. Default: false. */
  readonly lossless?: boolean;
}

/** Settings of one thumbnail. The runtime renders this thumbnail for every source. */
export interface ThumbnailSettings {
  /** Name of the thumbnail in keys and URLs. The name matches {@link NAME_PATTERN}. */
  readonly name: string;
  readonly fit: Fit;
  /** Width of the box in pixels, from 1 to {@link MAX_SIDE}. */
  readonly width: number;
  /** Height of the box in pixels, from 1 to {@link MAX_SIDE}. */
  readonly height: number;
  /** One or more distinct formats. Clients without a preferred format receive the first format. */
  readonly formats: readonly FormatSettings[];
  /** Region that `cover` keeps. Other fits ignore the position. Default: `centre`. */
  readonly position?: Position;
  /**
   * Background colour as `#rrggbb` or `#rrggbbaa`. The colour fills the free part of a `contain` box. In formats without an
   * alpha channel, the colour replaces transparency. Default: {@link DEFAULT_BACKGROUND}.
   */
  readonly background?: string;
  /** Whether the runtime enlarges images that are smaller than the box. Default: false. */
  readonly enlarge?: boolean;
  /** Whether thumbnails of animated sources are animated. Only `gif` and `webp` support animations. Default: false. */
  readonly animated?: boolean;
  /** Distinct fields of metadata that the thumbnail contains. `gif` supports no metadata. Default: no metadata. */
  readonly keepMetadata?: readonly ThumbnailMetadataField[];
}

/** Pattern of thumbnail names. Names are parts of keys and URLs. */
export const NAME_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
/** Names that a thumbnail must not have, because other files in the thumbnail set have these names. */
export const RESERVED_NAMES: readonly string[] = ['manifest'];
/** Maximum width and height of a thumbnail in pixels. */
export const MAX_SIDE = 8192;
/** Maximum number of thumbnails per source. */
export const MAX_THUMBNAILS = 50;
/** Pattern of colours: `#rrggbb` or `#rrggbbaa`. */
export const COLOR_PATTERN = /^#(?:[0-9a-f]{6}|[0-9a-f]{8})$/i;

/**
 * Default quality per format, from 1 to 100. WebP and AVIF with these values have the visual quality of a JPEG with quality 80.
 * See docs/explanation/performance.md.
 */
export const DEFAULT_QUALITY: Readonly<Record<Exclude<Format, 'gif'>, number>> = {
  jpeg: 80,
  png: 100,
  webp: 80,
  avif: 63,
};
/** Range and default of `effort` per format. Each encoder of sharp has its own scale. */
export const EFFORTS: Readonly<
  Record<Exclude<Format, 'jpeg'>, { readonly min: number; readonly max: number; readonly default: number }>
> = {
  png: { min: 1, max: 10, default: 7 },
  webp: { min: 0, max: 6, default: 4 },
  avif: { min: 0, max: 9, default: 2 },
  gif: { min: 1, max: 10, default: 7 },
};
/** Default background: white. */
export const DEFAULT_BACKGROUND = '#ffffff';
/** Default `Cache-Control` header: responses are fresh for one day. Caches may use stale responses for one more week. */
export const DEFAULT_CACHE_CONTROL = 'public, max-age=86400, stale-while-revalidate=604800';
/** Default thumbnails: `small` for lists, `square` for tiles and `large` for full-screen views. */
export const DEFAULT_THUMBNAILS: readonly ThumbnailSettings[] = [
  { name: 'small', fit: 'inside', width: 200, height: 200, formats: [{ type: 'webp' }] },
  { name: 'square', fit: 'cover', width: 320, height: 320, formats: [{ type: 'webp' }] },
  { name: 'large', fit: 'inside', width: 1600, height: 1600, formats: [{ type: 'webp' }] },
];

/**
 * Version of the engine's output. With a higher version, all stored thumbnail sets are outdated. Increase the version when a
 * change of the engine results in different thumbnails.
 */
export const RENDER_VERSION = 1;
