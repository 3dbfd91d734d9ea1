// A process that renders what it is given and tells what came of it: see ./host, which starts it.
import { readFileSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { readProcessMemoryMiB } from '../../../runtime/config/machine';
import { DEFAULT_LIMITS, type Limits, type ThumbnailSettings } from '../../../runtime/contract';
import { ImageRejection } from '../../../runtime/engine';
import type { Warning } from '../../../runtime/errors/warning-codes';
import { renderWithinMemory } from '../../../runtime/program/render-within-memory';

/** What a guest is asked. */
export interface Task {
  readonly id: number;
  /** One source, or several that are rendered at once. */
  readonly sources: readonly (Uint8Array | /** Path of a file. */ string)[];
  readonly thumbnails: readonly ThumbnailSettings[];
  readonly limits?: Partial<Limits>;
  readonly allowSvg: boolean;
}

/**
 * What became of a source.
 *
 * - `rendered`: every thumbnail was made, and can be decoded whole
 * - `rejected`: by a typed refusal
 * - `failed`: anything else, which must not be
 */
export interface Result {
  readonly status: 'rendered' | 'rejected' | 'failed';
  readonly code?: string;
  readonly message?: string;
  readonly warnings?: readonly Warning[];
  /** From its bytes to its thumbnails, in milliseconds. */
  readonly ms: number;
}

/** What a guest answers. */
export interface Report {
  readonly id: number;
  /** In the order of the sources. */
  readonly results: readonly Result[];
  /** Most bytes of resident memory that the process had meanwhile. */
  readonly peak: number;
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

async function work(task: Task): Promise<void> {
  forgetPeak();
  const results = await Promise.all(task.sources.map((source) => renderOne(source, task)));
  process.send?.({ id: task.id, results, peak: peak() } satisfies Report);
}

/** Lets Linux count the most memory from now on. */
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Elsewhere the most memory is that of the process's whole life, which is more.
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
