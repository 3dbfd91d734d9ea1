// Measures one kind of work in a separate process: node growth-process.js KIND SIZE FOLDER [PHOTO]
// SIZE is a number of thumbnails, megapixels, keys or messages, depending on the kind of work.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SQSEvent } from 'aws-lambda';
import { readProcessMemoryMiB } from '../../runtime/config/machine';
import { DEFAULT_LIMITS, DEFAULT_THUMBNAILS, type CoreSettings, type ThumbnailSettings } from '../../runtime/contract';
import { render, type Rendering } from '../../runtime/engine';
import { Pipeline, mapParallel } from '../../runtime/pipeline';
import { disableIncrementalMarking } from '../../runtime/program/heap';
import { renderWithinMemory } from '../../runtime/program/render-within-memory';
import { openObjectStore } from '../../runtime/storage';
import { notification, sqsEvent } from '../../test/unit/lambda/sqs-event';
import { ENGINE_OPTIONS } from '../engine/cases';
import { forgetPeakMemory, peakMemory } from '../processes';

/** CPU time and wall time per repetition in ms, and peak memory in MiB. */
export interface Growth {
  readonly cpu: number;
  readonly wall: number;
  readonly memory: number;
}

/** Number of repetitions that measure the CPU time, after one repetition that measures the memory. */
const REPEATS = 4;
/** Number of sources that the pipeline reconciles concurrently. */
const AT_ONCE = 32;

const [kind, sizeWord, folder = '', photo = ''] = process.argv.slice(2);
const size = Number(sizeWord);

async function measured(work: () => Promise<unknown>, repeats: number): Promise<Growth> {
  forgetPeakMemory();
  const { user, system } = process.cpuUsage();
  const begin = performance.now();
  for (let repeat = 0; repeat < repeats; repeat++) {
    await work();
  }
  const spent = process.cpuUsage({ user, system });
  return {
    cpu: (spent.user + spent.system) / 1000 / repeats,
    wall: (performance.now() - begin) / repeats,
    // `maxRSS` of resourceUsage() includes the peak memory of the parent process before the fork.
    memory: peakMemory(process.pid),
  };
}

/** Renders one photo to `size` thumbnails with sides from 100 to 1600 pixels. */
async function presets(): Promise<Growth> {
  const thumbnails = Array.from({ length: size }, (_, index): ThumbnailSettings => {
    const side = Math.round(size === 1 ? 1600 : 100 + (index * 1500) / (size - 1));
    return { name: `t${index}`, fit: 'inside', width: side, height: side, formats: [{ type: 'webp' }] };
  });
  return image(thumbnails);
}

async function image(thumbnails: readonly ThumbnailSettings[]): Promise<Growth> {
  disableIncrementalMarking();
  const render = renderWithinMemory(readProcessMemoryMiB(process.env));
  const bytes = readFileSync(photo);
  const work = (): Promise<Rendering> => render(bytes, { ...ENGINE_OPTIONS, thumbnails });
  // Measures the memory in the first repetition. The benchmark part `worker` measures the memory after many images.
  const { memory } = await measured(work, 1);
  return { ...(await measured(work, REPEATS)), memory };
}

/** Renders one image once, as the first image of the process. */
function once(thumbnails: readonly ThumbnailSettings[]): Promise<Growth> {
  const render = renderWithinMemory(readProcessMemoryMiB(process.env));
  const bytes = readFileSync(photo);
  // Raises the limit of the duration, because the wall time of a render can exceed the default limit on a busy machine. The
  // results use the CPU time instead of the wall time.
  const limits = { ...DEFAULT_LIMITS, maxDurationSeconds: 600 };
  return measured(() => render(bytes, { ...ENGINE_OPTIONS, limits, thumbnails }), 1);
}

/** Compares a source directory of `size` images with a thumbnail directory in which all thumbnail sets are current. */
async function reconcileAll(): Promise<Growth> {
  const settings: CoreSettings = {
    storage: 'directory',
    sourceLocation: { name: join(folder, 'source'), prefix: '', suffixes: [] },
    thumbnailLocation: { name: join(folder, 'thumbnails'), prefix: '' },
    thumbnails: [{ name: 'small', fit: 'inside', width: 200, height: 200, formats: [{ type: 'webp' }] }],
    limits: DEFAULT_LIMITS,
    rules: [],
    requireMalwareScan: false,
    allowSvg: false,
    detectJpegCorruption: true,
    cacheControl: 'no-cache',
  };
  const [source, thumbnails] = await Promise.all([
    openObjectStore('directory', settings.sourceLocation.name, { create: true }),
    openObjectStore('directory', settings.thumbnailLocation.name, { create: true }),
  ]);
  // The comparison does not read pixels. Therefore, all images share one rendering.
  const made = await render(readFileSync(photo), { ...ENGINE_OPTIONS, thumbnails: settings.thumbnails });
  const pipeline = new Pipeline({ source, thumbnails, settings, render: () => Promise.resolve(made) });
  const keys = Array.from({ length: size }, (_, index) => `${Math.floor(index / 1000)}/${index}.jpg`);
  for (let at = 0; at < size; at += 1000) {
    mkdirSync(join(settings.sourceLocation.name, String(at / 1000)), { recursive: true });
  }
  for (const key of keys) {
    writeFileSync(join(settings.sourceLocation.name, key), key);
  }
  await mapParallel(keys, AT_ONCE, (key) => pipeline.reconcile(key));
  return measured(async () => {
    for await (const key of pipeline.changedKeys()) {
      throw new Error(`${key} is reported as changed, but its thumbnail set is current`);
    }
  }, 1);
}

/** Invokes the upload function with a batch of `size` messages. Returns the times per image. */
async function batch(): Promise<Growth> {
  const source = join(folder, 'batch');
  mkdirSync(source, { recursive: true });
  const bytes = readFileSync(photo);
  Object.assign(process.env, {
    STORAGE: 'directory',
    SOURCE_DIRECTORY: source,
    THUMBNAIL_DIRECTORY: join(folder, 'batch-thumbnails'),
    THUMBNAILS: JSON.stringify(DEFAULT_THUMBNAILS),
    POWERTOOLS_METRICS_DISABLED: 'true',
    POWERTOOLS_LOG_LEVEL: 'SILENT',
  });
  const { handler } = module.require(join(folder, 'bundles/upload-function.js')) as {
    readonly handler: (event: SQSEvent, context: object) => Promise<{ readonly batchItemFailures: readonly unknown[] }>;
  };
  let round = 0;
  const work = async (): Promise<void> => {
    const keys = Array.from({ length: size }, (_, index) => `${round}-${index}.jpg`);
    round += 1;
    for (const key of keys) {
      writeFileSync(join(source, key), bytes);
    }
    const event = sqsEvent(...keys.map((key) => notification(source, key)));
    const { batchItemFailures } = await handler(event, { getRemainingTimeInMillis: () => 600_000 });
    if (batchItemFailures.length > 0) {
      throw new Error(`${batchItemFailures.length} of ${size} images failed`);
    }
  };
  await work();
  const { cpu, wall, memory } = await measured(work, 2);
  return { cpu: cpu / size, wall: wall / size, memory };
}

const KINDS: Readonly<Record<string, () => Promise<Growth>>> = {
  presets,
  pixels: () => image(DEFAULT_THUMBNAILS),
  once: () => once(DEFAULT_THUMBNAILS),
  keys: reconcileAll,
  batch,
};

KINDS[kind!]!().then(
  (growth) => process.send!(growth, () => process.exit(0)),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
