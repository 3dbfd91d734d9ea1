import type { Sharp, SharpOptions } from 'sharp';
import type { Warning } from '../errors/warning-codes';
import type { Deadline } from './deadline';
import { rejectionOf, withMessage } from './decoder-errors';
import { decodeHeic } from './heif/heic';
import { harmlessWarningOf } from './jpeg/harmless-warnings';
import { scanFaultOf } from './jpeg/jpeg-scan';
import { sharp } from './libvips';
import { orientedSize, type Size } from './pixels/geometry';
import { upright, uprightFrames } from './pixels/orientation';
import { toPixels, type Pixels } from './pixels/pixels';
import type { Header } from './probe/header';
import { isTruncated } from './probe/truncation';
import { ImageRejection } from './rejection';

/** How a source is decoded. */
export interface DecodeOptions {
  /** All frames, or only the first. */
  readonly animated: boolean;
  /** Pixels of the largest source that is allowed. */
  readonly maxPixels: number;
  /** Whether the blocks of a JPEG are counted. */
  readonly detectJpegCorruption: boolean;
  readonly deadline: Deadline;
}

/** What came of a source. */
export interface Decoded {
  readonly pixels: Pixels;
  /** What is wrong with the source all the same, for people; undefined when nothing that can be told. */
  readonly salvaged: string | undefined;
}

/**
 * Decodes a source once, upright and in sRGB, at the given size (as it is seen): JPEG and WebP shrink while they decode,
 * other formats row by row, and the turning comes last, so that the whole picture is in memory only when its decoder
 * holds it anyway.
 * @throws {ImageRejection} `truncated`, `corrupt`, `unsupported-format`, `timeout`, `out-of-memory`
 */
export async function decode(
  bytes: Buffer,
  header: Header,
  size: Size,
  { animated, maxPixels, detectJpegCorruption, deadline }: DecodeOptions,
): Promise<Decoded> {
  const { format } = header.probe;
  try {
    if (format === 'jpeg') {
      return await decodeJpeg(bytes, header, size, detectJpegCorruption, deadline);
    }
    const pixels = await (format === 'heic'
      ? decodeHeic(bytes, size, maxPixels, deadline)
      : animated
        ? decodeMoving(bytes, header, size, deadline)
        : decodeStill(bytes, header, size, deadline));
    return { pixels, salvaged: isTruncated(format, bytes) ? END_MISSING : undefined };
  } catch (error) {
    throw rejectionOf(error, format, bytes);
  }
}

const END_MISSING: Warning = { code: 'truncated', message: 'the end of the file is missing' };
const LEFT_OVER: Warning = {
  code: 'corrupt',
  message: 'data is left over after the last pixel; parts of the image may be damaged',
};

/**
 * JPEG is decoded without tolerance first, because libjpeg only warns of what leaves half of a picture grey, and again
 * without regard to warnings when the first was of the harmless kind. Its blocks are counted meanwhile, because of most
 * damage libjpeg does not even warn: see {@link scanFaultOf}.
 */
async function decodeJpeg(
  bytes: Buffer,
  header: Header,
  size: Size,
  verifies: boolean,
  deadline: Deadline,
): Promise<Decoded> {
  const decoding = decodeStill(bytes, header, size, deadline, 'warning');
  const fault = verifies ? scanFaultOf(bytes) : undefined;
  let warning: string | undefined;
  const pixels = await decoding.catch((error: unknown) => {
    warning = harmlessWarningOf(error, bytes);
    if (warning === undefined) {
      throw error;
    }
    return decodeStill(bytes, header, size, deadline);
  });
  switch (fault) {
    case 'missing':
      return { pixels, salvaged: 'the compressed data ends before the last block' };
    case 'broken':
      return { pixels, salvaged: 'the compressed data contains invalid codes' };
    case 'left over':
      return { pixels, salvaged: 'data is left over after the last block' };
    case undefined:
      return { pixels, salvaged: warning };
  }
}

/** The warnings of other decoders than JPEG's are about metadata; what damages pixels is an error to them. */
function decodeStill(
  bytes: Buffer,
  header: Header,
  size: Size,
  deadline: Deadline,
  failOn: SharpOptions['failOn'] = 'error',
): Promise<Pixels> {
  const { orientation } = header.probe;
  return withMessage(() => toPixels(upright(resized(bytes, { failOn }, header, size, deadline), orientation)));
}

async function decodeMoving(bytes: Buffer, header: Header, size: Size, deadline: Deadline): Promise<Pixels> {
  const options: SharpOptions = { failOn: 'error', animated: true };
  const picture = await withMessage(() => toPixels(resized(bytes, options, header, size, deadline)));
  return uprightFrames(picture, header.probe.orientation);
}

/** A source as it is stored, as large as it is when it is seen at the given size. */
function resized(bytes: Buffer, options: SharpOptions, header: Header, size: Size, deadline: Deadline): Sharp {
  const { width, height } = orientedSize(size, header.probe.orientation);
  const pipeline = sharp(bytes, { ...options, limitInputPixels: false })
    .resize(width, height, { fit: 'fill' })
    .timeout({ seconds: deadline.remainingSeconds });
  // sharp brings deep pictures with a profile to Display P3, and leaves them there unless it is told where to go.
  return header.deepWithProfile ? pipeline.withIccProfile('srgb', { attach: false }) : pipeline;
}
