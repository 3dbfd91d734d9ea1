import type { ThumbnailSettings } from '../../contract';
import type { FocalPoint } from '../types';

/** Width and height in whole pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Rectangle within an image, in pixels. */
export interface Area extends Size {
  readonly left: number;
  readonly top: number;
}

/**
 * Converts the stored size of an image to the displayed size, or the displayed size to the stored size. EXIF orientations from
 * 5 to 8 swap width and height.
 */
export function orientedSize({ width, height }: Size, orientation: number): Size {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

/** Dimensions of a thumbnail. The size to which the source is decoded does not affect these dimensions. */
export interface Plan {
  /** Size of the scaled image within the thumbnail. */
  readonly content: Size;
  /** Size of the thumbnail. The background fills the area outside of {@link content}. */
  readonly canvas: Size;
  /** Whether the thumbnail requires a crop of the source to the aspect ratio of {@link content}. */
  readonly crops: boolean;
  /** Scale from the cropped source to {@link content}. Values above 1 enlarge the image. */
  readonly scale: number;
}

/**
 * Returns the dimensions of a thumbnail.
 *
 * - `inside`: the thumbnail is the largest image within the box that has the aspect ratio of the source.
 * - `cover`: the thumbnail has the size of the box. The content is the largest area of the source with the box's aspect ratio.
 * - `contain`: the thumbnail has the size of the box. The content is the result of `inside` in the centre of the box.
 *
 * Without `enlarge`, the scale is at most 1. For a source that is smaller than the box:
 *
 * - `inside` and `contain` keep the size of the source.
 * - `cover` results in a thumbnail that is smaller than the box and has the aspect ratio of the box.
 */
export function plan(source: Size, settings: ThumbnailSettings): Plan {
  const limit = settings.enlarge === true ? Number.POSITIVE_INFINITY : 1;
  const horizontal = settings.width / source.width;
  const vertical = settings.height / source.height;
  if (settings.fit === 'cover') {
    const wanted = Math.max(horizontal, vertical);
    const scale = Math.min(wanted, limit);
    const content = scaled(settings, scale / wanted);
    return { content, canvas: content, crops: true, scale };
  }
  const scale = Math.min(horizontal, vertical, limit);
  const content = scaled(source, scale);
  const canvas = settings.fit === 'contain' ? { width: settings.width, height: settings.height } : content;
  return { content, canvas, crops: false, scale };
}

/** Scales a size. Each side of the result is a whole number of pixels, at least 1. */
export function scaled({ width, height }: Size, scale: number): Size {
  return { width: toPixels(width * scale), height: toPixels(height * scale) };
}

/** Returns the size of the largest area of an image that has the aspect ratio of another size. */
export function largestArea(image: Size, proportions: Size): Size {
  const width = toPixels((image.height * proportions.width) / proportions.height);
  const height = toPixels((image.width * proportions.height) / proportions.width);
  return { width: Math.min(image.width, width), height: Math.min(image.height, height) };
}

/** Returns the position of an area within an image. The centre of the area is as close to a point as the edges permit. */
export function areaAround(image: Size, area: Size, { x, y }: FocalPoint): Area {
  return {
    ...area,
    left: clamp(image.width * x - area.width / 2, image.width - area.width),
    top: clamp(image.height * y - area.height / 2, image.height - area.height),
  };
}

/** Returns the offset in pixels that centres content on a larger canvas. The function rounds towards the top left. */
export function centred(canvas: Size, content: Size): Pick<Area, 'left' | 'top'> {
  return {
    left: Math.floor((canvas.width - content.width) / 2),
    top: Math.floor((canvas.height - content.height) / 2),
  };
}

function toPixels(length: number): number {
  return Math.max(1, Math.round(length));
}

function clamp(offset: number, maximum: number): number {
  return Math.min(maximum, Math.max(0, Math.round(offset)));
}
