/** Output formats of thumbnails. */
export const FORMATS = ['jpeg', 'png', 'webp', 'avif', 'gif'] as const;
/** One of {@link FORMATS}. */
export type Format = (typeof FORMATS)[number];

/**
 * Ways to fit an image into the box. `inside` keeps the whole image and its aspect ratio. `cover` fills the box and
 * crops the image. `contain` keeps the whole image and fills the rest of the box with the background.
 */
export const FITS = ['inside', 'cover', 'contain'] as const;
/** One of {@link FITS}. */
export type Fit = (typeof FITS)[number];

/** Region that `cover` keeps if the source has no focal point: the centre, or the region that attracts attention. */
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
  /** Quality from 1 to 100. Not supported by `gif`. Default: {@link DEFAULT_QUALITY}. */
  readonly quality?: number;
  /** CPU effort on the scale of the encoder: {@link EFFORTS}. Not supported by `jpeg`. */
  readonly effort?: number;
  /** Preserves every pixel value. Supported only by `webp` and `avif`. Default: false. */
  readonly lossless?: boolean;
}

/** One thumbnail that is rendered for every source. */
export interface ThumbnailSettings {
  /** Name in keys and URLs: {@link NAME_PATTERN}. */
  readonly name: string;
  readonly fit: Fit;
  /** Width of the box in pixels, 1 to {@link MAX_SIDE}. */
  readonly width: number;
  /** Height of the box in pixels, 1 to {@link MAX_SIDE}. */
  readonly height: number;
  /** One or more distinct formats. The first is served to clients without a preference. */
  readonly formats: readonly FormatSettings[];
  /** For `cover` only. Default: `centre`. */
  readonly position?: Position;
  /**
   * Background as `#rrggbb` or `#rrggbbaa`. The colour fills a `contain` box. In formats without an alpha channel, the colour
   * replaces transparency. Default: {@link DEFAULT_BACKGROUND}.
   */
  readonly background?: string;
  /** Enlarges images that are smaller than the box. Default: false. */
  readonly enlarge?: boolean;
  /** Keeps the animation of animated sources. Supported only by `gif` and `webp`. Default: false. */
  readonly animated?: boolean;
  /** Metadata in the thumbnail, without duplicates. Not supported by `gif`. Default: none. */
  readonly keepMetadata?: readonly ThumbnailMetadataField[];
}

/** Pattern of thumbnail names, which are parts of keys and URLs. */
export const NAME_PATTERN = /^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/;
/** Reserved thumbnail names. The file name of the manifest is `manifest`. */
export const RESERVED_NAMES: readonly string[] = ['manifest'];
/** Maximum width and height of a thumbnail in pixels. */
export const MAX_SIDE = 8192;
/** Maximum number of thumbnails per source. */
export const MAX_THUMBNAILS = 50;
/** `#rrggbb` or `#rrggbbaa`. */
export const COLOR_PATTERN = /^#(?:[0-9a-f]{6}|[0-9a-f]{8})$/i;

/**
 * Default quality per format. The values for WebP and AVIF result in the visual quality of a JPEG with quality 80: see
 * docs/explanation/performance.md.
 */
export const DEFAULT_QUALITY: Readonly<Record<Exclude<Format, 'gif'>, number>> = {
  jpeg: 80,
  png: 100,
  webp: 80,
  avif: 63,
};
/** Range and default of `effort` per format, in the scale of sharp's encoders. */
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
/** Default `Cache-Control`: fresh for a day, then served stale for a week during revalidation. */
export const DEFAULT_CACHE_CONTROL = 'public, max-age=86400, stale-while-revalidate=604800';
/** Default thumbnails, for lists, tiles and full-screen views. */
export const DEFAULT_THUMBNAILS: readonly ThumbnailSettings[] = [
  { name: 'small', fit: 'inside', width: 200, height: 200, formats: [{ type: 'webp' }] },
  { name: 'square', fit: 'cover', width: 320, height: 320, formats: [{ type: 'webp' }] },
  { name: 'large', fit: 'inside', width: 1600, height: 1600, formats: [{ type: 'webp' }] },
];

/**
 * Version of the engine's output. A higher value makes all thumbnail sets outdated. Raise the version when a change of the
 * engine results in different thumbnails.
 */
export const RENDER_VERSION = 1;
