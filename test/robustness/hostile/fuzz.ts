import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ThumbnailSettings } from '../../../runtime/contract';
import { buildGuest, Guest } from './containment';
import { mutant } from './mutate';
import { seeds } from './seeds';

/** Bytes that the engine may make resident for one source, with the limits that hold where none are given. */
export const MEMORY_BOUND = 512 * 1024 * 1024;
/** Seconds after which the engine gives up, here. */
export const SECONDS = 5;

/** What is asked of each source: still and moving, cropped and not, with and without opacity. */
export const THUMBNAILS: readonly ThumbnailSettings[] = [
  { name: 'small', fit: 'inside', width: 48, height: 48, formats: [{ type: 'png' }] },
  {
    name: 'square',
    fit: 'cover',
    width: 32,
    height: 32,
    formats: [{ type: 'webp' }, { type: 'jpeg' }],
    animated: true,
  },
];

/** What a run is told. */
export interface FuzzOptions {
  readonly count: number;
  /** Number of the run: the same one gives the same images. */
  readonly seed: number;
  /** Place of the first image in the run. @default 0 */
  readonly first?: number;
  /** Folder for images that were not dealt with as they should. @default none is kept */
  readonly failures?: string;
  /** Told after each image. */
  readonly onImage?: (done: number) => void;
}

/** An image that was not dealt with as it should. */
export interface Failure {
  readonly index: number;
  readonly name: string;
  readonly message: string;
  /** Where its bytes are kept. */
  readonly file?: string;
}

/** What came of a run. */
export interface FuzzReport {
  readonly seed: number;
  readonly tried: number;
  readonly rendered: number;
  /** Of those, with damage that was told. */
  readonly warned: number;
  /** Refusals by code. */
  readonly rejected: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
  readonly slowest: { readonly index: number; readonly name: string; readonly ms: number };
  readonly largest: { readonly index: number; readonly name: string; readonly peak: number };
}

/**
 * Renders images that were changed at random, each of which has to end in a typed refusal or in thumbnails that can be
 * decoded whole, in a process that lives on and keeps within {@link MEMORY_BOUND}.
 */
export async function fuzz({ count, seed, first = 0, failures, onImage }: FuzzOptions): Promise<FuzzReport> {
  const program = await buildGuest();
  const sources = await seeds();
  const report = {
    seed,
    tried: 0,
    rendered: 0,
    warned: 0,
    rejected: {} as Record<string, number>,
    failures: [] as Failure[],
    slowest: { index: -1, name: '', ms: 0 },
    largest: { index: -1, name: '', peak: 0 },
  };
  let next = first;
  const lane = async (): Promise<void> => {
    const guest = new Guest(program.script);
    try {
      for (let index = next++; index < first + count; index = next++) {
        const { name, bytes } = mutant(sources, seed, index);
        const { results, peak } = await guest.run({
          sources: [bytes],
          thumbnails: THUMBNAILS,
          limits: { maxDurationSeconds: SECONDS },
          allowSvg: true,
        });
        const [result] = results;
        if (result === undefined) {
          throw new Error('a guest answered without a result');
        }
        const { status, code = '', warnings, ms } = result;
        report.tried++;
        if (status === 'rendered') {
          report.rendered++;
        }
        if (warnings !== undefined) {
          report.warned++;
        }
        if (status === 'rejected') {
          report.rejected[code] = (report.rejected[code] ?? 0) + 1;
        }
        if (ms > report.slowest.ms) {
          report.slowest = { index, name, ms };
        }
        if (peak > report.largest.peak) {
          report.largest = { index, name, peak };
        }
        if (status === 'failed' || peak > MEMORY_BOUND) {
          const message = result.message ?? `${Math.round(peak / 2 ** 20)} MiB of memory`;
          const file = failures && join(failures, `${seed}-${index}.bin`);
          if (failures !== undefined && file !== undefined) {
            mkdirSync(failures, { recursive: true });
            writeFileSync(file, bytes);
          }
          report.failures.push({ index, name, message, ...(file !== undefined && { file }) });
        }
        onImage?.(report.tried);
      }
    } finally {
      guest.stop();
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, lane));
  } finally {
    program.remove();
  }
  return report;
}
