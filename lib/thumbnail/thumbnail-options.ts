import type { ThumbnailFormat } from './thumbnail-format';

/** Ways to bring a picture into its box. */
export enum ThumbnailFit {
  /** All of the picture is kept, with its proportions. */
  INSIDE = 'inside',
  /** The box is filled and what stands over is cropped. */
  COVER = 'cover',
  /** All of the picture is kept and the rest of the box is filled with the background. */
  CONTAIN = 'contain',
}

/** Which part of a picture a crop keeps when its source names no focal point. */
export enum ThumbnailPosition {
  /** The middle. */
  CENTRE = 'centre',
  /** The part that draws the eye: skin tones, saturated colours, contrast. */
  ATTENTION = 'attention',
}

/** What every thumbnail can be given. */
export interface ThumbnailOptions {
  /**
   * Formats that it is stored in, no format twice. The first is served to clients that prefer none.
   *
   * @default [ThumbnailFormat.webp()]
   */
  readonly formats?: ThumbnailFormat[];

  /**
   * `#rrggbb` or `#rrggbbaa`: what fills the box beside a contained picture, and what shows through a transparent one
   * in a format that has no transparency.
   *
   * @default #ffffff
   */
  readonly background?: string;

  /**
   * Make small pictures larger to reach the box.
   *
   * @default false
   */
  readonly enlarge?: boolean;

  /**
   * Keep the movement of moving sources. Needs WebP or GIF among the formats.
   *
   * @default false
   */
  readonly animated?: boolean;
}

/** Options of {@link Thumbnail.inside}. */
export interface InsideThumbnailOptions extends ThumbnailOptions {
  /**
   * Height of the box in pixels, 1 to 8192.
   *
   * @default - the width: the box is square
   */
  readonly height?: number;
}

/** Options of {@link Thumbnail.cover}. */
export interface CoverThumbnailOptions extends ThumbnailOptions {
  /**
   * Which part of the picture is kept when its source names no focal point.
   *
   * @default ThumbnailPosition.CENTRE
   */
  readonly position?: ThumbnailPosition;
}

/** Options of {@link Thumbnail.avatar}, {@link Thumbnail.card} and {@link Thumbnail.hero}. */
export interface ThumbnailPresetOptions extends ThumbnailOptions {
  /**
   * Its name in keys and URLs: 1 to 64 lower-case letters, digits and inner hyphens.
   *
   * @default - what the preset is called
   */
  readonly name?: string;
}

/** Options of {@link Thumbnail.responsiveSet}. */
export interface ResponsiveThumbnailOptions extends ThumbnailOptions {
  /**
   * What the names of all widths start with: `photo` gives `photo-320`, `photo-640` and so on.
   *
   * @default responsive
   */
  readonly name?: string;

  /**
   * Widths in pixels, each 1 to 8192 and none twice.
   *
   * @default [320, 640, 960, 1280, 1920]
   */
  readonly widths?: number[];
}
