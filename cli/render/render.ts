import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { SingleBar, Presets } from 'cli-progress';
import { readProcessMemoryMiB } from '../../runtime/config/machine';
import { Pipeline, mapParallel } from '../../runtime/pipeline';
import { renderWithinMemory } from '../../runtime/program/render-within-memory';
import { openObjectStore } from '../../runtime/storage';
import { findInputs, type Input } from './inputs';
import { failureOf, lineOf, recordOf, timeoutOf, type FileRecord } from './records';
import { readSettingsFile } from './settings-file';

/** What `render` is told besides the files. */
export interface RenderOptions {
  /** Folder that the thumbnails go to, laid out as in a thumbnail bucket. */
  readonly out: string;
  /** Path of a settings file. */
  readonly settings?: string;
  /** One JSON record per file instead of lines for people. */
  readonly json?: boolean;
  /** Make thumbnails anew that are there already. */
  readonly force?: boolean;
}

/** Where a run speaks to. */
export interface Terminal {
  readonly out: NodeJS.WritableStream & { readonly isTTY?: boolean };
  readonly err: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/**
 * Makes the thumbnails of files as a deployed pipeline would: the same reconciliation, on folders.
 *
 * @returns 0 when every file was rendered or rejected by name, 1 when something else failed
 */
export async function render(words: readonly string[], options: RenderOptions, terminal: Terminal): Promise<number> {
  const settings = readSettingsFile(options.settings);
  const out = resolve(options.out);
  const thumbnails = await openObjectStore('directory', out, { create: true });
  const { files: inputs, tooLong, warnings } = await findInputs(words, out);
  warnings.forEach((warning) => terminal.err.write(`cdk-thumbnails: ${warning}\n`));
  const pipelines = new Map<string, Pipeline>();
  const inTurn = renderWithinMemory(readProcessMemoryMiB(process.env));
  for (const { folder } of inputs) {
    if (!pipelines.has(folder)) {
      const places = {
        source: { ...settings.sourceLocation, name: folder },
        thumbnailLocation: { ...settings.thumbnailLocation, name: out },
      };
      const source = await openObjectStore('directory', folder);
      pipelines.set(folder, new Pipeline({ source, thumbnails, settings: { ...settings, ...places }, render: inTurn }));
    }
  }
  const counts: Record<FileRecord['status'], number> = { rendered: 0, unchanged: 0, rejected: 0, error: 0 };

  const bar = progressBar(inputs.length + tooLong.length, options, terminal);
  const started = performance.now();
  const tell = (record: FileRecord): void => {
    counts[record.status]++;
    bar?.increment();
    if (options.json) {
      terminal.out.write(`${JSON.stringify(record)}\n`);
    } else if (!bar || record.status === 'rejected' || record.status === 'error') {
      writeLine(terminal, bar, lineOf(record));
    }
  };
  tooLong.map(timeoutOf).forEach(tell);
  await mapParallel(inputs, availableParallelism(), async (input) => {
    tell(await renderOne(pipelines.get(input.folder)!, input, options));
  });
  bar?.stop();

  if (!options.json) {
    const seconds = (performance.now() - started) / 1000;
    const parts = Object.entries(counts).flatMap(([status, count]) => (count > 0 ? [`${count} ${status}`] : []));
    terminal.out.write(`${parts.join(', ') || 'no files'} in ${seconds.toFixed(1)} s\n`);
  }
  return counts.error > 0 || warnings.length > 0 ? 1 : 0;
}

async function renderOne(pipeline: Pipeline, { file, key }: Input, { force }: RenderOptions): Promise<FileRecord> {
  const started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  try {
    return recordOf(file, await pipeline.reconcile(key, { force: force ?? false }), elapsed());
  } catch (error) {
    return failureOf(file, error, elapsed());
  }
}

function progressBar(total: number, { json }: RenderOptions, { err }: Terminal): SingleBar | undefined {
  if (json || !err.isTTY) {
    return undefined;
  }
  const format = '{bar} {value}/{total} files, {eta_formatted} left';
  const bar = new SingleBar({ format, stream: err, hideCursor: true, forceRedraw: true }, Presets.shades_classic);
  bar.start(total, 0);
  return bar;
}

/** Writes a line above the bar, which the next redraw puts below it again. */
function writeLine({ out, err }: Terminal, bar: SingleBar | undefined, line: string): void {
  if (bar) {
    err.write('\r\x1b[K');
  }
  out.write(`${line}\n`);
}
