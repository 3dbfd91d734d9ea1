import type { ThumbnailSettings } from '../../contract';
import { encodingErrorOf } from '../decoder-errors';
import type { FocalPoint } from '../types';
import { areaAround, largestArea, type Area, type Plan, type Size } from './geometry';
import { pipelineOf, type Pixels } from './pixels';

const CENTRE: FocalPoint = { x: 0.5, y: 0.5 };

/** Returns the area of an image that a cropped thumbnail contains. All formats and frames of the thumbnail use this area. */
export async function cropOf(
  pixels: Pixels,
  { content }: Plan,
  settings: ThumbnailSettings,
  focalPoint: FocalPoint | undefined,
): Promise<Area> {
  const area = largestArea(pixels, content);
  if (focalPoint === undefined && settings.position === 'attention') {
    return areaOfAttention(pixels, area);
  }
  return areaAround(pixels, area, focalPoint ?? CENTRE);
}

/**
 * Returns the area with the most salient features: edges, saturated colours and skin tones.
 *
 * @see https://www.libvips.org/API/current/method.Image.smartcrop.html
 */
async function areaOfAttention(pixels: Pixels, area: Size): Promise<Area> {
  if (area.width === pixels.width && area.height === pixels.height) {
    return { ...area, left: 0, top: 0 };
  }
  try {
    const { info } = await pipelineOf(pixels)
      .resize(area.width, area.height, { fit: 'cover', position: 'attention' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    // sharp returns negative numbers: the offset of the image relative to the area.
    return { ...area, left: -(info.cropOffsetLeft ?? 0), top: -(info.cropOffsetTop ?? 0) };
  } catch (error) {
    throw encodingErrorOf(error);
  }
}
