import { AnalysisError } from '../../analysis';
import { readChangedObjects, type Reconcile, type ReconcileOptions } from '../../pipeline';
import { ObjectStoreError } from '../../storage';
import type { AnalysisRetries } from '../analysis-retries';
import { withCorrelationId } from '../correlation';
import { DeadlineExceededError, InvocationDeadline, type After } from '../invocation-deadline';

/** A message of the queue. */
export interface Message {
  readonly messageId: string;
  readonly body: string;
  /** Approximate receive count; 1 for the first delivery. @default 1 */
  readonly receiveCount?: number;
}

/** Options of {@link workBatch}. */
export interface BatchOptions {
  readonly reconcile: Reconcile;
  /** Name of the source bucket. */
  readonly bucket: string;
  /** Maximum duration of one key in milliseconds. Each key after the first key starts only if this time remains. */
  readonly millisecondsPerKey: number;
  /** Returns the remaining milliseconds for the batch; Infinity for no deadline. */
  readonly remaining: () => number;
  /** Timer function of the deadline. @default - real timers */
  readonly after?: After;
  /** Retries of images whose analysis failed. @default - such images fail like images with other errors */
  readonly analysisRetries?: AnalysisRetries | undefined;
  readonly log: BatchLog;
}

/** Log of a batch, without the outcomes of keys. */
export interface BatchLog {
  /**
   * Called if a message is not an S3 event. The message stays in the queue until SQS moves the message to the dead-letter
   * queue.
   */
  malformed(message: Message, error: unknown): void;
  /** An event belongs to another bucket. */
  foreign(bucket: string, key: string): void;
  /** Keys that were not completed before the deadline. The first key may have been started. */
  deadlineExceeded(keys: readonly string[]): void;
}

/**
 * Reconciles the keys in a batch of messages sequentially, each key once. Returns the ids of the messages to retry:
 *
 * - messages with a key that failed with a retryable error
 * - messages with a key that was not completed before the deadline
 * - unrecognized messages
 *
 * A rejected image is not retried; its manifest contains the error code. The function returns before the deadline, even
 * while it reconciles a key. Otherwise, Lambda would stop the invocation. The results of completed keys would then be lost.
 */
export async function workBatch(messages: readonly Message[], options: BatchOptions): Promise<ReadonlySet<string>> {
  const failed = new Set<string>();
  const work = workOf(messages, options, (message) => failed.add(message.messageId));
  const fail = (keys: readonly string[]): void =>
    keys.flatMap((key) => work.get(key)?.messageIds ?? []).forEach((messageId) => failed.add(messageId));
  const deadline = new InvocationDeadline(options.remaining(), options.after);
  const keys = [...work.keys()];
  try {
    for (const [index, key] of keys.entries()) {
      // Log lines of a key contain the id of its first message.
      const { messageIds, ...hints } = work.get(key)!;
      const isOver = !(await withCorrelationId(messageIds[0]!, () =>
        workOn({ key, ...hints, isFirst: index === 0 }, deadline, options, fail),
      ));
      if (isOver) {
        const left = keys.slice(index);
        options.log.deadlineExceeded(left);
        fail(left);
        break;
      }
    }
  } finally {
    deadline.end();
  }
  return failed;
}

/** A key with the properties of its messages. */
type Work = Omit<KeyWork, 'messageIds'> & { readonly key: string; readonly isFirst: boolean };

/** Reconciles one key. Returns false if the key cannot be completed before the deadline. */
async function workOn(
  work: Work,
  deadline: InvocationDeadline,
  options: BatchOptions,
  fail: (keys: readonly string[]) => void,
): Promise<boolean> {
  const { key, scanned, isFirst } = work;
  const { remaining, millisecondsPerKey } = options;
  // The first key always starts. Otherwise, a short deadline would postpone the first key forever.
  if (!isFirst && remaining() < millisecondsPerKey) {
    return false;
  }
  try {
    await deadline.run(() => reconcileOrPostpone(work, options));
  } catch (error) {
    if (error instanceof DeadlineExceededError || deadline.isOver) {
      return false;
    }
    // GuardDuty sends an event after each scan. A missing tag after that event means that the tag is late. Before that event,
    // the scan may not have ended.
    if (isRetryable(error) && (scanned || !isNotScanned(error))) {
      fail([key]);
    }
  }
  return true;
}

/** Reconciles a key. If its analysis fails, sends the key to the queue for a later attempt. */
async function reconcileOrPostpone(
  { key, announce, attempt, failedAnalyses }: Work,
  { reconcile, analysisRetries }: BatchOptions,
): Promise<void> {
  const rejectsUnanalyzed = analysisRetries?.rejectsUnanalyzed(failedAnalyses) ?? false;
  const options: ReconcileOptions = {
    ...(announce && { announce }),
    ...(announce && attempt > 1 && { attempt }),
    ...(rejectsUnanalyzed && { rejectsUnanalyzed }),
  };
  try {
    await reconcile(key, ...(Object.keys(options).length > 0 ? [options] : []));
  } catch (error) {
    const isPostponed =
      error instanceof AnalysisError && (await analysisRetries?.postpone({ key, announce, failedAnalyses }));
    if (isPostponed !== true) {
      throw error;
    }
  }
}

/** Messages of one key. */
interface KeyWork {
  readonly messageIds: readonly string[];
  /** Whether an earlier attempt may have ended before it published the event of the thumbnail set. */
  readonly announce: boolean;
  /** Whether a message reports the end of a malware scan. */
  readonly scanned: boolean;
  /** Largest number of deliveries among the messages of the key. */
  readonly attempt: number;
  /** Smallest number of failed analyses among the messages of the key. An event of a changed source resets this number to 0. */
  readonly failedAnalyses: number;
}

const NO_WORK: KeyWork = { messageIds: [], announce: false, scanned: false, attempt: 1, failedAnalyses: Infinity };

/** Returns the keys of messages in their order. */
function workOf(
  messages: readonly Message[],
  { bucket, log }: BatchOptions,
  malformed: (message: Message) => void,
): ReadonlyMap<string, KeyWork> {
  const work = new Map<string, KeyWork>();
  const read = (message: Message): void => {
    try {
      for (const hint of readChangedObjects(message.body)) {
        if (hint.bucket === bucket) {
          const { receiveCount = 1 } = message;
          const { messageIds, announce, scanned, attempt, failedAnalyses } = work.get(hint.key) ?? NO_WORK;
          work.set(hint.key, {
            messageIds: [...messageIds, message.messageId],
            announce: announce || hint.announce === true || receiveCount > 1,
            scanned: scanned || hint.scanned === true,
            attempt: Math.max(attempt, receiveCount),
            failedAnalyses: Math.min(failedAnalyses, hint.failedAnalyses ?? 0),
          });
        } else {
          log.foreign(hint.bucket, hint.key);
        }
      }
    } catch (error) {
      log.malformed(message, error);
      malformed(message);
    }
  };
  messages.forEach((message) => withCorrelationId(message.messageId, () => read(message)));
  return work;
}

function isNotScanned(error: unknown): boolean {
  return error instanceof ObjectStoreError && error.code === 'not-scanned';
}

/** Returns whether an error is retryable. Errors without a `retryable` property are retryable. */
function isRetryable(error: unknown): boolean {
  return !(error instanceof Error && 'retryable' in error && error.retryable === false);
}
