import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Outcome } from '../../runtime/pipeline';
import { receiveError, type WorkerReport, type Job } from './protocol';
import { WorkerError, stopping } from './worker-error';

/** How a child is started, and what it may take. */
export interface WorkerProcessOptions {
  /** Path of the program that runs in it. */
  readonly script: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Milliseconds for one job. */
  readonly jobTimeout: number;
  /** Bytes of resident memory above which it is ended at once. */
  readonly memoryLimit: number;
  /** Milliseconds until it must be ready. */
  readonly startTimeout: number;
}

/** What a job came to. */
export interface JobResult {
  readonly outcome: Outcome | Error;
  /** Bytes of resident memory after it. */
  readonly rss: number;
}

/** Milliseconds between two looks at the memory of a child that works. */
const MEMORY_INTERVAL = 200;

/** A process of its own that works on one job at a time. */
export class WorkerProcess {
  /** Jobs that it ended well or not, but by itself. */
  public jobs = 0;
  private readonly end = new AbortController();
  private running: { readonly job: Job; readonly settle: (result: JobResult | WorkerError) => void } | undefined;
  /** Why it is being ended from here. */
  private failure: WorkerError | undefined;

  private constructor(
    private readonly process: ChildProcess,
    private readonly options: WorkerProcessOptions,
  ) {
    process.on('message', (report: WorkerReport) => this.hear(report));
    // A message that cannot be sent comes with an exit.
    process.on('error', () => undefined);
    process.once('exit', (code, signal) => {
      const how = signal === null ? `with exit code ${code}` : `by ${signal}`;
      this.fail(new WorkerError('worker-crashed', `the process that worked on ${this.work} ended ${how}`));
      this.end.abort();
    });
  }

  /**
   * Starts a process, and resolves when it takes jobs.
   *
   * @throws Error with one clear line when it does not come to that
   */
  public static async start(options: WorkerProcessOptions): Promise<WorkerProcess> {
    const { script, environment, startTimeout } = options;
    const process = fork(script, [], {
      env: environment,
      execArgv: [],
      serialization: 'json',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const child = new WorkerProcess(process, options);
    try {
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`it was not ready after ${startTimeout} ms`)), startTimeout);
        const fail = (why: string): void => {
          clearTimeout(timer);
          reject(new Error(why));
        };
        process.once('error', (error) => fail(error.message));
        process.once('exit', (code, signal) =>
          fail(`it ended ${signal === null ? `with exit code ${code}` : `by ${signal}`}`),
        );
        process.once('message', (report: WorkerReport) => {
          clearTimeout(timer);
          if (report.kind === 'unable') {
            reject(new Error(report.message));
          } else {
            resolve();
          }
        });
      });
    } catch (error) {
      process.kill('SIGKILL');
      throw new Error(`cannot start a child process (${script}): ${(error as Error).message}`, { cause: error });
    }
    return child;
  }

  /** Number of the process. */
  public get pid(): number {
    return this.process.pid ?? 0;
  }

  /** Aborted once the process is gone. */
  public get gone(): AbortSignal {
    return this.end.signal;
  }

  /**
   * Has a job done. What the job itself throws is its outcome.
   *
   * @throws ChildError when the child is lost over it
   */
  public async run(key: string, force: boolean): Promise<JobResult> {
    const { jobTimeout } = this.options;
    const job: Job = { id: this.jobs + 1, key, force };
    const timer = setTimeout(() => {
      this.kill(new WorkerError('timeout', `the thumbnails of ${key} were not made within ${jobTimeout} ms`));
    }, jobTimeout);
    const watch = setInterval(() => this.checkMemory(key), MEMORY_INTERVAL);
    const result = await new Promise<JobResult | WorkerError>((settle) => {
      this.running = { job, settle };
      this.process.send(job);
    });
    clearTimeout(timer);
    clearInterval(watch);
    if (result instanceof WorkerError) {
      throw result;
    }
    this.jobs += 1;
    return result;
  }

  /** Ends the process at once; a job that it works on fails as said. */
  public kill(failure: WorkerError = stopping(this.work)): void {
    this.failure ??= failure;
    this.process.kill('SIGKILL');
    this.fail(failure);
  }

  private get work(): string {
    return this.running?.job.key ?? 'nothing';
  }

  private hear(report: WorkerReport): void {
    if ((report.kind !== 'done' && report.kind !== 'failed') || report.id !== this.running?.job.id) {
      return;
    }
    const { job, settle } = this.running;
    this.running = undefined;
    const outcome = report.kind === 'done' ? report.outcome : receiveError(report.error, job.key);
    settle({ outcome, rss: report.rss });
  }

  private fail(failure: WorkerError): void {
    const { running } = this;
    this.running = undefined;
    running?.settle(failure);
  }

  private checkMemory(key: string): void {
    const { memoryLimit } = this.options;
    const bytes = residentBytes(this.pid);
    if (bytes > memoryLimit) {
      const taken = `${mebibytes(bytes)} MiB, allowed are ${mebibytes(memoryLimit)} (MEMORY_LIMIT_MIB)`;
      this.kill(new WorkerError('out-of-memory', `making the thumbnails of ${key} took ${taken}`));
    }
  }
}

/** Resident memory of a process; 0 where the system does not tell, as outside of Linux. */
function residentBytes(pid: number): number {
  try {
    const [, kibibytes] = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kibibytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
