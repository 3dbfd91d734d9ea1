import type { FormatSettings, Limits, ThumbnailSettings } from '../contract';
import { Deadline } from './deadline';
import { decode } from './decode';
import { encode } from './encode';
import { renderingMemory } from './memory/memory-estimate';
import type { MemorySemaphore } from './memory/memory-semaphore';
import { centred, scaled, type Area, type Plan, type Size } from './pixels/geometry';
import type { Pixels } from './pixels/pixels';
import { readHeader, type Header } from './probe/header';
import { ImageRejection } from './rejection';
import type { EngineOptions, Probe } from './types';

/** Maximum side of a sampled frame in pixels. */
const MAX_SIDE = 1024;
/**
 * Minimum side of a sampled frame in pixels. Amazon Rekognition rejects images with a smaller side.
 *
 * @see https://docs.aws.amazon.com/rekognition/latest/dg/limits.html
 */
const MIN_SIDE = 80;
/**
 * Format of sampled frames. Even a frame of noise then has only 0.7 MB, which is below the limits of Amazon Rekognition (5 MB
 * per image) and Lambda (6 MB per request).
 */
const JPEG: FormatSettings = { type: 'jpeg', quality: 80 };

/** Options of {@link sampleFrames}. */
export interface SampleOptions extends EngineOptions {
  /** Maximum number of sampled frames of an animation. */
  readonly frames: number;
  /** Semaphore that limits the memory of concurrent tasks. @default - no limit */
  readonly memorySemaphore?: Pick<MemorySemaphore, 'acquire'>;
}

/** A downscaled frame of a source. */
export interface SampledFrame {
  /** Index of the frame in the source. The first frame has the index 0. */
  readonly index: number;
  readonly width: number;
  readonly height: number;
  /** Area that the image occupies in the sampled frame. For a very narrow or very flat image, a border fills the rest. */
  readonly content: Area;
  /** JPEG without metadata. */
  readonly body: Buffer;
}

/** Result of {@link sampleFrames}. */
export interface SampledFrames {
  readonly source: Probe;
  readonly frames: readonly SampledFrame[];
  /** Part of `maxDurationSeconds` that remains, in seconds. */
  readonly remainingSeconds: number;
}

/**
 * Returns downscaled frames of a source as JPEG. The function selects the first frame, the last frame, and frames at equal
 * distances between the first and the last frame. `maxFrames` and `maxAnimationPixels` limit the index of the last frame.
 *
 * The function enlarges sources with a side of less than 80 pixels.
 *
 * @throws ImageRejection if the source is not supported, is damaged or exceeds a limit
 */
export async function sampleFrames(bytes: Buffer, options: SampleOptions): Promise<SampledFrames> {
  const start = new Deadline(options.limits.maxDurationSeconds);
  const header = await start.race(readHeader(bytes, options, start));
  const plan = planOf(header.probe);
  const { memorySemaphore } = options;
  if (memorySemaphore === undefined) {
    return start.race(sample(bytes, header, plan, options, start));
  }
  const request = { bytes: memoryOf(bytes, header, plan), held: bytes.length };
  const [release, deadline] = await start.pauseDuring(memorySemaphore.acquire(request));
  const sampling = sample(bytes, header, plan, options, deadline);
  // A decoder can run beyond the deadline. Therefore, the memory is available again only after the decoder returns.
  sampling.then(release, release);
  return deadline.race(sampling);
}

async function sample(
  bytes: Buffer,
  header: Header,
  plan: Plan,
  { limits, frames: count }: SampleOptions,
  deadline: Deadline,
): Promise<SampledFrames> {
  const size = decodingSize(header.probe, plan);
  const frames: SampledFrame[] = [];
  for (const index of frameNumbers(header.probe, count, limits)) {
    deadline.check();
    const pixels = await decodeFrame(bytes, header, size, index, limits, deadline);
    if (!pixels) {
      break;
    }
    const settings: ThumbnailSettings = { name: 'frame', fit: 'contain', ...plan.canvas, formats: [JPEG] };
    const options = { settings, format: JPEG, plan, crop: undefined, animation: undefined, texts: {}, deadline };
    const { body } = await encode(pixels, options);
    frames.push({ index, ...plan.canvas, content: { ...plan.content, ...centred(plan.canvas, plan.content) }, body });
  }
  return { source: header.probe, frames, remainingSeconds: deadline.remaining / 1000 };
}

/**
 * Decodes one frame. Returns undefined for a damaged frame after the first frame. Such a frame is no reason for a rejection,
 * because still thumbnails contain only the first frame.
 */
async function decodeFrame(
  bytes: Buffer,
  header: Header,
  size: Size,
  frame: number,
  { maxPixels }: Limits,
  deadline: Deadline,
): Promise<Pixels | undefined> {
  const options = { animated: false, frame, maxPixels, detectJpegCorruption: false, deadline };
  try {
    return (await decode(bytes, header, size, options)).pixels;
  } catch (error) {
    if (frame > 0 && error instanceof ImageRejection && !error.retryable) {
      return undefined;
    }
    throw error;
  }
}

function planOf(source: Size): Plan {
  const [long, short] = [Math.max(source.width, source.height), Math.min(source.width, source.height)];
  const scale = Math.min(MAX_SIDE / long, Math.max(1, MIN_SIDE / short));
  const content = scaled(source, scale);
  const canvas = { width: Math.max(MIN_SIDE, content.width), height: Math.max(MIN_SIDE, content.height) };
  return { content, canvas, crops: false, scale };
}

function decodingSize(source: Size, { scale }: Plan): Size {
  return scaled(source, Math.min(1, scale));
}

function memoryOf(bytes: Buffer, { probe, memory }: Header, plan: Plan): number {
  return renderingMemory({
    file: bytes.length,
    decoding: memory,
    pixels: { ...decodingSize(probe, plan), channels: probe.hasAlpha ? 4 : 3, frames: 1 },
    thumbnails: [{ ...JPEG, canvas: plan.canvas, frames: 1 }],
    concurrency: 1,
  });
}

/**
 * Returns the indices of the sampled frames. The limits of animations also limit the last index, because a decoder decodes all
 * frames before the requested frame.
 */
function frameNumbers({ width, height, frames }: Probe, count: number, limits: Limits): readonly number[] {
  const decodable = Math.min(frames, limits.maxFrames, Math.floor(limits.maxAnimationPixels / (width * height)));
  const last = Math.max(1, decodable) - 1;
  const steps = Math.min(count, last + 1) - 1;
  return Array.from({ length: steps + 1 }, (_, step) => (steps === 0 ? 0 : Math.round((step * last) / steps)));
}
