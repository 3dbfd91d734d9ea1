import type { Metadata } from 'sharp';
import type { Deadline } from '../deadline';
import { rejectionOf, withReason } from '../errors';
import { itemTypesOf } from '../heif/iso-boxes';
import { readJpegHeader, type JpegHeader } from '../jpeg/jpeg-header';
import { allowSvg, sharp } from '../libvips';
import { checkBytes, checkPixels, HELD_WHOLE, MAX_SVG_BYTES } from '../limits';
import { decodingMemory, type StoredPixel } from '../memory/memory-estimate';
import { turned } from '../pixels/geometry';
import { ImageRejection } from '../rejection';
import type { EngineOptions, Probe, SourceFormat, SourceMetadata } from '../types';
import { describe, sniff } from './sniff';

/** How a moving picture is played. */
export interface AnimationSize {
  /** How long each frame is shown, in milliseconds. */
  readonly delay: readonly number[];
  /** How often it is played; 0 is for ever. */
  readonly loop: number;
}

/** All that is known of a source before it is decoded. */
export interface Header {
  readonly probe: Probe;
  readonly movement: AnimationSize | undefined;
  /** Bytes that decoding it takes at most: {@link decodingMemory}. */
  readonly memory: number;
  /** 16 bits a channel, with an ICC profile: see {@link ./decode}. */
  readonly deepWithProfile: boolean;
}

/** What sharp calls the formats that are not named alike here. */
const NAMES: Readonly<Record<SourceFormat, string>> = {
  jpeg: 'jpeg',
  png: 'png',
  webp: 'webp',
  avif: 'heif',
  gif: 'gif',
  tiff: 'tiff',
  heic: 'heif',
  svg: 'svg',
};

const BYTES: Readonly<Record<string, number>> = { uchar: 1, char: 1, ushort: 2, short: 2, uint: 4, int: 4, float: 4 };
/** Milliseconds of a frame, and rounds. */
const MOST_OF_MOVEMENT = 65_535;
/** For a depth that is none of {@link BYTES}: double and complex numbers. */
const MOST_BYTES = 16;

/**
 * Reads a source's header and turns it away when it is over a limit, before a pixel is decoded. The size in a header may
 * be a lie: it is only compared with the limits here; the decoders hold it against what they find.
 * @throws {ImageRejection} `empty`, `too-many-bytes`, `unsupported-format`, `truncated`, `corrupt`, `too-many-pixels`,
 * `timeout`, `out-of-memory`
 */
export async function readHeader(bytes: Buffer, options: EngineOptions, deadline: Deadline): Promise<Header> {
  checkBytes(bytes.length, options.limits);
  const format = formatOf(bytes, options);
  const quick = format === 'jpeg' ? readJpegHeader(bytes) : undefined;
  const metadata = quick ? metadataOf(quick) : await readMetadata(bytes, format, deadline);
  // EXIF knows 1 to 8; libvips reads what is not one of them as 1, as browsers do.
  const { orientation = 1 } = metadata;
  const { width, height } = turned(metadata, orientation);
  const frames = format === 'gif' || format === 'webp' ? (metadata.pages ?? 1) : 1;
  const probe: Probe = {
    format,
    width,
    height,
    orientation,
    frames,
    hasAlpha: metadata.hasAlpha,
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
    memory: decodingMemory(bytes, probe, pixel, metadata),
    movement: frames > 1 ? movementOf(metadata) : undefined,
    deepWithProfile: metadata.space === 'rgb16' && metadata.hasProfile,
  };
}

/** What sharp would say of such a JPEG; its profile does not matter with 8 bits a channel. */
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

/** GIF and WebP can store longer times and more rounds than sharp writes. */
function movementOf({ delay = [], loop = 0 }: SourceMetadata): AnimationSize {
  const inRange = (value: number): number => Math.min(MOST_OF_MOVEMENT, Math.max(0, value));
  return { delay: delay.map(inRange), loop: inRange(loop) };
}

function formatOf(bytes: Buffer, options: EngineOptions): SourceFormat {
  const format = sniff(bytes);
  if (format === undefined) {
    const message = `the file is ${describe(bytes)}: send a JPEG, PNG, WebP, AVIF, GIF, TIFF or HEIC`;
    throw new ImageRejection('unsupported-format', message);
  }
  if (format === 'svg') {
    if (!options.allowSvg) {
      throw new ImageRejection(
        'unsupported-format',
        'the file is an SVG, which is only accepted when it is allowed (allowSvg)',
      );
    }
    checkBytes(bytes.length, { maxFileSizeBytes: Math.min(options.limits.maxFileSizeBytes, MAX_SVG_BYTES) });
    allowSvg();
  }
  return format;
}

async function readMetadata(bytes: Buffer, format: SourceFormat, deadline: Deadline): Promise<Metadata> {
  try {
    // The pixels are counted after this, so that the refusal can say how many there are. Warnings are left to decoding.
    const read = (): Promise<Metadata> => sharp(bytes, { limitInputPixels: false, failOn: 'error' }).metadata();
    const metadata = await deadline.race(withReason(read));
    if (metadata.format === NAMES[format]) {
      return metadata;
    }
  } catch (error) {
    throw rejectionOf(error, format, bytes);
  }
  throw new ImageRejection('corrupt', `the file starts as ${format} but cannot be read as such`);
}

function storedPixelOf(bytes: Buffer, { format, hasAlpha }: Probe, metadata: SourceMetadata): StoredPixel {
  return {
    bytes: metadata.channels * (BYTES[metadata.depth] ?? MOST_BYTES),
    deep: (metadata.bitsPerSample ?? 8) > 8,
    tiled: format === 'heic' && !hasAlpha && itemTypesOf(bytes).includes('grid'),
  };
}

function heldWhole({ format }: Probe, { deep, tiled }: StoredPixel, isProgressive: boolean): number {
  if (format === 'avif') {
    return deep ? HELD_WHOLE.deepAvif : HELD_WHOLE.avif;
  }
  if (format !== 'heic') {
    return isProgressive ? HELD_WHOLE.progressive : 0;
  }
  if (tiled) {
    return 0;
  }
  return deep ? HELD_WHOLE.deepHeic : HELD_WHOLE.heic;
}
