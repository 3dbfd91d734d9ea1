import type { Sharp, SharpOptions } from 'sharp';
import type { Warning } from '../errors/warning-codes';
import type { Deadline } from './deadline';
import { isNativeError, messageOf, rejectionOf, withMessage } from './decoder-errors';
import { withTransparentFrame } from './gif/gif-canvas';
import { decodeHeic } from './heif/heic';
import { scanFaultOf, type ScanFault } from './jpeg/jpeg-scan';
import { sharp } from './libvips';
import { orientedSize, type Size } from './pixels/geometry';
import { convertToSrgb } from './pixels/icc-profile';
import { upright, uprightFrames } from './pixels/orientation';
import { greyToPixels, toPixels, type Pixels } from './pixels/pixels';
import type { Header } from './probe/header';
import type { SourceColour } from './probe/source-colour';
import { isTruncated } from './probe/truncation';

/** Options of {@link decode}. */
export interface DecodeOptions {
  /** Whether the function decodes all frames of an animation. If false, the function decodes one frame. */
  readonly animated: boolean;
  /** Index of the decoded frame. The first frame has the index 0. The option has no effect if `animated` is true. @default 0 */
  readonly frame?: number;
  /** Maximum number of pixels of a source. */
  readonly maxPixels: number;
  /** Whether the function scans JPEG data for corruption that libjpeg does not report. */
  readonly detectJpegCorruption: boolean;
  readonly deadline: Deadline;
}

/** Result of {@link decode}. */
export interface Decoded {
  readonly pixels: Pixels;
  readonly warnings: readonly Warning[];
}

/**
 * Decodes a source to upright sRGB pixels.
 *
 * The decoders of JPEG and WebP shrink the image while they decode. libvips resizes all other formats row by row. The function
 * applies the EXIF orientation last, because a rotation before the resize would require a full-size copy.
 *
 * The function rejects a damaged image only if the decoder reports an error. The engine's own checks only add warnings.
 *
 * @param size size of the decoded pixels, after the EXIF orientation is applied
 * @throws ImageRejection if the decoder reports an error or the image exceeds a limit
 */
export async function decode(
  bytes: Buffer,
  header: Header,
  size: Size,
  { animated, frame = 0, maxPixels, detectJpegCorruption, deadline }: DecodeOptions,
): Promise<Decoded> {
  const { format } = header.probe;
  try {
    if (format === 'jpeg') {
      return await decodeJpeg(header, size, detectJpegCorruption, deadline);
    }
    const pixels = await (format === 'heic'
      ? decodeHeic(header.input.bytes, size, maxPixels, deadline)
      : animated
        ? decodeAnimation(header, size, deadline)
        : decodeStill(header, size, deadline, 'error', frame));
    return { pixels, warnings: isTruncated(format, bytes) ? [END_MISSING] : [] };
  } catch (error) {
    throw rejectionOf(error, format, bytes);
  }
}

const END_MISSING: Warning = { code: 'truncated', message: 'the end of the file is missing' };

const SCAN_WARNINGS: Readonly<Record<ScanFault, string>> = {
  missing: 'the compressed data ends before the last block',
  broken: 'the compressed data contains invalid codes',
  'left over': 'data is left over after the last block',
};

/**
 * Decodes a JPEG in one or two attempts.
 *
 * The first attempt treats warnings of libjpeg as errors, because sharp does not return warnings. After a warning, a second
 * attempt ignores warnings, as image viewers do. The result of the second attempt contains the warning. A missing end of the
 * file is an error in both attempts.
 */
async function decodeJpeg(header: Header, size: Size, detectCorruption: boolean, deadline: Deadline): Promise<Decoded> {
  const warnings: Warning[] = [];
  const decoding = decodeStill(header, size, deadline, 'warning').catch((error: unknown) => {
    if (!isNativeError(error)) {
      throw error;
    }
    warnings.push({ code: 'decoder-warning', message: messageOf(error).replaceAll('\n', '; ') });
    return decodeStill(header, size, deadline);
  });
  const fault = detectCorruption ? scanFaultOf(header.input.bytes) : undefined;
  const pixels = await decoding;
  if (fault !== undefined) {
    warnings.push({ code: 'corrupt', message: SCAN_WARNINGS[fault] });
  }
  return { pixels, warnings };
}

/**
 * Decodes a still image. The default of `failOn` ignores warnings, because only libjpeg warns about damaged pixels. Warnings of
 * other decoders concern metadata.
 */
function decodeStill(
  header: Header,
  size: Size,
  deadline: Deadline,
  failOn: SharpOptions['failOn'] = 'error',
  frame = 0,
): Promise<Pixels> {
  const { orientation } = header.probe;
  const options: SharpOptions = { failOn, ...(frame > 0 && { page: frame }) };
  return withMessage(() => toSrgbPixels(upright(resized(header, size, options, deadline), orientation), header.colour));
}

/** Runs a sharp pipeline and converts the resulting pixels to sRGB. */
function toSrgbPixels(pipeline: Sharp, { profile, greyTable, deepWithIcc, deep }: SourceColour): Promise<Pixels> {
  if (profile) {
    return convertToSrgb(pipeline, profile, deep);
  }
  if (greyTable) {
    return greyToPixels(pipeline, greyTable);
  }
  // Without this call, sharp converts 16-bit images with an ICC profile to Display P3 instead of sRGB.
  return toPixels(deepWithIcc ? pipeline.withIccProfile('srgb', { attach: false }) : pipeline);
}

async function decodeAnimation(header: Header, size: Size, deadline: Deadline): Promise<Pixels> {
  const options: SharpOptions = { failOn: 'error', animated: true };
  const pixels = await withMessage(() => toPixels(resized(header, size, options, deadline)));
  return uprightFrames(pixels, header.probe.orientation);
}

/**
 * Returns a sharp pipeline that decodes and resizes a source without applying the EXIF orientation.
 *
 * @param size size of the image after the EXIF orientation is applied
 * @param options options of sharp. `page` is the index of the frame in the source.
 */
function resized(header: Header, size: Size, options: SharpOptions, deadline: Deadline): Sharp {
  const { bytes, unlimited } = header.input;
  const { width, height } = orientedSize(size, header.probe.orientation);
  const [source, start] = header.uncovered
    ? [withTransparentFrame(bytes), { page: 1 + (options.page ?? 0) }]
    : [bytes, {}];
  const { ignoresIcc } = header.colour;
  return sharp(source, { ...options, ...start, unlimited, limitInputPixels: false, ignoreIcc: ignoresIcc })
    .resize(width, height, { fit: 'fill' })
    .timeout({ seconds: deadline.remainingSeconds });
}
