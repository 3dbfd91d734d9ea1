import { fork, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Outcome } from '../../runtime/pipeline';
import { deserializeError, type WorkerReport, type Job } from './protocol';
import { WorkerError, shuttingDown } from './worker-error';

/** Options of {@link WorkerProcess.start}. */
export interface WorkerProcessOptions {
  /** Path of the script that the process runs. */
  readonly script: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Time limit of one job in milliseconds. */
  readonly jobTimeoutMs: number;
  /** Resident memory in bytes above which the process is killed. */
  readonly memoryLimitBytes: number;
  /** Time limit for the process to report `ready`, in milliseconds. */
  readonly startTimeoutMs: number;
}

/** Result of a job that the worker process completed. */
export interface JobResult {
  /** Outcome of the job, or the error that the job threw. */
  readonly outcome: Outcome | Error;
  /** Resident memory of the worker process after the job, in bytes. */
  readonly rssBytes: number;
}

/** Interval between two memory checks of a busy worker process, in milliseconds. */
const MEMORY_CHECK_INTERVAL_MS = 200;

/** Worker process: a separate process that renders one image at a time. */
export class WorkerProcess {
  /** Number of completed jobs, including jobs that threw an error. */
  public completedJobs = 0;
  private readonly exit = new AbortController();
  private current: { readonly job: Job; readonly finish: (result: JobResult | WorkerError) => void } | undefined;

  private constructor(
    private readonly process: ChildProcess,
    private readonly options: WorkerProcessOptions,
  ) {
    process.on('message', (report: WorkerReport) => this.receive(report));
    // Ignored, because a failed `send` always comes with an `exit` event, whose handler reports the failure.
    process.on('error', () => undefined);
    process.once('exit', (code, signal) => {
      const exited = describeExit(code, signal);
      this.fail(new WorkerError('worker-crashed', `the worker process ${exited} while it rendered ${this.currentKey}`));
      this.exit.abort();
    });
  }

  /**
   * Starts a worker process. Resolves when the worker process is ready for jobs.
   *
   * @throws Error if the process exits, reports a failure or exceeds `startTimeoutMs`
   */
  public static async start(options: WorkerProcessOptions): Promise<WorkerProcess> {
    const { script, environment, startTimeoutMs } = options;
    const process = fork(script, [], {
      env: environment,
      execArgv: [],
      serialization: 'json',
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    const worker = new WorkerProcess(process, options);
    try {
      await untilReady(process, startTimeoutMs);
    } catch (error) {
      process.kill('SIGKILL');
      throw new Error(`cannot start a worker process (${script}): ${(error as Error).message}`, { cause: error });
    }
    return worker;
  }

  /** Id of the operating system process. */
  public get pid(): number {
    return this.process.pid ?? 0;
  }

  /** Signal that aborts when the process has exited. */
  public get exited(): AbortSignal {
    return this.exit.signal;
  }

  /**
   * Runs a job. An error that the job throws is part of the result.
   *
   * @throws WorkerError if the process exits or is killed during the job
   */
  public async run({ key, ...options }: Omit<Job, 'id'>): Promise<JobResult> {
    if (this.exited.aborted) {
      throw new WorkerError('worker-crashed', `the worker process had exited before it could render ${key}`);
    }
    const { jobTimeoutMs } = this.options;
    const job: Job = { id: this.completedJobs + 1, key, ...options };
    const timeout = setTimeout(() => {
      this.kill(new WorkerError('timeout', `rendering ${key} exceeded ${jobTimeoutMs} ms`));
    }, jobTimeoutMs);
    const memoryCheck = setInterval(() => this.checkMemory(key), MEMORY_CHECK_INTERVAL_MS);
    const result = await new Promise<JobResult | WorkerError>((resolve) => {
      this.current = { job, finish: resolve };
      this.process.send(job);
    });
    clearTimeout(timeout);
    clearInterval(memoryCheck);
    if (result instanceof WorkerError) {
      throw result;
    }
    this.completedJobs += 1;
    return result;
  }

  /** Kills the process at once. A job in progress fails with the given error. */
  public kill(failure: WorkerError = shuttingDown(this.currentKey)): void {
    this.process.kill('SIGKILL');
    this.fail(failure);
  }

  private get currentKey(): string {
    return this.current?.job.key ?? 'no image';
  }

  private receive(report: WorkerReport): void {
    if ((report.kind !== 'done' && report.kind !== 'failed') || report.id !== this.current?.job.id) {
      return;
    }
    const { job, finish } = this.current;
    this.current = undefined;
    const outcome = report.kind === 'done' ? report.outcome : deserializeError(report.error, job.key);
    finish({ outcome, rssBytes: report.rssBytes });
  }

  private fail(failure: WorkerError): void {
    const { current } = this;
    this.current = undefined;
    current?.finish(failure);
  }

  private checkMemory(key: string): void {
    const { memoryLimitBytes } = this.options;
    const bytes = residentBytes(this.pid);
    if (bytes > memoryLimitBytes) {
      const usage = `${toMiB(bytes)} MiB, more than MEMORY_LIMIT_MIB=${toMiB(memoryLimitBytes)}`;
      this.kill(new WorkerError('out-of-memory', `rendering ${key} used ${usage}`));
    }
  }
}

/** Resolves when the process reports `ready`; rejects on any other first report, exit or timeout. */
async function untilReady(process: ChildProcess, timeoutMs: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timeout = setTimeout(() => reject(new Error(`not ready after ${timeoutMs} ms`)), timeoutMs);
    const fail = (message: string): void => {
      clearTimeout(timeout);
      reject(new Error(message));
    };
    process.once('error', ({ message }) => fail(message));
    process.once('exit', (code, signal) => fail(`the process ${describeExit(code, signal)}`));
    process.once('message', (report: WorkerReport) => {
      if (report.kind === 'start-failed') {
        fail(report.message);
      } else {
        clearTimeout(timeout);
        resolve();
      }
    });
  });
}

function describeExit(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `exited with code ${code}` : `was killed by ${signal}`;
}

/** Returns the resident memory of a process in bytes. Returns 0 on operating systems other than Linux. */
function residentBytes(pid: number): number {
  try {
    const [, kibibytes] = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
    return Number(kibibytes ?? 0) * 1024;
  } catch {
    return 0;
  }
}

function toMiB(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
