// Process that renders untrusted images and reports the results. ./containment starts it.
import { readFileSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { readProcessMemoryMiB } from '../../../runtime/config/machine';
import { DEFAULT_LIMITS, type Limits, type ThumbnailSettings } from '../../../runtime/contract';
import { ImageRejection, type Probe } from '../../../runtime/engine';
import { MAX_STORED_FRAMES } from '../../../runtime/engine/probe/stored-frames';
import type { Warning } from '../../../runtime/errors/warning-codes';
import { renderWithinMemory } from '../../../runtime/program/render-within-memory';

/** Task of a contained process. */
export interface Task {
  readonly id: number;
  /** One source, or several sources to render concurrently. */
  readonly sources: readonly (Uint8Array | /** Path of a file. */ string)[];
  readonly thumbnails: readonly ThumbnailSettings[];
  readonly limits?: Partial<Limits>;
  readonly allowSvg: boolean;
}

/**
 * Result of a source.
 *
 * - `rendered`: every thumbnail exists and decodes to its declared dimensions
 * - `rejected`: the engine rejected the source with a code
 * - `failed`: any other result, which is an error of the engine
 */
export interface Result {
  readonly status: 'rendered' | 'rejected' | 'failed';
  readonly code?: string;
  readonly message?: string;
  readonly warnings?: readonly Warning[];
  /** Duration of the rendering in milliseconds. */
  readonly ms: number;
}

/** Report of a contained process. */
export interface Report {
  readonly id: number;
  /** In the order of the sources. */
  readonly results: readonly Result[];
  /** Maximum resident memory during the task in bytes. */
  readonly peak: number;
  /** CPU time of all threads during the task in milliseconds. */
  readonly cpuMs: number;
}

const render = renderWithinMemory(readProcessMemoryMiB(process.env));

async function renderOne(source: Uint8Array | string, { thumbnails, limits, allowSvg }: Task): Promise<Result> {
  const started = performance.now();
  const elapsed = (): number => Math.round(performance.now() - started);
  try {
    const options = { limits: { ...DEFAULT_LIMITS, ...limits }, allowSvg, thumbnails, detectJpegCorruption: true };
    const bytes =
      typeof source === 'string' ? readFileSync(source) : Buffer.from(source.buffer, source.byteOffset, source.length);
    const rendering = await render(bytes, options);
    const ms = elapsed();
    const work = excessOf(rendering.source, options.limits);
    if (work !== undefined) {
      return { status: 'failed', message: work, ms };
    }
    for (const { name, format, body, width, height, frames } of rendering.thumbnails) {
      const { info } = await sharp(body, { failOn: 'warning', animated: frames > 1 })
        .raw()
        .toBuffer({ resolveWithObject: true });
      if (info.width !== width || info.height !== height * frames) {
        const message = `${name}.${format} is ${info.width} × ${info.height}, not ${width} × ${height} × ${frames}`;
        return { status: 'failed', message, ms };
      }
    }
    const { warnings } = rendering;
    return { status: 'rendered', ...(warnings.length > 0 && { warnings }), ms };
  } catch (error) {
    if (error instanceof ImageRejection) {
      return { status: 'rejected', code: error.code, message: error.message, ms: elapsed() };
    }
    return {
      status: 'failed',
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
      ms: elapsed(),
    };
  }
}

/** Returns a description if a rendered source exceeds a limit; undefined otherwise. */
function excessOf({ width, height, frames }: Probe, limits: Limits): string | undefined {
  return width * height > limits.maxPixels || frames > MAX_STORED_FRAMES
    ? `rendered ${width} × ${height} pixels with ${frames} frames, which exceeds the limits`
    : undefined;
}

async function work(task: Task): Promise<void> {
  resetPeak();
  const start = process.cpuUsage();
  const results = await Promise.all(task.sources.map((source) => renderOne(source, task)));
  const { user, system } = process.cpuUsage(start);
  const cpuMs = Math.round((user + system) / 1000);
  process.send?.({ id: task.id, results, peak: peak(), cpuMs } satisfies Report);
}

/** Resets the peak of the resident memory on Linux. */
function resetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // On systems other than Linux, the peak of the whole process is an upper bound.
  }
}

function peak(): number {
  try {
    const [, kilobytes] = /VmHWM:\s*(\d+) kB/.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
    if (kilobytes !== undefined) {
      return Number(kilobytes) * 1024;
    }
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}

process.on('message', (task: Task) => void work(task));
process.on('disconnect', () => process.exit());
