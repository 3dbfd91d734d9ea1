import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, linkSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import { ALLOCATOR_VARIABLES, DEFAULT_THUMBNAILS } from '../../runtime/contract';
import { deployedNode } from '../competitors';
import { treeOf, treeOwnMemory } from '../processes';
import type { Findings } from '../report';
import { fixed, median } from '../statistics';
import { buildRuntimeBundles, type Bench } from '../workspace';

/** Number of photos in the comparison of one and two worker processes. */
const PHOTOS = 48;
/** Number of measurements for each number of worker processes. */
const ROUNDS = 2;
/** Numbers of completed jobs at which the benchmark measures the memory. */
const MARKS = [1, 1000, 5000];
/** One job in 50 is a photo. All other jobs are small images of four formats. */
const WHOLE = 50;
const SMALL = 1000;
/** Numbers of processed images after which the benchmark sends SIGTERM to the busy service. */
const STOPS = [4, 9, 15, 22];

interface Line {
  readonly message: string;
  readonly status?: string;
}

interface Work {
  readonly program: string;
  readonly source: string;
  readonly thumbnails: string;
  readonly workers: number;
}

/** Measures the service in worker mode on a directory: images per second, memory after many jobs, and shutdown time. */
export async function worker(bench: Bench): Promise<Findings> {
  const { work, say } = bench;
  const program = await buildRuntimeBundles(work);
  const thumbnails = join(work, 'thumbnails');
  const figures: Record<string, number> = {};

  const whole = fill(join(work, 'whole'), bench.photos, PHOTOS, work);
  const rates = new Map<number, number[]>([
    [1, []],
    [2, []],
  ]);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [workers, measured] of rates) {
      say(`worker: ${PHOTOS} photos with ${workers} worker processes, round ${round + 1} of ${ROUNDS}`);
      measured.push(await rate({ program, source: whole, thumbnails, workers }));
    }
  }
  for (const [workers, measured] of rates) {
    figures[`images/s with ${workers}`] = median(measured);
  }

  const stops: number[] = [];
  for (const [index, after] of STOPS.entries()) {
    say(`worker: stop ${index + 1} of ${STOPS.length}`);
    stops.push(await stop({ program, source: whole, thumbnails, workers: 2 }, after));
  }
  figures['SIGTERM to exit, ms'] = median(stops);
  figures['SIGTERM to exit, longest, ms'] = Math.max(...stops);

  const mixed = await fillMixed(bench);
  const memory = await memories({ program, source: mixed, thumbnails, workers: 2 }, say);
  for (const [mark, { worker: one, all }] of memory) {
    figures[`MiB of a worker process after ${mark}`] = one;
    figures[`MiB of all after ${mark}`] = all;
  }
  return {
    tables: [
      {
        title: 'Worker, the default thumbnails',
        columns: ['measurement', 'value'],
        rows: [
          ...[...rates].map(([workers, measured]) => [
            `images/s with ${workers} worker ${workers === 1 ? 'process' : 'processes'}, ${PHOTOS} photos`,
            fixed(median(measured), 2),
          ]),
          ['SIGTERM under load to exit, ms, median', fixed(median(stops))],
          ['SIGTERM under load to exit, ms, maximum', fixed(Math.max(...stops))],
        ],
      },
      {
        title: 'Memory over many jobs',
        note: `Resident MiB of a service with two worker processes. One job in ${WHOLE} is a photo; the others are small images.`,
        columns: ['jobs', 'larger worker process', 'all processes'],
        rows: [...memory].map(([mark, { worker: one, all }]) => [mark, fixed(one), fixed(all)]),
      },
    ],
    plots: [
      {
        name: 'worker-memory',
        title: 'Memory over many jobs',
        unit: 'MiB resident',
        lines: {
          axis: 'jobs',
          at: [...memory.keys()],
          series: [
            { label: 'larger worker process', values: [...memory.values()].map(({ worker: one }) => one), ours: true },
            { label: 'all', values: [...memory.values()].map(({ all }) => all) },
          ],
        },
      },
    ],
    figures,
  };
}

/** Fills a folder with `count` links to the files. */
function fill(folder: string, files: readonly string[], count: number, work: string): string {
  mkdirSync(folder, { recursive: true });
  const near = files.map((file, index) => {
    const copy = join(work, `${files.length}-${index}`);
    copyFileSync(file, copy);
    return copy;
  });
  for (let index = 0; index < count; index++) {
    const place = join(folder, String(Math.floor(index / 1000)));
    mkdirSync(place, { recursive: true });
    linkSync(near[index % near.length]!, join(place, `${index}.jpg`));
  }
  return folder;
}

/** Fills a folder with photos and small images of four formats. All files have the extension `.jpg`. */
async function fillMixed({ photos, work }: Bench): Promise<string> {
  const small: string[] = [];
  for (const [index, photo] of photos.entries()) {
    // Reads the photo into memory first, because the import of the engine blocks the file loaders of sharp.
    const shrunk = sharp(await sharp(readFileSync(photo)).resize(SMALL, SMALL, { fit: 'inside' }).toBuffer());
    const path = join(work, `small-${index}`);
    await shrunk.toFormat((['jpeg', 'png', 'webp', 'gif'] as const)[index % 4]!).toFile(path);
    small.push(path);
  }
  const files = Array.from({ length: WHOLE * photos.length }, (_, index) =>
    index % WHOLE === 0 ? photos[index / WHOLE]! : small[index % small.length]!,
  );
  return fill(join(work, 'mixed'), files, MARKS.at(-1)!, work);
}

/** Starts the service in worker mode. Calls `onLine` with each line of its log. */
function start({ program, source, thumbnails, workers }: Work, onLine: (line: Line) => void): ReturnType<typeof spawn> {
  const service = spawn(deployedNode(), [join(program, 'service.js')], {
    env: {
      ...process.env,
      ...ALLOCATOR_VARIABLES,
      THUMBNAILS: JSON.stringify(DEFAULT_THUMBNAILS),
      SERVICE_MODE: 'worker',
      RECONCILE_INTERVAL_SECONDS: '0',
      STORAGE: 'directory',
      SOURCE_DIRECTORY: source,
      THUMBNAIL_DIRECTORY: thumbnails,
      HOST: '127.0.0.1',
      PORT: '0',
      WORKER_PROCESSES: String(workers),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // The service writes warnings and errors to stderr.
  for (const input of [service.stdout, service.stderr]) {
    createInterface({ input }).on('line', (line) => {
      if (line.startsWith('{')) {
        onLine(JSON.parse(line) as Line);
      }
    });
  }
  return service;
}

/** Runs the service until all images of the folder are complete. Calls `made` after each image. */
async function workThrough(work: Work, made: (count: number, pid: number) => void): Promise<void> {
  let count = 0;
  const service = start(work, ({ message, status }) => {
    if (status === 'made' || status === 'rejected' || status === 'failed') {
      made(++count, service.pid!);
    }
    if (message === 'compared the object stores') {
      service.kill('SIGTERM');
    }
  });
  await once(service, 'exit');
  rmSync(work.thumbnails, { recursive: true });
}

async function rate(work: Work): Promise<number> {
  const times: number[] = [];
  await workThrough(work, () => times.push(performance.now()));
  return ((times.length - 1) / (times.at(-1)! - times[0]!)) * 1000;
}

async function memories(
  work: Work,
  say: Bench['say'],
): Promise<ReadonlyMap<number, { readonly worker: number; readonly all: number }>> {
  const memory = new Map<number, { worker: number; all: number }>();
  await workThrough(work, (count, pid) => {
    if (!MARKS.includes(count)) {
      return;
    }
    say(`worker: ${count} jobs done`);
    const [, ...workers] = treeOf(pid);
    memory.set(count, { worker: Math.max(...workers.map(treeOwnMemory)), all: treeOwnMemory(pid) });
  });
  return memory;
}

/** Starts the service, and sends SIGTERM after `after` images. Returns the time in ms from SIGTERM to the exit. */
async function stop(work: Work, after: number): Promise<number> {
  let count = 0;
  let sent = 0;
  const service = start(work, ({ status }) => {
    if (status !== 'made' || ++count !== after) {
      return;
    }
    sent = performance.now();
    service.kill('SIGTERM');
  });
  const [code] = (await once(service, 'exit')) as [number | null];
  if (code !== 0) {
    throw new Error(`the service exited with code ${code} after SIGTERM`);
  }
  rmSync(work.thumbnails, { recursive: true });
  return performance.now() - sent;
}
