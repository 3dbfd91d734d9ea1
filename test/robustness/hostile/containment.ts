import { fork, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { Report, Result, Task } from './contained-process';

const ROOT = resolve(__dirname, '../../..');
/** Additional time in milliseconds after the time limit of the engine. Busy machines need this time. */
const GRACE = 120_000;

/** Bundled script of the contained process. */
export interface ContainedScript {
  readonly script: string;
  remove(): void;
}

/** Bundles the script of the contained process into a temporary folder. */
export async function buildContainedProcess(): Promise<ContainedScript> {
  const folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-contained-'));
  await build({
    entryPoints: [join(ROOT, 'test/robustness/hostile/contained-process.ts')],
    outfile: join(folder, 'contained-process.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['sharp', 'libheif-js'],
    logLevel: 'silent',
  });
  copyFileSync(join(ROOT, 'runtime/engine/heif/heic-decoder.js'), join(folder, 'heic-decoder.js'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return {
    script: join(folder, 'contained-process.js'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Report of one task. If the process ends or does not respond, the report lists all sources as failed. */
export type Answer = Omit<Report, 'id'> & { /** The process is alive. */ readonly alive: boolean };

/** Runs one task at a time in a contained process. Starts a new process after the previous one has ended. */
export class ContainedProcess {
  private child: ChildProcess | undefined;
  private id = 0;

  public constructor(
    private readonly script: string,
    private readonly environment: Readonly<Record<string, string>> = {},
  ) {}

  /** Runs a task. The promise resolves even if the process ends. */
  public run(task: Omit<Task, 'id'>): Promise<Answer> {
    const id = ++this.id;
    const child = (this.child ??= this.start());
    return new Promise((resolve) => {
      const lost = (message: string): void => {
        this.child = undefined;
        const result: Result = { status: 'failed', message, ms: 0 };
        done({ results: task.sources.map(() => result), peak: 0, cpuMs: 0, alive: false });
      };
      const done = (answer: Answer): void => {
        clearTimeout(timer);
        child.removeAllListeners();
        resolve(answer);
      };
      const timer = setTimeout(
        () => {
          child.kill('SIGKILL');
          lost('the process did not respond');
        },
        (task.limits?.maxDurationSeconds ?? 5) * 1000 * task.sources.length + GRACE,
      );
      child.on('exit', (code, signal) => lost(`the process ended with ${signal ?? code}`));
      child.on('message', (report: Report) => {
        if (report.id === id) {
          const { results, peak, cpuMs } = report;
          done({ results, peak, cpuMs, alive: true });
        }
      });
      child.send({ id, ...task } satisfies Task);
    });
  }

  public stop(): void {
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }

  private start(): ChildProcess {
    return fork(this.script, [], {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      env: { ...process.env, ...this.environment },
    });
  }
}
