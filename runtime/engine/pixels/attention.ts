import { encodingErrorOf } from '../errors';
import type { Area, Size } from './geometry';
import { pipelineOf, type Pixels } from './pixels';

/**
 * Where the part of a picture lies that draws the eye most (bright edges, strong colours, skin), as libvips's smartcrop
 * finds it: https://www.libvips.org/API/current/method.Image.smartcrop.html
 */
export async function partOfAttention(picture: Pixels, part: Size): Promise<Area> {
  if (part.width === picture.width && part.height === picture.height) {
    return { ...part, left: 0, top: 0 };
  }
  try {
    const { info } = await pipelineOf(picture)
      .resize(part.width, part.height, { fit: 'cover', position: 'attention' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    // sharp gives the offsets of the picture from the part, so they are negative.
    return { ...part, left: -(info.cropOffsetLeft ?? 0), top: -(info.cropOffsetTop ?? 0) };
  } catch (error) {
    throw encodingErrorOf(error);
  }
}
