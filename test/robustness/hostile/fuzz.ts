import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { ThumbnailSettings } from '../../../runtime/contract';
import { buildContainedProcess, ContainedProcess } from './containment';
import { mutant } from './mutate';
import { seeds } from './seeds';

/** Maximum resident memory in bytes for one source with the default limits. */
export const MEMORY_BOUND = 512 * 1024 * 1024;
/** Limit `maxDurationSeconds` of each rendering. */
export const SECONDS = 5;

/** CPU time in milliseconds above which an image is reported. */
export const EXPENSIVE_MS = 10_000;

/** Thumbnails of each source: still and animated, cropped and uncropped, with and without alpha. */
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

/** Options of a run. */
export interface FuzzOptions {
  readonly count: number;
  /** Seed of the changes. Equal seeds create equal images. */
  readonly seed: number;
  /** Index of the first image. @default 0 */
  readonly first?: number;
  /** Folder in which to store failed images. @default - failed images are not stored */
  readonly failures?: string;
  /** Callback after each image. */
  readonly onImage?: (done: number) => void;
}

/** An image that caused an error without a code, wrong thumbnails or too much memory. */
export interface Failure {
  readonly index: number;
  readonly name: string;
  readonly message: string;
  /** Path of the stored image. */
  readonly file?: string;
}

/** An image whose rendering took much CPU time. */
export interface ExpensiveImage {
  readonly index: number;
  readonly name: string;
  /** CPU time of the process in milliseconds. */
  readonly cpuMs: number;
}

/** Result of a run. */
export interface FuzzReport {
  readonly seed: number;
  readonly tried: number;
  readonly rendered: number;
  /** Rendered images with warnings. */
  readonly warned: number;
  /** Rejections by code. */
  readonly rejected: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
  /** CPU time of all images in milliseconds. */
  readonly cpuMs: number;
  /** Image with the most CPU time. */
  readonly slowest: ExpensiveImage;
  /** Images whose CPU time exceeds {@link EXPENSIVE_MS}. */
  readonly expensive: readonly ExpensiveImage[];
  readonly largest: { readonly index: number; readonly name: string; readonly peak: number };
}

/**
 * Renders images with random changes. The result of each image must be a rejection with a code, or thumbnails that
 * decode to their declared dimensions. The process must survive and stay within {@link MEMORY_BOUND} and the limits of
 * pixels and frames.
 */
export async function fuzz({ count, seed, first = 0, failures, onImage }: FuzzOptions): Promise<FuzzReport> {
  const program = await buildContainedProcess();
  const sources = await seeds();
  const report = {
    seed,
    tried: 0,
    rendered: 0,
    warned: 0,
    rejected: {} as Record<string, number>,
    failures: [] as Failure[],
    cpuMs: 0,
    slowest: { index: -1, name: '', cpuMs: 0 },
    expensive: [] as ExpensiveImage[],
    largest: { index: -1, name: '', peak: 0 },
  };
  let next = first;
  const lane = async (): Promise<void> => {
    const contained = new ContainedProcess(program.script);
    try {
      for (let index = next++; index < first + count; index = next++) {
        const { name, bytes } = mutant(sources, seed, index);
        const { results, peak, cpuMs } = await contained.run({
          sources: [bytes],
          thumbnails: THUMBNAILS,
          limits: { maxDurationSeconds: SECONDS },
          allowSvg: true,
        });
        const [result] = results;
        if (result === undefined) {
          throw new Error(`image ${index}: received no result from the contained process; expected one result`);
        }
        const { status, code = '', warnings } = result;
        report.tried++;
        report.cpuMs += cpuMs;
        if (status === 'rendered') {
          report.rendered++;
        }
        if (warnings !== undefined) {
          report.warned++;
        }
        if (status === 'rejected') {
          report.rejected[code] = (report.rejected[code] ?? 0) + 1;
        }
        if (cpuMs > report.slowest.cpuMs) {
          report.slowest = { index, name, cpuMs };
        }
        if (cpuMs > EXPENSIVE_MS) {
          report.expensive.push({ index, name, cpuMs });
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
      contained.stop();
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(4, availableParallelism()) }, lane));
  } finally {
    program.remove();
  }
  return report;
}
