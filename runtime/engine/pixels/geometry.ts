import type { ThumbnailSettings } from '../../contract';
import type { FocalPoint } from '../types';

/** Width and height in whole pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A part of a picture, from its top left corner. */
export interface Area extends Size {
  readonly left: number;
  readonly top: number;
}

/** The size at which a picture is seen from the one at which it is stored, or the other way round: from orientation 5 on it lies on its side. */
export function turned({ width, height }: Size, orientation: number): Size {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

/** How a picture becomes a thumbnail, whatever size it was decoded at. */
export interface Plan {
  /** Size that the picture, or what is kept of it, is brought to. */
  readonly picture: Size;
  /** Size of the thumbnail: larger than {@link picture} where background fills the rest. */
  readonly canvas: Size;
  /** Whether only a part with the proportions of {@link picture} is kept. */
  readonly crops: boolean;
  /** {@link picture} in proportion to what is kept of the source: above 1 it is enlarged. */
  readonly scale: number;
}

/**
 * Plans a thumbnail of a source.
 *
 * - `inside`: the largest size with the source's proportions that fits the box.
 * - `cover`: the box, filled with the largest part of the source that has the box's proportions.
 * - `contain`: the box, with the picture as `inside` makes it in its middle.
 *
 * No pixel is enlarged unless the settings say so. Then, when the source is too small for the box: `inside` keeps the
 * source's own size; `cover` keeps the largest part with the box's proportions at its own size, so the thumbnail is
 * smaller than the box but has its shape; `contain` keeps the source's own size and still fills the box.
 */
export function plan(source: Size, settings: ThumbnailSettings): Plan {
  const limit = settings.enlarge === true ? Number.POSITIVE_INFINITY : 1;
  const across = settings.width / source.width;
  const down = settings.height / source.height;
  if (settings.fit === 'cover') {
    const wanted = Math.max(across, down);
    const scale = Math.min(wanted, limit);
    const shrunk = scale / wanted;
    const picture = { width: pixels(settings.width * shrunk), height: pixels(settings.height * shrunk) };
    return { picture, canvas: picture, crops: true, scale };
  }
  const scale = Math.min(across, down, limit);
  const picture = scaled(source, scale);
  const canvas = settings.fit === 'contain' ? { width: settings.width, height: settings.height } : picture;
  return { picture, canvas, crops: false, scale };
}

/** A size times a factor, in whole pixels and never less than one. */
export function scaled({ width, height }: Size, scale: number): Size {
  return { width: pixels(width * scale), height: pixels(height * scale) };
}

/** The size of the largest part of a picture that has the proportions of another size. */
export function largestPart(picture: Size, proportions: Size): Size {
  const width = pixels((picture.height * proportions.width) / proportions.height);
  const height = pixels((picture.width * proportions.height) / proportions.width);
  return { width: Math.min(picture.width, width), height: Math.min(picture.height, height) };
}

/** Where a part lies that has the given point as near to its middle as the picture's edges allow. */
export function partAround(picture: Size, part: Size, { x, y }: FocalPoint): Area {
  return {
    ...part,
    left: within(picture.width * x - part.width / 2, picture.width - part.width),
    top: within(picture.height * y - part.height / 2, picture.height - part.height),
  };
}

/** Where the picture lies in a thumbnail that is larger: in the middle, half a pixel to the top left if it must be. */
export function middle(canvas: Size, picture: Size): Pick<Area, 'left' | 'top'> {
  return {
    left: Math.floor((canvas.width - picture.width) / 2),
    top: Math.floor((canvas.height - picture.height) / 2),
  };
}

function pixels(length: number): number {
  return Math.max(1, Math.round(length));
}

function within(place: number, last: number): number {
  return Math.min(last, Math.max(0, Math.round(place)));
}
