import type { Sharp, SharpOptions } from 'sharp';
import type { Deadline } from './deadline';
import { isHarmless, rejectionOf } from './errors';
import type { Size } from './geometry';
import type { Header } from './header';
import { decodeHeic } from './heic';
import { sharp } from './libvips';
import { toPicture, type Picture } from './picture';
import { uprightFrames } from './upright';

/** How a source is decoded. */
export interface DecodeOptions {
  /** All frames, or only the first. */
  readonly moving: boolean;
  /** Pixels of the largest source that is allowed. */
  readonly maxPixels: number;
  readonly deadline: Deadline;
}

/**
 * Decodes a source once, upright and in sRGB, at the given size (as it is seen): JPEG and WebP shrink while they decode,
 * other formats row by row, and the turning comes last, so that the whole picture is in memory only when its decoder
 * holds it anyway.
 * @throws {ImageRejection} `truncated`, `corrupt`, `unsupported-format`, `took-too-long`, `out-of-memory`
 */
export async function decode(
  bytes: Buffer,
  header: Header,
  size: Size,
  { moving, maxPixels, deadline }: DecodeOptions,
): Promise<Picture> {
  const { format } = header.probe;
  try {
    if (format === 'heic') return await decodeHeic(bytes, size, maxPixels, deadline);
    if (moving) return await decodeMoving(bytes, header, size, deadline);
    return await decodeStill(bytes, header, size, deadline);
  } catch (error) {
    throw rejectionOf(error, format, bytes);
  }
}

/**
 * JPEG is decoded without tolerance first, because libjpeg only warns of what leaves half of a picture grey, and again
 * without regard to warnings when the first was of the harmless kind. The other decoders' warnings are about metadata;
 * what damages pixels is an error to them.
 */
async function decodeStill(bytes: Buffer, header: Header, size: Size, deadline: Deadline): Promise<Picture> {
  const run = (failOn: SharpOptions['failOn']): Promise<Picture> =>
    toPicture(resized(bytes, { failOn, autoOrient: true }, header, size, deadline));
  if (header.probe.format !== 'jpeg') return run('error');
  try {
    return await run('warning');
  } catch (error) {
    if (!isHarmless(error)) throw error;
    return run('error');
  }
}

async function decodeMoving(bytes: Buffer, header: Header, size: Size, deadline: Deadline): Promise<Picture> {
  const { orientation } = header.probe;
  const stored = orientation >= 5 ? { width: size.height, height: size.width } : size;
  const options: SharpOptions = { failOn: 'error', animated: true };
  return uprightFrames(await toPicture(resized(bytes, options, header, stored, deadline)), orientation);
}

function resized(bytes: Buffer, options: SharpOptions, header: Header, size: Size, deadline: Deadline): Sharp {
  const pipeline = sharp(bytes, { ...options, limitInputPixels: false })
    .resize(size.width, size.height, { fit: 'fill' })
    .timeout({ seconds: deadline.remainingSeconds });
  // sharp brings deep pictures with a profile to Display P3, and leaves them there unless it is told where to go.
  return header.deepWithProfile ? pipeline.withIccProfile('srgb', { attach: false }) : pipeline;
}
