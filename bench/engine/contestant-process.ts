// Runs one contestant in a separate process: node contestant-process.js NAME WORK COMPETITORS
import { mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { ThumbnailSettings } from '../../runtime/contract';
import { childrenCpu } from '../processes';
import { CONTESTANTS } from './contestants';

/** Request to a contestant: one photo. */
export interface Round {
  readonly photo: string;
  readonly thumbnails: readonly ThumbnailSettings[];
  /** Path of the folder to which the contestant writes the thumbnails. @default - the contestant discards the thumbnails */
  readonly keep?: string;
}

/** CPU time and wall time of a round in ms, and total size of the thumbnails in bytes. A failed round has only an error. */
export type RoundResult =
  { readonly cpu: number; readonly wall: number; readonly bytes: number } | { readonly error: string };

async function main([name, work, competitors]: readonly string[]): Promise<void> {
  const contestant = CONTESTANTS.find((each) => each.name === name);
  if (!contestant || work === undefined || competitors === undefined) {
    throw new Error(`unknown contestant: ${name}`);
  }
  const make = await contestant.prepare(work, createRequire(competitors));
  // For a command-line program, the result is the CPU time of terminated child processes.
  const cpuNow = (): number => {
    const { user, system } = process.cpuUsage();
    return contestant.isProgram ? childrenCpu() : (user + system) / 1000;
  };
  process.on('message', ({ photo, thumbnails, keep }: Round) => {
    const begin = performance.now();
    const before = cpuNow();
    make(photo, thumbnails).then(
      (bodies) => {
        const wall = performance.now() - begin;
        const cpu = cpuNow() - before;
        if (keep !== undefined) {
          mkdirSync(keep, { recursive: true });
          bodies.forEach((body, index) => writeFileSync(join(keep, thumbnails[index]!.name), body));
        }
        process.send!({ cpu, wall, bytes: bodies.reduce((sum, { length }) => sum + length, 0) } satisfies RoundResult);
      },
      (error: unknown) => process.send!({ error: String(error) } satisfies RoundResult),
    );
  });
  process.send!('ready');
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
