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
import { buildProgram, type Bench } from '../workspace';

/** Photos that are worked on with one child and with two, and how often. */
const PHOTOS = 48;
const ROUNDS = 2;
/** Jobs after which memory is looked at. */
const MARKS = [1, 1000, 5000];
/** Every so many jobs one is a whole photo; the others are small ones of other formats. */
const WHOLE = 50;
const SMALL = 1000;
/** Images after which the process is told to end, under load. */
const STOPS = [4, 9, 15, 22];

interface Line {
  readonly message: string;
  readonly status?: string;
}

interface Work {
  readonly program: string;
  readonly source: string;
  readonly thumbnails: string;
  readonly children: number;
}

/** The container's program as a worker over a folder: images a second, memory as jobs go by, the time that it takes to end. */
export async function worker(bench: Bench): Promise<Findings> {
  const { work, say } = bench;
  const program = await buildProgram(work);
  const thumbnails = join(work, 'thumbnails');
  const figures: Record<string, number> = {};

  const whole = fill(join(work, 'whole'), bench.photos, PHOTOS, work);
  const rates = new Map<number, number[]>([
    [1, []],
    [2, []],
  ]);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [children, measured] of rates) {
      say(`worker: ${PHOTOS} photos with ${children} at a time, round ${round + 1} of ${ROUNDS}`);
      measured.push(await rate({ program, source: whole, thumbnails, children }));
    }
  }
  for (const [children, measured] of rates) {
    figures[`images/s with ${children}`] = median(measured);
  }

  const stops: number[] = [];
  for (const [index, after] of STOPS.entries()) {
    say(`worker: stop ${index + 1} of ${STOPS.length}`);
    stops.push(await stop({ program, source: whole, thumbnails, children: 2 }, after));
  }
  figures['SIGTERM to exit, ms'] = median(stops);
  figures['SIGTERM to exit, longest, ms'] = Math.max(...stops);

  const mixed = await fillMixed(bench);
  const memory = await memories({ program, source: mixed, thumbnails, children: 2 }, say);
  for (const [mark, { children, all }] of memory) {
    figures[`MiB of a child after ${mark}`] = children;
    figures[`MiB of all after ${mark}`] = all;
  }
  return {
    tables: [
      {
        title: 'Worker, the default thumbnails',
        columns: ['what', 'figure'],
        rows: [
          ...[...rates].map(([children, measured]) => [
            `images/s with ${children} ${children === 1 ? 'child' : 'children'}, ${PHOTOS} photos`,
            fixed(median(measured), 2),
          ]),
          ['SIGTERM under load to the exit, ms, middle', fixed(median(stops))],
          ['the same, longest', fixed(Math.max(...stops))],
        ],
      },
      {
        title: 'Memory of a worker as jobs go by',
        note: `Two children; one job of ${WHOLE} is a whole photo, the others are 1 MP in four formats. MiB resident.`,
        columns: ['jobs', 'the larger child', 'parent and children'],
        rows: [...memory].map(([mark, { children, all }]) => [mark, fixed(children), fixed(all)]),
      },
    ],
    plots: [
      {
        name: 'worker-memory',
        title: 'Memory of a worker as jobs go by',
        unit: 'MiB resident',
        lines: {
          axis: 'jobs',
          at: [...memory.keys()],
          series: [
            { label: 'larger child', values: [...memory.values()].map(({ children }) => children), ours: true },
            { label: 'all', values: [...memory.values()].map(({ all }) => all) },
          ],
        },
      },
    ],
    figures,
  };
}

/** Puts so many images into a folder, each file again and again by other names. */
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

/** Photos among small pictures of four formats; what a file is called says nothing of what it is. */
async function fillMixed({ photos, work }: Bench): Promise<string> {
  const small: string[] = [];
  for (const [index, photo] of photos.entries()) {
    // From memory: our engine, a part of the bench, closes what reads files.
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

/** Starts a worker, and tells of every line that it writes. */
function start({ program, source, thumbnails, children }: Work, heard: (line: Line) => void): ReturnType<typeof spawn> {
  const service = spawn(deployedNode(), [join(program, 'service.js')], {
    env: {
      ...process.env,
      ...ALLOCATOR_VARIABLES,
      THUMBNAILS: JSON.stringify(DEFAULT_THUMBNAILS),
      SERVICE_MODE: 'worker',
      RECONCILE_INTERVAL_SECONDS: '0',
      STORE: 'directory',
      SOURCE: source,
      THUMBNAIL_BUCKET: thumbnails,
      HOST: '127.0.0.1',
      PORT: '0',
      WORKER_PROCESSES: String(children),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  // Warnings and errors go to the other stream.
  for (const input of [service.stdout, service.stderr]) {
    createInterface({ input }).on('line', (line) => {
      if (line.startsWith('{')) {
        heard(JSON.parse(line) as Line);
      }
    });
  }
  return service;
}

/** Works through a folder, and calls after every image. */
async function workThrough(work: Work, made: (count: number, pid: number) => void): Promise<void> {
  let count = 0;
  const service = start(work, ({ message, status }) => {
    if (status === 'made' || status === 'rejected' || status === 'error') {
      made(++count, service.pid!);
    }
    if (message === 'compared the stores') {
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
): Promise<ReadonlyMap<number, { readonly children: number; readonly all: number }>> {
  const memory = new Map<number, { children: number; all: number }>();
  await workThrough(work, (count, pid) => {
    if (!MARKS.includes(count)) {
      return;
    }
    say(`worker: ${count} jobs done`);
    const [, ...children] = treeOf(pid);
    memory.set(count, { children: Math.max(...children.map(treeOwnMemory)), all: treeOwnMemory(pid) });
  });
  return memory;
}

/** Milliseconds from SIGTERM to the end of the process, after so many images. */
async function stop(work: Work, after: number): Promise<number> {
  let count = 0;
  let asked = 0;
  const service = start(work, ({ status }) => {
    if (status !== 'made' || ++count !== after) {
      return;
    }
    asked = performance.now();
    service.kill('SIGTERM');
  });
  const [code] = (await once(service, 'exit')) as [number | null];
  if (code !== 0) {
    throw new Error(`the worker ended with ${code} after SIGTERM`);
  }
  rmSync(work.thumbnails, { recursive: true });
  return performance.now() - asked;
}
