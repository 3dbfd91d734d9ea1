import { fork, type ChildProcess } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import type { Report, Result, Task } from './contained-process';

const ROOT = resolve(__dirname, '../../..');
/** Milliseconds that a guest has beyond what the engine allows: a machine may be busy with other things. */
const GRACE = 25_000;

/** The program of guests, bundled from today's sources. */
export interface GuestProgram {
  readonly script: string;
  remove(): void;
}

/** Bundles the program of guests into a folder of its own. */
export async function buildGuest(): Promise<GuestProgram> {
  const folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-guest-'));
  await build({
    entryPoints: [join(ROOT, 'test/robustness/hostile/contained-process.ts')],
    outfile: join(folder, 'guest.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['sharp', 'libheif-js'],
    logLevel: 'silent',
  });
  copyFileSync(join(ROOT, 'runtime/engine/heif/heic-decoder.js'), join(folder, 'heic-decoder.js'));
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction');
  return { script: join(folder, 'guest.js'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** What came of one task: a guest that dies or hangs has lost all of its sources. */
export type Answer = Omit<Report, 'id'> & { /** The process is alive. */ readonly alive: boolean };

/** A process that renders, one task at a time; when it dies the next task gets another one. */
export class Guest {
  private child: ChildProcess | undefined;
  private id = 0;

  public constructor(
    private readonly script: string,
    private readonly environment: Readonly<Record<string, string>> = {},
  ) {}

  /** Renders, and tells how it went, whatever happens to the process. */
  public run(task: Omit<Task, 'id'>): Promise<Answer> {
    const id = ++this.id;
    const child = (this.child ??= this.start());
    return new Promise((resolve) => {
      const lost = (message: string): void => {
        this.child = undefined;
        const result: Result = { status: 'failed', message, ms: 0 };
        done({ results: task.sources.map(() => result), peak: 0, alive: false });
      };
      const done = (answer: Answer): void => {
        clearTimeout(timer);
        child.removeAllListeners();
        resolve(answer);
      };
      const timer = setTimeout(
        () => {
          child.kill('SIGKILL');
          lost('the process did not answer');
        },
        (task.limits?.maxDurationSeconds ?? 5) * 1000 * task.sources.length + GRACE,
      );
      child.on('exit', (code, signal) => lost(`the process ended with ${signal ?? code}`));
      child.on('message', (report: Report) => {
        if (report.id === id) {
          done({ results: report.results, peak: report.peak, alive: true });
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
