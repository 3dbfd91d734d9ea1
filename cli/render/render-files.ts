import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import type { SingleBar } from 'cli-progress';
import { readProcessMemoryMiB } from '../../runtime/config/machine';
import { Pipeline, mapParallel } from '../../runtime/pipeline';
import { renderWithinMemory } from '../../runtime/program/render-within-memory';
import { openObjectStore } from '../../runtime/storage';
import { escapeControls, startProgressBar, type Terminal } from '../terminal';
import { findInputs, type Input } from './inputs';
import { failureOf, FILE_STATUSES, lineOf, longPathRecordOf, recordOf, type FileRecord } from './records';
import { readSettingsFile } from './settings-file';

/** Options of the command `render`. */
export interface RenderOptions {
  /** Path of the output directory. The file paths in this directory are equal to the keys in a thumbnail bucket. */
  readonly out: string;
  /** Path of a settings file. @default - the default settings of a pipeline */
  readonly settings?: string;
  /** Print JSON records instead of text. */
  readonly json?: boolean;
  /** Render all files, including files whose thumbnails are current. */
  readonly force?: boolean;
}

/**
 * Renders files with the settings of a deployed pipeline, and writes the thumbnails to a directory.
 *
 * @returns the exit code: 1 if a file has failed or is unreadable, else 0. Rejected files do not change the exit code.
 * @throws Error if a path does not exist, an option is invalid, or the thumbnails of two files have identical output paths
 */
export async function renderFiles(
  paths: readonly string[],
  options: RenderOptions,
  terminal: Terminal,
): Promise<number> {
  const out = resolve(options.out);
  const openPipeline = await pipelineOpener(out, options.settings);
  const { files, tooLong, warnings } = await findInputs(paths, out);
  warnings.forEach((warning) => terminal.err.write(`cdk-thumbnails: ${escapeControls(warning)}\n`));
  const pipelines = new Map<string, Pipeline>();
  for (const { directory } of files) {
    if (!pipelines.has(directory)) {
      pipelines.set(directory, await openPipeline(directory));
    }
  }

  const report = new Report(files.length + tooLong.length, options, terminal);
  tooLong.forEach((file) => report.add(longPathRecordOf(file)));
  await mapParallel(files, availableParallelism(), async (file) => {
    report.add(await renderFile(pipelines.get(file.directory)!, file, options));
  });
  report.end();
  return report.hasFailures || warnings.length > 0 ? 1 : 0;
}

/** Opens the output directory. Returns a function that opens a pipeline from a source directory to the output directory. */
async function pipelineOpener(out: string, settingsFile?: string): Promise<(directory: string) => Promise<Pipeline>> {
  const settings = readSettingsFile(settingsFile);
  const thumbnails = await openObjectStore('directory', out, { create: true });
  const render = renderWithinMemory(readProcessMemoryMiB(process.env));
  return async (directory) => {
    const source = await openObjectStore('directory', directory);
    const locations = {
      sourceLocation: { ...settings.sourceLocation, name: directory },
      thumbnailLocation: { ...settings.thumbnailLocation, name: out },
    };
    return new Pipeline({ source, thumbnails, settings: { ...settings, ...locations }, render });
  };
}

async function renderFile(
  pipeline: Pipeline,
  { file, key }: Input,
  { force = false }: RenderOptions,
): Promise<FileRecord> {
  const start = performance.now();
  const elapsed = (): number => Math.round(performance.now() - start);
  try {
    return recordOf(file, await pipeline.reconcile(key, { force }), elapsed());
  } catch (error) {
    return failureOf(file, error, elapsed());
  }
}

/**
 * Prints the records of all files as JSON or as lines of text. On a terminal, a progress bar replaces the lines of successful
 * files.
 */
class Report {
  private readonly counts = new Map(FILE_STATUSES.map((status) => [status, 0]));
  private readonly bar: SingleBar | undefined;
  private readonly start = performance.now();

  public constructor(
    total: number,
    private readonly options: RenderOptions,
    private readonly terminal: Terminal,
  ) {
    if (!options.json && terminal.err.isTTY) {
      this.bar = startProgressBar(terminal.err, '{bar} {value}/{total} files, {eta_formatted} left', total);
    }
  }

  public get hasFailures(): boolean {
    return this.counts.get('failed')! > 0;
  }

  public add(record: FileRecord): void {
    this.counts.set(record.status, this.counts.get(record.status)! + 1);
    this.bar?.increment();
    if (this.options.json) {
      this.terminal.out.write(`${JSON.stringify(record)}\n`);
    } else if (!this.bar || record.status === 'rejected' || record.status === 'failed') {
      if (this.bar) {
        // Clears the progress bar, because the next update draws the bar below the record.
        this.terminal.err.write('\r\x1b[K');
      }
      this.terminal.out.write(`${lineOf(record)}\n`);
    }
  }

  public end(): void {
    this.bar?.stop();
    if (!this.options.json) {
      const seconds = ((performance.now() - this.start) / 1000).toFixed(1);
      const counts = [...this.counts].flatMap(([status, count]) => (count > 0 ? [`${count} ${status}`] : []));
      this.terminal.out.write(`${counts.join(', ') || 'no files'} in ${seconds} s\n`);
    }
  }
}
