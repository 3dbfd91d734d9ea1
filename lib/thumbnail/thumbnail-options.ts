import type { ThumbnailFormat } from './thumbnail-format';

/** Methods of fitting an image into the box of a thumbnail. */
export enum ThumbnailFit {
  /** Scales the image to fit inside the box and keeps its aspect ratio. */
  INSIDE = 'inside',
  /** Scales the image to cover the box, and crops the parts outside of the box. */
  COVER = 'cover',
  /** Scales the image to fit inside the box, and fills the rest of the box with the background. */
  CONTAIN = 'contain',
}

/** Part of an image that a crop keeps. The focal point of a source takes precedence. */
export enum ThumbnailPosition {
  /** Center of the image. */
  CENTRE = 'centre',
  /** Region with the most salient features: skin tones, saturated colors and high contrast. */
  ATTENTION = 'attention',
}

/** Metadata that a thumbnail can contain. */
export enum ThumbnailMetadata {
  /** EXIF field `Copyright` of the source. */
  COPYRIGHT = 'copyright',
  /** EXIF field `Artist` of the source. */
  ARTIST = 'artist',
  /** EXIF field `ImageDescription` of the source. */
  DESCRIPTION = 'description',
  /** ICC profile of sRGB, the color space of every thumbnail. The profile of the source can differ. */
  ICC_PROFILE = 'icc',
}

/** Options that all thumbnails have. */
export interface ThumbnailOptions {
  /**
   * Formats of the stored thumbnail, without duplicates. Clients without a preference receive the first format.
   *
   * @default [ThumbnailFormat.webp()]
   */
  readonly formats?: ThumbnailFormat[];

  /**
   * Background color as `#rrggbb` or `#rrggbbaa`. The color fills the box around a contained image. In formats without an alpha
   * channel, the color replaces transparency.
   *
   * @default '#ffffff'
   */
  readonly background?: string;

  /**
   * Whether to enlarge images that are smaller than the box.
   *
   * @default false
   */
  readonly enlarge?: boolean;

  /**
   * Whether thumbnails of animated sources are animated. Requires WebP or GIF in `formats`.
   *
   * @default false
   */
  readonly animated?: boolean;

  /**
   * Metadata that the thumbnail contains, without duplicates. A thumbnail never contains other metadata, such as the GPS
   * position.
   *
   * The runtime reads EXIF texts from JPEG, PNG, WebP and AVIF sources. Each text has at most 1,000 bytes. The runtime converts
   * each text to ASCII. Thumbnails in GIF contain no metadata.
   *
   * @default - no metadata
   */
  readonly keepMetadata?: ThumbnailMetadata[];
}

/** Options of {@link Thumbnail.inside}. */
export interface ThumbnailInsideOptions extends ThumbnailOptions {
  /**
   * Height of the box in pixels, from 1 to 8,192.
   *
   * @default - the width
   */
  readonly height?: number;
}

/** Options of {@link Thumbnail.cover}. */
export interface ThumbnailCoverOptions extends ThumbnailOptions {
  /**
   * Part of the image that the crop keeps. The focal point of a source takes precedence.
   *
   * @default ThumbnailPosition.CENTRE
   */
  readonly position?: ThumbnailPosition;
}

/** Options of {@link Thumbnail.avatar}, {@link Thumbnail.card} and {@link Thumbnail.hero}. */
export interface ThumbnailPresetOptions extends ThumbnailOptions {
  /**
   * Name of the thumbnail in keys and URLs: 1 to 64 lower-case letters, digits and inner hyphens.
   *
   * @default - `avatar`, `card` or `hero`
   */
  readonly name?: string;
}

/** Options of {@link Thumbnail.responsiveSet}. */
export interface ThumbnailResponsiveOptions extends ThumbnailOptions {
  /**
   * Prefix of the names: `photo` creates `photo-320`, `photo-640` and so on.
   *
   * @default 'responsive'
   */
  readonly name?: string;

  /**
   * Widths in pixels, from 1 to 8,192, without duplicates.
   *
   * @default [320, 640, 960, 1280, 1920]
   */
  readonly widths?: number[];
}
