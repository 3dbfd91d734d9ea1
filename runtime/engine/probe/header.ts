import type { Metadata } from 'sharp';
import { HELD_WHOLE } from '../../contract';
import type { Deadline } from '../deadline';
import { rejectionOf, withMessage } from '../decoder-errors';
import { hasUncoveredCanvas } from '../gif/gif-canvas';
import { chromaFormatOf, heifInputOf, type DecoderInput } from '../heif/decoder-input';
import { itemTypesOf } from '../heif/iso-boxes';
import { readJpegHeader, type JpegHeader } from '../jpeg/jpeg-header';
import { enableSvgLoader, sharp } from '../libvips';
import { CHROMA_COST, checkBytes, checkHeicBytes, checkPixels, MAX_SVG_BYTES } from '../limits';
import { decodingMemory, type StoredPixel } from '../memory/memory-estimate';
import { orientedSize } from '../pixels/geometry';
import { ImageRejection } from '../rejection';
import type { EngineOptions, Probe, SourceFormat, SourceMetadata } from '../types';
import { describe, sniff } from './sniff';
import { sourceColourOf, type SourceColour } from './source-colour';
import { checkStoredFrames } from './stored-frames';
import { checkFeatures } from './unsupported';

/** Timing of an animation. */
export interface Animation {
  /** Duration of each frame in milliseconds. */
  readonly delay: readonly number[];
  /** Number of repetitions. The value 0 means an infinite animation. */
  readonly loop: number;
}

/** Properties of a source that the engine reads before decoding. */
export interface Header {
  readonly probe: Probe;
  /** Timing of an animation. Undefined for a still image. */
  readonly animation: Animation | undefined;
  /** Whether the source is an opaque GIF whose first frame does not cover the whole logical screen. */
  readonly uncovered: boolean;
  /** Upper bound of the decoder's memory in bytes. See {@link decodingMemory}. */
  readonly memory: number;
  /** File that the decoder receives. See {@link heifInputOf}. */
  readonly input: DecoderInput;
  /** Colour information that libvips does not apply. */
  readonly colour: SourceColour;
}

/** Names of the formats in sharp's metadata, by format. */
const SHARP_FORMATS: Readonly<Record<SourceFormat, string>> = {
  jpeg: 'jpeg',
  png: 'png',
  webp: 'webp',
  avif: 'heif',
  gif: 'gif',
  tiff: 'tiff',
  heic: 'heif',
  svg: 'svg',
};

/** Bytes per sample by sharp's name of the sample type. */
const SAMPLE_BYTES: Readonly<Record<string, number>> = {
  uchar: 1,
  char: 1,
  ushort: 2,
  short: 2,
  uint: 4,
  int: 4,
  float: 4,
};
/** Maximum duration of a frame in milliseconds, and maximum number of repetitions, in the output of sharp. */
const MAX_TIMING = 65_535;
/** Bytes per sample of types that are not in {@link SAMPLE_BYTES}: doubles and complex numbers. */
const MAX_SAMPLE_BYTES = 16;

/**
 * Reads the header of a source and checks the limits, without decoding pixels. A header can contain a wrong size. The decoder
 * later compares the size in the header with the data.
 *
 * @throws ImageRejection if the format is not supported, the header is damaged or the source exceeds a limit
 */
export async function readHeader(bytes: Buffer, options: EngineOptions, deadline: Deadline): Promise<Header> {
  checkBytes(bytes.length, options.limits);
  const format = formatOf(bytes, options);
  if (format === 'heic') {
    checkHeicBytes(bytes.length, options.limits);
  }
  checkStoredFrames(format, bytes);
  checkFeatures(format, bytes);
  const input = format === 'avif' || format === 'heic' ? heifInputOf(format, bytes) : { bytes, unlimited: false };
  const camera = format === 'jpeg' ? readJpegHeader(bytes) : undefined;
  const metadata = camera ? metadataOf(camera) : await readMetadata(input, format, deadline);
  // libvips and browsers treat any orientation outside the range from 1 to 8 as 1.
  const { orientation = 1 } = metadata;
  const { width, height } = orientedSize(metadata, orientation);
  const frames = format === 'gif' || format === 'webp' ? (metadata.pages ?? 1) : 1;
  const uncovered = format === 'gif' && !metadata.hasAlpha && hasUncoveredCanvas(bytes);
  const probe: Probe = {
    format,
    width,
    height,
    orientation,
    frames,
    hasAlpha: metadata.hasAlpha || uncovered,
    progressive: format === 'jpeg' && metadata.isProgressive,
  };
  const pixel = storedPixelOf(bytes, probe, metadata);
  checkPixels(
    probe,
    { bytesPerPixel: pixel.bytes, heldWhole: heldWhole(probe, pixel, metadata.isProgressive) },
    options.limits,
  );
  return {
    probe,
    uncovered,
    memory: decodingMemory(bytes, probe, pixel, metadata),
    animation: frames > 1 ? animationOf(metadata) : undefined,
    input,
    colour: sourceColourOf(format, bytes, metadata),
  };
}

/**
 * Converts a JPEG header to the metadata that sharp would return. The ICC profile is absent, because the engine requires the
 * profile only for images with 16 bits per channel.
 */
function metadataOf({ width, height, channels, orientation }: JpegHeader): SourceMetadata {
  const space = channels === 1 ? 'b-w' : 'srgb';
  return {
    width,
    height,
    channels,
    orientation,
    depth: 'uchar',
    space,
    hasAlpha: false,
    hasProfile: false,
    isProgressive: false,
  };
}

/** Returns the timing of an animation, limited to values that sharp can write. */
function animationOf({ delay = [], loop = 0 }: SourceMetadata): Animation {
  const clamp = (value: number): number => Math.min(MAX_TIMING, Math.max(0, value));
  return { delay: delay.map(clamp), loop: clamp(loop) };
}

function formatOf(bytes: Buffer, options: EngineOptions): SourceFormat {
  const format = sniff(bytes);
  if (format === undefined) {
    const message = `the file is ${describe(bytes)}; expected JPEG, PNG, WebP, AVIF, GIF, TIFF or HEIC`;
    throw new ImageRejection('unsupported-format', message);
  }
  if (format === 'svg') {
    if (!options.allowSvg) {
      throw new ImageRejection('unsupported-format', 'the file is an SVG; enable allowSvg to accept it');
    }
    checkBytes(bytes.length, { maxFileSizeBytes: Math.min(options.limits.maxFileSizeBytes, MAX_SVG_BYTES) });
    enableSvgLoader();
  }
  return format;
}

async function readMetadata(
  { bytes, unlimited }: DecoderInput,
  format: SourceFormat,
  deadline: Deadline,
): Promise<Metadata> {
  try {
    // checkPixels checks the limits instead of sharp, because the message of checkPixels contains the dimensions.
    const options = { limitInputPixels: false, failOn: 'error', unlimited } as const;
    const read = (): Promise<Metadata> => sharp(bytes, options).metadata();
    const metadata = await deadline.race(withMessage(read));
    if (metadata.format === SHARP_FORMATS[format]) {
      return metadata;
    }
  } catch (error) {
    throw rejectionOf(error, format, bytes);
  }
  throw new ImageRejection('corrupt', `the file starts like ${format}, but its decoder does not recognize it`);
}

function storedPixelOf(bytes: Buffer, { format, hasAlpha }: Probe, metadata: SourceMetadata): StoredPixel {
  return {
    bytes: metadata.channels * (SAMPLE_BYTES[metadata.depth] ?? MAX_SAMPLE_BYTES),
    deep: (metadata.bitsPerSample ?? 8) > 8,
    tiled: format === 'heic' && !hasAlpha && itemTypesOf(bytes).includes('grid'),
    chroma: format === 'heic' ? chromaFormatOf(bytes) : '4:2:0',
  };
}

function heldWhole({ format }: Probe, { deep, tiled, chroma }: StoredPixel, isProgressive: boolean): number {
  if (format === 'avif') {
    return deep ? HELD_WHOLE.deepAvif : HELD_WHOLE.avif;
  }
  if (format !== 'heic') {
    return isProgressive ? HELD_WHOLE.progressive : 0;
  }
  const held = deep ? HELD_WHOLE.deepHeic : HELD_WHOLE.heic;
  if (chroma === '4:2:2' || chroma === '4:4:4') {
    return held * CHROMA_COST[chroma];
  }
  return tiled ? 0 : held;
}
