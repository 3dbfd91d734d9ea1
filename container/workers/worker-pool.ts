import { setTimeout as delay } from 'node:timers/promises';
import type { Outcome } from '../../runtime/pipeline';
import { JobQueue } from './job-queue';
import { WorkerError, stopping, type WorkerErrorCode } from './worker-error';
import { WorkerProcess, type WorkerProcessOptions, type JobResult } from './worker-process';

/** How a {@link WorkerPool} works. */
export interface WorkerPoolOptions extends Omit<WorkerProcessOptions, 'startTimeout'> {
  /** Child processes that are kept running. */
  readonly size: number;
  /** Milliseconds until a child must be ready. @default 30000 */
  readonly startTimeout?: number;
  /** Milliseconds before a child is started whose predecessor did not end one job; doubled each time. @default 100 */
  readonly firstDelay?: number;
  /** Longest delay before a start in milliseconds. @default 10000 */
  readonly maxDelay?: number;
  /** Milliseconds without a child and without one that can be started, after which the pool is at its end. @default 60000 */
  readonly patience?: number;
  /** Told of that, and of why the last child could not be started. */
  readonly onExhausted: (error: Error) => void;
  readonly log: WorkerPoolLog;
}

/** Hears of children that come and go. */
export interface WorkerPoolLog {
  /** A child is gone, and another one takes its place. */
  replaced(child: ReplacedWorker): void;
  /** A child could not be started; it is tried again. */
  notStarted(error: Error): void;
}

/** A child that was replaced. */
export interface ReplacedWorker {
  readonly pid: number;
  /** Jobs that it had ended. */
  readonly jobs: number;
  /** `spent`: it was ended between two jobs, because its memory had grown or a decoder was still at work in it. */
  readonly reason: WorkerErrorCode | 'spent';
  /** What it was working on. */
  readonly key?: string;
  /** Bytes of resident memory, where a job told. */
  readonly rss?: number;
}

/** How a job is to be done. */
export interface RunOptions {
  /** Make thumbnails anew even if they are what the source asks for. Default: false. */
  readonly force?: boolean;
  /** Somebody waits for it: it goes before those that nobody waits for. Default: false. */
  readonly urgent?: boolean;
}

interface Entry {
  readonly key: string;
  readonly force: boolean;
  readonly urgent: boolean;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (error: Error) => void;
}

/** Share of the limit of memory above which a child is replaced when its job is done, before it has to be in the middle of one. */
const SPENT_SHARE = 0.75;

/**
 * Child processes that work on a job at a time each. One that crashes, hangs or takes too much memory costs the job that
 * it was at, and is replaced; the others do not notice.
 */
export class WorkerPool {
  private readonly jobs = new JobQueue<Entry>();
  private readonly children = new Set<WorkerProcess>();
  private readonly closing = new AbortController();
  private isRefusing = false;
  private lastWorkerSeen = performance.now();
  private tended: Promise<unknown> = Promise.resolve();
  /** A child that hangs does not notice that its parent is gone. */
  private readonly endAll = (): void => this.children.forEach((child) => child.kill());

  public constructor(private readonly options: WorkerPoolOptions) {}

  /** Urgent jobs that wait for a child. */
  public get waiting(): number {
    return this.jobs.urgentSize;
  }

  /** Children that run. */
  public get size(): number {
    return this.children.size;
  }

  /** Numbers of their processes. */
  public get pids(): number[] {
    return Array.from(this.children, ({ pid }) => pid);
  }

  /**
   * Starts the children, and resolves when all of them are ready.
   *
   * @throws Error when one cannot be started: the others would fare no better
   */
  public async start(): Promise<void> {
    process.on('exit', this.endAll);
    const starts = await Promise.allSettled(Array.from({ length: this.options.size }, () => this.startWorker()));
    const failed = starts.find((start) => start.status === 'rejected');
    if (failed) {
      this.endAll();
      process.off('exit', this.endAll);
      throw failed.reason;
    }
    this.tended = Promise.all([...this.children].map((child) => this.tend(child)));
  }

  /**
   * Makes the thumbnails of a key agree with its source, in a child.
   *
   * @throws ChildError when the child is lost over it, or the pool closes
   * @throws Error what the job itself threw: see {@link ./protocol!receiveError}
   */
  public run(key: string, { force = false, urgent = false }: RunOptions = {}): Promise<Outcome> {
    if (this.closing.signal.aborted || (this.isRefusing && !urgent)) {
      return Promise.reject(stopping(key));
    }
    return new Promise((resolve, reject) => this.jobs.add({ key, force, urgent, resolve, reject }, urgent));
  }

  /** Takes no more jobs that nobody waits for, and gives up those that wait. */
  public stopBackgroundWork(): void {
    this.isRefusing = true;
    this.jobs.dropBackground().forEach(({ key, reject }) => reject(stopping(key)));
  }

  /** Ends every child at once, whatever it is at, and resolves when they are gone. */
  public async close(): Promise<void> {
    this.closing.abort();
    this.jobs.close().forEach(({ key, reject }) => reject(stopping(key)));
    this.endAll();
    await this.tended;
    process.off('exit', this.endAll);
  }

  /** Keeps a place in the pool filled. */
  private async tend(first: WorkerProcess): Promise<void> {
    let child: WorkerProcess | undefined = first;
    for (let failures = 0; !this.closing.signal.aborted;) {
      if (child) {
        await this.employ(child);
        failures = child.jobs > 0 ? 0 : failures + 1;
      }
      child = await this.replacement(failures);
      failures += child ? 0 : 1;
    }
    if (child) {
      child.kill();
      await isGone(child);
      this.children.delete(child);
    }
  }

  /** Gives a child one job after the other until it is gone or has to go. */
  private async employ(child: WorkerProcess): Promise<void> {
    let replaced: Omit<ReplacedWorker, 'pid' | 'jobs'> | undefined;
    while (!replaced) {
      const job = await this.jobs.take(child.gone);
      if (!job) {
        replaced = { reason: this.closing.signal.aborted ? 'shutting-down' : 'worker-crashed' };
        break;
      }
      const { key } = job;
      if (this.closing.signal.aborted) {
        job.reject(stopping(key));
        continue;
      }
      if (child.gone.aborted) {
        // It ended while it was idle: that is not the job's fault.
        this.jobs.add(job, job.urgent);
        continue;
      }
      try {
        const result = await child.run(key, job.force);
        settle(job, result);
        if (this.isSpent(result)) {
          replaced = { reason: 'spent', key, rss: result.rss };
        }
      } catch (error) {
        job.reject(error as Error);
        replaced = { reason: error instanceof WorkerError ? error.code : 'worker-crashed', key };
      }
    }
    child.kill();
    await isGone(child);
    this.children.delete(child);
    this.lastWorkerSeen = performance.now();
    if (replaced.reason !== 'shutting-down') {
      this.options.log.replaced({ pid: child.pid, jobs: child.jobs, ...replaced });
    }
  }

  /** Whether a child should not get another job. */
  private isSpent({ outcome, rss }: JobResult): boolean {
    // Who gave up waiting for a decoder left it at work, with all the memory that it holds.
    const isHaunted = outcome instanceof Error && 'code' in outcome && LEFT_AT_WORK.has(outcome.code);
    return isHaunted || rss > SPENT_SHARE * this.options.memoryLimit;
  }

  /** Another child, after a pause if children end before they get anything done; undefined when it cannot be started. */
  private async replacement(failures: number): Promise<WorkerProcess | undefined> {
    const { firstDelay = 100, maxDelay = 10_000, patience = 60_000, onExhausted, log } = this.options;
    try {
      if (failures > 0) {
        await delay(Math.min(maxDelay, firstDelay * 2 ** (failures - 1)), undefined, { signal: this.closing.signal });
      }
      return this.closing.signal.aborted ? undefined : await this.startWorker();
    } catch (error) {
      if (!this.closing.signal.aborted) {
        log.notStarted(error as Error);
        if (this.children.size === 0 && performance.now() - this.lastWorkerSeen > patience) {
          onExhausted(error as Error);
        }
      }
      return undefined;
    }
  }

  private async startWorker(): Promise<WorkerProcess> {
    const child = await WorkerProcess.start({ ...this.options, startTimeout: this.options.startTimeout ?? 30_000 });
    this.children.add(child);
    return child;
  }
}

/** Codes of errors after which a decoder can still be at work in its thread. */
const LEFT_AT_WORK: ReadonlySet<unknown> = new Set(['timeout', 'out-of-memory']);

function settle(job: Entry, { outcome }: JobResult): void {
  if (outcome instanceof Error) {
    job.reject(outcome);
  } else {
    job.resolve(outcome);
  }
}

function isGone({ gone }: WorkerProcess): Promise<void> {
  return new Promise((resolve) => {
    if (gone.aborted) {
      resolve();
    } else {
      gone.addEventListener('abort', () => resolve(), { once: true });
    }
  });
}
