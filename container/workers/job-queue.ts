import type { Outcome } from '../../runtime/pipeline';

/** Maximum number of consecutive urgent jobs. The next job is then a background job, if a background job is queued. */
const MAX_URGENT_RUN = 4;

/** Options of one job. */
export interface JobOptions {
  /** Render even if the thumbnail set is current. @default false */
  readonly force?: boolean;
  /** Whether to reject the image if its analysis fails. @default false */
  readonly rejectsUnanalyzed?: boolean;
  /** Whether a client waits for the result. Urgent jobs precede background jobs. @default false */
  readonly urgent?: boolean;
  /**
   * Called once before a worker process starts the job. If the returned promise rejects, the job fails with this error.
   *
   * @default - no call
   */
  readonly beforeStart?: (() => Promise<void>) | undefined;
}

/** Reconciliation of one source key, with the callers that wait for its outcome. */
export interface QueuedJob {
  readonly key: string;
  readonly force: boolean;
  /** Whether to reject the image if its analysis fails. */
  readonly rejectsUnanalyzed: boolean;
  /** Called once before a worker process starts the job. */
  readonly beforeStart?: (() => Promise<void>) | undefined;
  resolve(outcome: Outcome): void;
  reject(error: Error): void;
}

interface Caller extends Pick<QueuedJob, 'resolve' | 'reject'> {
  readonly isUrgent: boolean;
}
type Taker = (job: QueuedJob | undefined) => void;

/** A queued job whose options and callers can still change. */
class PendingJob implements QueuedJob {
  public force = false;
  public rejectsUnanalyzed = false;
  public urgent = false;
  public beforeStart: (() => Promise<void>) | undefined;
  private readonly callers: Caller[] = [];

  public constructor(public readonly key: string) {}

  public join(
    caller: Pick<QueuedJob, 'resolve' | 'reject'>,
    { force = false, rejectsUnanalyzed = false, urgent = false, beforeStart }: JobOptions,
  ): void {
    this.callers.push({ resolve: caller.resolve, reject: caller.reject, isUrgent: urgent });
    this.force ||= force;
    this.rejectsUnanalyzed ||= rejectsUnanalyzed;
    this.urgent ||= urgent;
    this.beforeStart ??= beforeStart;
  }

  /**
   * Resolves one caller with the outcome of the job, and all others with an outcome without a render, so that logs and metrics
   * count the render only once. This caller is a background caller if there is one, because it publishes the event.
   */
  public resolve(outcome: Outcome): void {
    const first = this.callers.find(({ isUrgent }) => !isUrgent) ?? this.callers[0];
    this.callers.forEach((caller) => caller.resolve(caller === first ? outcome : repeated(outcome)));
  }

  public reject(error: Error): void {
    this.callers.forEach((caller) => caller.reject(error));
  }
}

/** Returns the outcome that a second reconciliation would have directly after the given outcome. */
function repeated(outcome: Outcome): Outcome {
  switch (outcome.status) {
    case 'made':
    case 'unchanged':
    case 'rejected':
      return { ...outcome, status: 'unchanged' };
    case 'deleted':
      return { ...outcome, removed: 0 };
    case 'ignored':
    case 'forwarded':
      return outcome;
  }
}

/**
 * Queue of reconciliations with two priorities and at most one running job per key.
 *
 * - Urgent jobs precede background jobs. After four consecutive urgent jobs, the next job is a background job. Therefore,
 *   continuous requests cannot block background jobs.
 * - Calls for the key of a queued job share this job. An urgent call makes the job urgent.
 * - Calls for the key of a running job share a second job, because the running job may already have read the source. The second
 *   job starts after the running job.
 */
export class JobQueue {
  /** All jobs that have not started, by key. The lists below contain only those whose key has no running job. */
  private readonly pending = new Map<string, PendingJob>();
  private readonly running = new Set<string>();
  private readonly urgent: PendingJob[] = [];
  private readonly background: PendingJob[] = [];
  private readonly takers = new Set<Taker>();
  private isClosed = false;
  private urgentRun = 0;

  /** Number of queued and running jobs. */
  public get size(): number {
    return this.pending.size + this.running.size;
  }

  /** Number of queued urgent jobs. */
  public get urgentSize(): number {
    return this.urgent.length;
  }

  /**
   * Adds a job if no job is queued for the key. Resolves with the outcome of the queued job, or rejects with the error of this
   * job.
   */
  public add(key: string, options: JobOptions): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const queued = this.pending.get(key);
      const job = queued ?? new PendingJob(key);
      const wasUrgent = job.urgent;
      job.join({ resolve, reject }, options);
      if (!queued) {
        this.pending.set(key, job);
        this.enqueue(job);
      } else if (job.urgent && !wasUrgent && remove(this.background, job)) {
        this.urgent.push(job);
      }
    });
  }

  /** Resolves with the next job, or with `undefined` if the queue is closed or the signal aborts. */
  public take(signal: AbortSignal): Promise<QueuedJob | undefined> {
    if (this.isClosed || signal.aborted) {
      return Promise.resolve(undefined);
    }
    const job = this.next();
    if (job) {
      return Promise.resolve(this.start(job));
    }
    return new Promise((resolve) => {
      const taker: Taker = (next) => {
        signal.removeEventListener('abort', cancel);
        resolve(next);
      };
      const cancel = (): void => {
        this.takers.delete(taker);
        taker(undefined);
      };
      this.takers.add(taker);
      signal.addEventListener('abort', cancel);
    });
  }

  /** Marks a job as finished. The next job for its key can then start. */
  public finish({ key }: QueuedJob): void {
    this.running.delete(key);
    const next = this.pending.get(key);
    if (next) {
      this.enqueue(next);
    }
  }

  /** Removes and returns the background jobs that have not started. */
  public dropBackground(): QueuedJob[] {
    this.background.length = 0;
    const dropped = [...this.pending.values()].filter(({ urgent }) => !urgent);
    dropped.forEach(({ key }) => this.pending.delete(key));
    return dropped;
  }

  /**
   * Closes the queue. Removes and returns all jobs that have not started. Current and later calls of {@link take} resolve with
   * `undefined`.
   */
  public close(): QueuedJob[] {
    this.isClosed = true;
    const takers = [...this.takers];
    this.takers.clear();
    takers.forEach((taker) => taker(undefined));
    const dropped = [...this.pending.values()];
    this.pending.clear();
    this.urgent.length = 0;
    this.background.length = 0;
    return dropped;
  }

  private enqueue(job: PendingJob): void {
    if (this.running.has(job.key)) {
      return;
    }
    const [taker] = this.takers;
    if (taker) {
      this.takers.delete(taker);
      taker(this.start(job));
    } else {
      (job.urgent ? this.urgent : this.background).push(job);
    }
  }

  private next(): PendingJob | undefined {
    const isBackgroundTurn = this.urgentRun === MAX_URGENT_RUN && this.background.length > 0;
    const urgent = isBackgroundTurn ? undefined : this.urgent.shift();
    this.urgentRun = urgent === undefined ? 0 : Math.min(MAX_URGENT_RUN, this.urgentRun + 1);
    return urgent ?? this.background.shift();
  }

  private start(job: PendingJob): QueuedJob {
    this.pending.delete(job.key);
    this.running.add(job.key);
    return job;
  }
}

function remove<T>(list: T[], item: T): boolean {
  const index = list.indexOf(item);
  if (index >= 0) {
    list.splice(index, 1);
  }
  return index >= 0;
}
