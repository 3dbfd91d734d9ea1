import { availableParallelism } from 'node:os';
import type { FormatSettings, ThumbnailSettings } from '../contract';
import { Deadline } from './deadline';
import { decode } from './decode';
import { encode } from './encode';
import { canAnimate } from './formats';
import { checkAnimation } from './limits';
import { renderingMemory } from './memory/memory-estimate';
import { cropOf } from './pixels/crop';
import { plan, scaled, type Area, type Plan, type Size } from './pixels/geometry';
import { firstFrame, type Pixels } from './pixels/pixels';
import { PLACEHOLDER_SIDE, placeholderOf } from './pixels/placeholder';
import { readExifTexts } from './probe/exif-texts';
import { readHeader, type Header } from './probe/header';
import { runConcurrently } from './run-concurrently';
import type { EngineOptions, Probe, Rendering, RenderOptions } from './types';

/**
 * Reads the header of a source. Does not check the limits of animations, because only animated thumbnails have these limits.
 *
 * @throws ImageRejection if the source is not supported or exceeds a limit
 */
export async function probe(bytes: Buffer, options: EngineOptions): Promise<Probe> {
  const header = await readHeader(bytes, options, new Deadline(options.limits.maxDurationSeconds));
  return header.probe;
}

/**
 * Renders all thumbnails of a source. The function decodes the source once, to the smallest size that is sufficient for all
 * thumbnails. The output is deterministic: equal bytes and options result in equal thumbnails.
 *
 * @throws ImageRejection if the source is not supported, is damaged or exceeds a limit
 */
export async function render(bytes: Buffer, options: RenderOptions): Promise<Rendering> {
  const start = new Deadline(options.limits.maxDurationSeconds);
  const header = await start.race(readHeader(bytes, options, start));
  const work = planWork(header, options);
  const { memorySemaphore } = options;
  if (memorySemaphore === undefined) {
    return start.race(renderWork(bytes, work, options, start));
  }
  const request = { bytes: memoryOf(bytes, work), held: bytes.length };
  const [release, deadline] = await start.pauseDuring(memorySemaphore.acquire(request));
  const rendering = renderWork(bytes, work, options, deadline);
  // A decoder can run beyond the deadline. Therefore, the memory is available again only after the decoder returns.
  rendering.then(release, release);
  return deadline.race(rendering);
}

/** One thumbnail in one format. */
interface Task {
  readonly settings: ThumbnailSettings;
  readonly format: FormatSettings;
  readonly plan: Plan;
  readonly animated: boolean;
}

interface Work {
  readonly header: Header;
  readonly tasks: readonly Task[];
  /** Whether any thumbnail is animated and requires all frames. */
  readonly animated: boolean;
  /** Size to which the source is decoded, in pixels. */
  readonly size: Size;
}

/**
 * Returns the tasks for the thumbnails of a source, and the size to which the source is decoded.
 *
 * @throws ImageRejection with code `too-many-pixels` or `too-many-frames` if an animation exceeds a limit
 */
function planWork(header: Header, { thumbnails, limits }: RenderOptions): Work {
  const tasks = tasksOf(header, thumbnails);
  const animated = tasks.some((task) => task.animated);
  if (animated) {
    checkAnimation(header.probe, limits);
  }
  return { header, tasks, animated, size: decodingSize(header.probe, tasks) };
}

function memoryOf(bytes: Buffer, { header, tasks, animated, size }: Work): number {
  const { probe } = header;
  return renderingMemory({
    file: bytes.length,
    decoding: header.memory,
    pixels: { ...size, channels: probe.hasAlpha ? 4 : 3, frames: animated ? probe.frames : 1 },
    thumbnails: tasks.map((task) => {
      return { ...task.format, canvas: task.plan.canvas, frames: task.animated ? probe.frames : 1 };
    }),
    concurrency: availableParallelism(),
  });
}

async function renderWork(
  bytes: Buffer,
  { header, tasks, animated, size }: Work,
  options: RenderOptions,
  deadline: Deadline,
): Promise<Rendering> {
  deadline.check();
  const { limits, detectJpegCorruption = false } = options;
  const { maxPixels } = limits;
  const { pixels, warnings } = await decode(bytes, header, size, {
    animated,
    maxPixels,
    detectJpegCorruption,
    deadline,
  });
  deadline.check();
  const still = firstFrame(pixels);
  const crops = await cropsOf(still, tasks, options);
  const keepsTexts = tasks.some(({ settings }) => settings.keepMetadata?.some((field) => field !== 'icc'));
  const texts = keepsTexts ? await readExifTexts(bytes, header.probe.format) : {};

  const thumbnails = await runConcurrently(tasks, costOf, (task) =>
    encode(task.animated ? pixels : still, {
      ...task,
      crop: crops.get(task.settings),
      animation: task.animated ? header.animation : undefined,
      texts,
      deadline,
    }),
  );
  return { source: header.probe, warnings, thumbnails, ...placeholderOf(still) };
}

/** Returns the smallest size that is sufficient for all thumbnails and for the placeholder. */
function decodingSize(source: Size, tasks: readonly Task[]): Size {
  const scales = [PLACEHOLDER_SIDE / Math.max(source.width, source.height), ...tasks.map((task) => task.plan.scale)];
  return scaled(source, Math.min(1, Math.max(...scales)));
}

function tasksOf({ probe: source }: Header, thumbnails: readonly ThumbnailSettings[]): Task[] {
  return thumbnails.flatMap((settings) =>
    settings.formats.map((format) => ({
      settings,
      format,
      plan: plan(source, settings),
      animated: source.frames > 1 && settings.animated === true && canAnimate(format.type),
    })),
  );
}

async function cropsOf(
  image: Pixels,
  tasks: readonly Task[],
  { focalPoint }: RenderOptions,
): Promise<Map<ThumbnailSettings, Area>> {
  const crops = new Map<ThumbnailSettings, Area>();
  for (const task of tasks) {
    if (task.plan.crops && !crops.has(task.settings)) {
      crops.set(task.settings, await cropOf(image, task.plan, task.settings, focalPoint));
    }
  }
  return crops;
}

/** CPU time of each encoder per pixel at the default effort, relative to JPEG. */
const COSTS: Readonly<Record<FormatSettings['type'], number>> = { jpeg: 1, png: 6, webp: 8, gif: 12, avif: 16 };

function costOf({ plan: { canvas }, format, animated }: Task): number {
  return canvas.width * canvas.height * COSTS[format.type] * (animated ? 16 : 1);
}
