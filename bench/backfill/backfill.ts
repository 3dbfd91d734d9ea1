// Measures the command `backfill` on a directory: throughput, memory, and the effects of an interruption and a crash.
//   npx ts-node -T bench/backfill/backfill.ts [images]
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import type { BackfillRecord } from '../../cli/backfill/backfill-progress';
import { ownMemory, treeMemory } from '../processes';
import { buildRuntimeBundles, inWorkspace } from '../workspace';

const IMAGES = Number(process.argv[2] ?? 100_000);
const PER_FOLDER = 1000;
const FILES = 16;
const SETTINGS = JSON.stringify([
  { name: 'small', fit: 'inside', width: 160, height: 160, formats: [{ type: 'webp', quality: 80 }] },
]);

interface Run {
  readonly code: number | null;
  readonly seconds: number;
  readonly last: BackfillRecord;
  /** Peak resident memory of all processes in MiB. Counts shared pages once for each process. */
  readonly peakMiB: number;
  /** Peak resident memory of the command without its worker processes, in MiB. */
  readonly ownMiB: number;
}

async function main(): Promise<void> {
  await inWorkspace(async (work) => {
    const program = join(await buildRuntimeBundles(work), 'cdk-thumbnails.js');
    await createImages(work);
    const run = (at: number, signal?: NodeJS.Signals) => backfill(program, work, at, signal);
    report('interrupted', await run(Math.floor(IMAGES / 3), 'SIGINT'));
    const first = manifests(work);
    report('killed', await run(Math.floor(IMAGES / 3), 'SIGKILL'));
    const second = manifests(work);
    report('completed', await run(Infinity));
    const all = manifests(work);
    report('repeated', await run(Infinity));
    const changed = [...second].filter(([key, time]) => all.get(key) !== time).length;
    const changedByKill = [...first].filter(([key, time]) => second.get(key) !== time).length;
    console.log(
      `thumbnail sets: ${first.size} after the interruption, ${second.size} after the crash, ${all.size} at the end`,
    );
    console.log(
      `thumbnail sets that were written twice: ${changedByKill + changed}; missing thumbnail sets: ${IMAGES - all.size}`,
    );
  });
}

async function createImages(work: string): Promise<void> {
  const files: string[] = [];
  for (let index = 0; index < FILES; index++) {
    const noise = { type: 'gaussian', mean: 128, sigma: 20 } as const;
    const path = join(work, `${index}.jpg`);
    const image = sharp({ create: { width: 320, height: 240, channels: 3, background: '#468', noise } });
    writeFileSync(path, await image.blur(4).jpeg().toBuffer());
    files.push(path);
  }
  for (let index = 0; index < IMAGES; index++) {
    const folder = join(work, 'images', String(Math.floor(index / PER_FOLDER)));
    mkdirSync(folder, { recursive: true });
    linkSync(files[index % FILES]!, join(folder, `${index}.jpg`));
  }
}

/** Runs the command `backfill`, and measures the run. Sends `signal` to the command when `at` images are complete. */
async function backfill(program: string, work: string, at: number, signal: NodeJS.Signals = 'SIGINT'): Promise<Run> {
  const begin = performance.now();
  const child = spawn(process.execPath, [program, 'backfill', '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      STORAGE: 'directory',
      SOURCE_DIRECTORY: join(work, 'images'),
      THUMBNAIL_DIRECTORY: join(work, 'thumbnails'),
      THUMBNAILS: SETTINGS,
    },
  });
  let [peakMiB, ownMiB] = [0, 0];
  const timer = setInterval(() => {
    peakMiB = Math.max(peakMiB, treeMemory(child.pid!));
    ownMiB = Math.max(ownMiB, ownMemory(child.pid!));
  }, 500);
  const exit = once(child, 'exit');
  let last: BackfillRecord | undefined;
  let isSent = false;
  for await (const line of createInterface({ input: child.stdout })) {
    last = JSON.parse(line) as BackfillRecord;
    if (!isSent && last.done >= at) {
      // Sends the signal only once, because the process ends immediately after a second SIGINT.
      isSent = child.kill(signal);
    }
  }
  const [code] = (await exit) as [number | null];
  clearInterval(timer);
  return { code, seconds: (performance.now() - begin) / 1000, last: last!, peakMiB, ownMiB };
}

/** Returns a map from source keys to the modification times of their manifests in ms. */
function manifests(work: string): Map<string, number> {
  const times = new Map<string, number>();
  const root = join(work, 'thumbnails');
  for (const folder of readdirSync(root).filter((name) => /^\d+$/.test(name))) {
    for (const key of readdirSync(join(root, folder))) {
      const stats = statSync(join(root, folder, key, 'manifest.json'), { throwIfNoEntry: false });
      if (stats) {
        times.set(`${folder}/${key}`, stats.mtimeMs);
      }
    }
  }
  return times;
}

function report(name: string, { code, seconds, last, peakMiB, ownMiB }: Run): void {
  const { done, failed, total, perSecond } = last;
  console.log(
    `${name}: exit code ${code}, ${done} of ${total} images, ${failed} failed, ${perSecond} images/s, ${seconds.toFixed(0)} s, ` +
      `${ownMiB.toFixed(0)} MiB, with worker processes ${peakMiB.toFixed(0)} MiB`,
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
