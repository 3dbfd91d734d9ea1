import { setTimeout as delay } from 'node:timers/promises';
import type { Outcome } from '../../runtime/pipeline';
import { JobQueue, type JobOptions, type QueuedJob } from './job-queue';
import { shuttingDown, WorkerError, type WorkerErrorCode } from './worker-error';
import { WorkerProcess, type JobResult, type WorkerProcessOptions } from './worker-process';

/** Options of a {@link WorkerPool}. */
export interface WorkerPoolOptions extends Omit<WorkerProcessOptions, 'startTimeoutMs'> {
  /** Number of worker processes. */
  readonly size: number;
  /** Time limit for the start of a worker process in milliseconds. @default 30000 */
  readonly startTimeoutMs?: number;
  /**
   * Delay in milliseconds before the pool replaces a worker process that completed no job. The delay doubles with each further
   * worker process without a completed job.
   *
   * @default 100
   */
  readonly initialRestartDelayMs?: number;
  /** Maximum delay in milliseconds before the pool replaces a worker process. @default 10000 */
  readonly maxRestartDelayMs?: number;
  /** Time in milliseconds that the pool can be without worker processes before it calls `onExhausted`. @default 60000 */
  readonly exhaustionTimeoutMs?: number;
  /** Called when the pool has no worker process and cannot start a new worker process. Receives the error of the last start. */
  readonly onExhausted: (error: Error) => void;
  readonly log: WorkerPoolLog;
}

/** Callbacks for the events of a {@link WorkerPool}. */
export interface WorkerPoolLog {
  /** Called after a worker process has ended, before the pool replaces the process. */
  replaced(worker: ReplacedWorker): void;
  /** Called after the start of a worker process fails. The pool retries the start. */
  startFailed(error: Error): void;
}

/** A worker process that has ended. */
export interface ReplacedWorker {
  readonly pid: number;
  readonly completedJobs: number;
  /**
   * Reason for the end of the worker process. `recycled`: the pool ended the process between two jobs, because of high memory
   * use or a decoder thread that may still run.
   */
  readonly reason: WorkerErrorCode | 'recycled';
  /**
   * Source key of the interrupted job. For a recycled process, the source key of its last job. Undefined if the process was idle
   * when it ended.
   */
  readonly key?: string;
  /** Resident memory after the last completed job, in bytes. */
  readonly rssBytes?: number;
}

type ReplacementCause = Pick<ReplacedWorker, 'reason' | 'key' | 'rssBytes'>;

/**
 * Fraction of the memory limit, from 0 to 1, above which the pool replaces a worker process between jobs. Otherwise, the
 * process could exceed the limit during the next job.
 */
const RECYCLE_MEMORY_SHARE = 0.75;
/** Codes of errors after which a decoder thread may still run and occupy memory. */
const DECODER_STILL_RUNNING: ReadonlySet<unknown> = new Set(['timeout', 'out-of-memory']);

/**
 * Pool of worker processes. Each worker process executes one job at a time. If a worker process crashes, hangs or exceeds its
 * memory limit, its job fails and the pool replaces the process. The other worker processes continue.
 */
export class WorkerPool {
  private readonly jobs = new JobQueue();
  private readonly workers = new Set<WorkerProcess>();
  private readonly closing = new AbortController();
  private acceptsBackgroundJobs = true;
  private lastWorkerExit = performance.now();
  private slots: Promise<unknown> = Promise.resolve();
  /**
   * Kills all worker processes when the service exits, because a hanging worker process does not handle `disconnect`.
   */
  private readonly killAll = (): void => this.workers.forEach((worker) => worker.kill());

  public constructor(private readonly options: WorkerPoolOptions) {}

  /** Number of queued and running jobs. */
  public get unfinishedJobs(): number {
    return this.jobs.size;
  }

  /** Number of queued urgent jobs. */
  public get urgentJobs(): number {
    return this.jobs.urgentSize;
  }

  /** Number of running worker processes. */
  public get size(): number {
    return this.workers.size;
  }

  /** Process ids of the running worker processes. */
  public get pids(): number[] {
    return Array.from(this.workers, ({ pid }) => pid);
  }

  /**
   * Starts the worker processes. Resolves when all worker processes are ready.
   *
   * @throws Error if a worker process cannot be started; the pool then kills the other worker processes
   */
  public async start(): Promise<void> {
    process.on('exit', this.killAll);
    const starts = await Promise.allSettled(Array.from({ length: this.options.size }, () => this.startWorker()));
    const failed = starts.find((start) => start.status === 'rejected');
    if (failed) {
      this.killAll();
      process.off('exit', this.killAll);
      throw failed.reason;
    }
    this.slots = Promise.all([...this.workers].map((worker) => this.fillSlot(worker)));
  }

  /**
   * Reconciles a source key in a worker process. At most one job per key runs at a time.
   *
   * @throws WorkerError if the worker process ends during the job, or the pool closes
   * @throws Error if the job throws; {@link ./protocol!deserializeError} restores the class of the error
   */
  public run(key: string, options: JobOptions = {}): Promise<Outcome> {
    if (this.closing.signal.aborted || !(this.acceptsBackgroundJobs || options.urgent)) {
      return Promise.reject(shuttingDown(key));
    }
    return this.jobs.add(key, options);
  }

  /** Rejects queued and further background jobs. Urgent jobs are still accepted. */
  public stopBackgroundJobs(): void {
    this.acceptsBackgroundJobs = false;
    rejectAll(this.jobs.dropBackground());
  }

  /** Kills all worker processes at once, rejects all jobs, and resolves when the processes have exited. */
  public async close(): Promise<void> {
    this.closing.abort();
    rejectAll(this.jobs.close());
    this.killAll();
    await this.slots;
    process.off('exit', this.killAll);
  }

  /** Runs jobs in a worker process and its replacements until the pool closes. */
  private async fillSlot(first: WorkerProcess): Promise<void> {
    let worker: WorkerProcess | undefined = first;
    for (let failures = 0; !this.closing.signal.aborted;) {
      if (worker) {
        await this.runJobs(worker);
        failures = worker.completedJobs > 0 ? 0 : failures + 1;
      }
      worker = await this.startReplacement(failures);
      failures += worker ? 0 : 1;
    }
    if (worker) {
      await this.end(worker);
    }
  }

  /** Runs jobs in a worker process until the pool closes or must replace the worker process. */
  private async runJobs(worker: WorkerProcess): Promise<void> {
    let cause: ReplacementCause | undefined;
    while (!cause) {
      const job = await this.jobs.take(worker.exited);
      if (job) {
        cause = await this.runJob(worker, job);
        this.jobs.finish(job);
      } else {
        cause = { reason: this.closing.signal.aborted ? 'shutting-down' : 'worker-crashed' };
      }
    }
    await this.end(worker);
    if (cause.reason !== 'shutting-down') {
      this.options.log.replaced({ pid: worker.pid, completedJobs: worker.completedJobs, ...cause });
    }
  }

  /** Runs one job. Returns a reason if the pool must replace the worker process before the next job. */
  private async runJob(worker: WorkerProcess, job: QueuedJob): Promise<ReplacementCause | undefined> {
    const { key, force, rejectsUnanalyzed } = job;
    if (this.closing.signal.aborted) {
      job.reject(shuttingDown(key));
      return { reason: 'shutting-down' };
    }
    try {
      await job.beforeStart?.();
    } catch (error) {
      job.reject(error as Error);
      return undefined;
    }
    try {
      const result = await worker.run({ key, force, ...(rejectsUnanalyzed && { rejectsUnanalyzed }) });
      if (result.outcome instanceof Error) {
        job.reject(result.outcome);
      } else {
        job.resolve(result.outcome);
      }
      return this.mustRecycle(result) ? { reason: 'recycled', key, rssBytes: result.rssBytes } : undefined;
    } catch (error) {
      job.reject(error as Error);
      return { reason: error instanceof WorkerError ? error.code : 'worker-crashed', key };
    }
  }

  private mustRecycle({ outcome, rssBytes }: JobResult): boolean {
    const isDecoderRunning = outcome instanceof Error && 'code' in outcome && DECODER_STILL_RUNNING.has(outcome.code);
    return isDecoderRunning || rssBytes > RECYCLE_MEMORY_SHARE * this.options.memoryLimitBytes;
  }

  /** Starts a replacement, after a delay if the previous worker processes completed no job. Returns `undefined` on failure. */
  private async startReplacement(failures: number): Promise<WorkerProcess | undefined> {
    const { log, onExhausted } = this.options;
    const { initialRestartDelayMs = 100, maxRestartDelayMs = 10_000, exhaustionTimeoutMs = 60_000 } = this.options;
    const { signal } = this.closing;
    try {
      if (failures > 0) {
        await delay(Math.min(maxRestartDelayMs, initialRestartDelayMs * 2 ** (failures - 1)), undefined, { signal });
      }
      return signal.aborted ? undefined : await this.startWorker();
    } catch (error) {
      if (!signal.aborted) {
        log.startFailed(error as Error);
        if (this.workers.size === 0 && performance.now() - this.lastWorkerExit > exhaustionTimeoutMs) {
          onExhausted(error as Error);
        }
      }
      return undefined;
    }
  }

  private async startWorker(): Promise<WorkerProcess> {
    const { startTimeoutMs = 30_000 } = this.options;
    const worker = await WorkerProcess.start({ ...this.options, startTimeoutMs });
    this.workers.add(worker);
    return worker;
  }

  private async end(worker: WorkerProcess): Promise<void> {
    worker.kill();
    const { exited } = worker;
    if (!exited.aborted) {
      await new Promise((resolve) => exited.addEventListener('abort', resolve, { once: true }));
    }
    this.workers.delete(worker);
    this.lastWorkerExit = performance.now();
  }
}

function rejectAll(jobs: readonly QueuedJob[]): void {
  jobs.forEach((job) => job.reject(shuttingDown(job.key)));
}
