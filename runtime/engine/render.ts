import { availableParallelism } from 'node:os';
import type { FormatSettings, ThumbnailSettings } from '../contract';
import { Deadline } from './deadline';
import { decode } from './decode';
import { encode } from './encode';
import { canAnimate } from './formats';
import { checkAnimation } from './limits';
import { renderingMemory } from './memory/memory-estimate';
import { partOfAttention } from './pixels/attention';
import { largestPart, partAround, plan, scaled, type Area, type Plan, type Size } from './pixels/geometry';
import { firstFrame, type Pixels } from './pixels/pixels';
import { PLACEHOLDER_SIDE, placeholderOf } from './pixels/placeholder';
import { readHeader, type Header } from './probe/header';
import type { EngineOptions, Probe, Rendering, RenderOptions } from './types';

/** What a crop keeps in sight when nothing else is asked. */
const CENTRE = { x: 0.5, y: 0.5 };

/**
 * Reads what a source's header says, and turns the source away when it is over a limit. Limits on frames are left to
 * {@link render}, because they only hold where movement is kept.
 * @throws {ImageRejection}
 */
export async function probe(bytes: Buffer, options: EngineOptions): Promise<Probe> {
  const header = await readHeader(bytes, options, new Deadline(options.limits.maxDurationSeconds));
  return header.probe;
}

/**
 * Makes all thumbnails of a source: decodes it once, at the smallest size that serves the largest of them, and makes
 * every size and format from those pixels, as many at a time as there are processors. The same bytes and options always
 * give the same bytes.
 * @throws {ImageRejection}
 */
export async function render(bytes: Buffer, options: RenderOptions): Promise<Rendering> {
  const start = new Deadline(options.limits.maxDurationSeconds);
  const header = await start.race(readHeader(bytes, options, start));
  const work = workOf(header, options);
  const { memorySemaphore } = options;
  if (memorySemaphore === undefined) {
    return start.race(renderWithin(bytes, work, options, start));
  }
  const need = { bytes: memoryOf(bytes, work), held: bytes.length };
  const [giveBack, deadline] = await start.except(memorySemaphore.enter(need));
  const rendering = renderWithin(bytes, work, options, deadline);
  // Not when the time is over: a decoder that nobody waits for has its memory until it is done.
  rendering.then(giveBack, giveBack);
  return deadline.race(rendering);
}

/** A thumbnail that is to be made, in one format. */
interface Task {
  readonly settings: ThumbnailSettings;
  readonly format: FormatSettings;
  readonly plan: Plan;
  readonly moving: boolean;
}

/** What is to be done with a source. */
interface Work {
  readonly header: Header;
  readonly tasks: readonly Task[];
  /** Whether all frames are needed. */
  readonly moving: boolean;
  /** What it is decoded to. */
  readonly size: Size;
}

/** @throws {ImageRejection} `too-many-pixels`, `too-many-frames` */
function workOf(header: Header, { thumbnails, limits }: RenderOptions): Work {
  const tasks = tasksOf(header, thumbnails);
  const moving = tasks.some((task) => task.moving);
  if (moving) {
    checkAnimation(header.probe, limits);
  }
  return { header, tasks, moving, size: sizeFor(header.probe, tasks) };
}

function memoryOf(bytes: Buffer, { header, tasks, moving, size }: Work): number {
  const { probe } = header;
  return renderingMemory({
    file: bytes.length,
    decoding: header.memory,
    picture: { ...size, channels: probe.hasAlpha ? 4 : 3, frames: moving ? probe.frames : 1 },
    thumbnails: tasks.map(({ format, plan: { canvas }, moving: moves }) => {
      return { ...format, canvas, frames: moves ? probe.frames : 1 };
    }),
    lanes: availableParallelism(),
  });
}

async function renderWithin(
  bytes: Buffer,
  { header, tasks, moving, size }: Work,
  options: RenderOptions,
  deadline: Deadline,
): Promise<Rendering> {
  deadline.check();
  const { limits, detectJpegCorruption = false } = options;
  const { maxPixels } = limits;
  const { picture, warning } = await decode(bytes, header, size, {
    moving,
    maxPixels,
    detectJpegCorruption,
    deadline,
  });
  deadline.check();
  const still = firstFrame(picture);
  const parts = await partsOf(still, tasks, options);

  const thumbnails = await inParallel(tasks, costOf, (task) =>
    encode(task.moving ? picture : still, {
      ...task,
      part: parts.get(task.settings),
      movement: task.moving ? header.movement : undefined,
      deadline,
    }),
  );
  return { source: header.probe, warnings: warning ? [warning] : [], thumbnails, ...placeholderOf(still) };
}

/** The smallest size that serves the largest thumbnail, and the placeholder. */
function sizeFor(source: Size, tasks: readonly Task[]): Size {
  const scales = [PLACEHOLDER_SIDE / Math.max(source.width, source.height), ...tasks.map((task) => task.plan.scale)];
  return scaled(source, Math.min(1, Math.max(...scales)));
}

function tasksOf({ probe: source }: Header, thumbnails: readonly ThumbnailSettings[]): Task[] {
  return thumbnails.flatMap((settings) =>
    settings.formats.map((format) => ({
      settings,
      format,
      plan: plan(source, settings),
      moving: source.frames > 1 && settings.animated === true && canAnimate(format.type),
    })),
  );
}

/** Which part of the picture each cropping thumbnail keeps: one for all of its formats and frames. */
async function partsOf(
  picture: Pixels,
  tasks: readonly Task[],
  { focalPoint }: RenderOptions,
): Promise<Map<ThumbnailSettings, Area>> {
  const parts = new Map<ThumbnailSettings, Area>();
  for (const { settings, plan: planned } of tasks) {
    if (!planned.crops || parts.has(settings)) {
      continue;
    }
    const part = largestPart(picture, planned.picture);
    const attention = focalPoint === undefined && settings.position === 'attention';
    parts.set(
      settings,
      attention ? await partOfAttention(picture, part) : partAround(picture, part, focalPoint ?? CENTRE),
    );
  }
  return parts;
}

/** Roughly how long a task takes beside others: what the formats' encoders cost for each pixel at their default effort. */
const COSTS: Readonly<Record<FormatSettings['type'], number>> = { jpeg: 1, png: 6, webp: 8, gif: 12, avif: 16 };

function costOf({ plan: { canvas }, format, moving }: Task): number {
  return canvas.width * canvas.height * COSTS[format.type] * (moving ? 16 : 1);
}

/**
 * Works on as many items at a time as there are processors, the longest first so that none is left for the end. What has
 * not begun when one fails is not begun.
 */
async function inParallel<T, R>(
  items: readonly T[],
  cost: (item: T) => number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const queue = items.map((item, index) => ({ item, index })).sort((one, other) => cost(other.item) - cost(one.item));
  const lane = async (): Promise<void> => {
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        results[next.index] = await work(next.item);
      }
    } finally {
      queue.length = 0;
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), items.length) }, lane));
  return results;
}
