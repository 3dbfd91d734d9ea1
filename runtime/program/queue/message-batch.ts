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
  /** Approximate number of times that the queue has delivered the message, 1 or more. @default 1 */
  readonly receiveCount?: number;
}

/** Options of {@link workBatch}. */
export interface BatchOptions {
  readonly reconcile: Reconcile;
  /** Name of the source bucket. */
  readonly bucket: string;
  /** Maximum duration of one key in milliseconds. The first key always starts. Other keys start only if this time remains. */
  readonly millisecondsPerKey: number;
  /** Function that returns the remaining time for the batch in milliseconds. Returns Infinity without a deadline. */
  readonly remaining: () => number;
  /** Timer function of the deadline. @default - a timer of Node.js */
  readonly after?: After;
  /** Retries of images whose analysis failed. @default - a failed analysis is retried like any other failure */
  readonly analysisRetries?: AnalysisRetries | undefined;
  readonly log: BatchLog;
}

/** Log of a batch. The function `reconcile` logs the outcomes of the keys. */
export interface BatchLog {
  /**
   * Called if a message is not an S3 event. The message stays in the queue until SQS moves the message to the dead-letter
   * queue.
   */
  malformed(message: Message, error: unknown): void;
  /** Called for an event of another bucket. */
  foreign(bucket: string, key: string): void;
  /** Called with the keys that are incomplete at the deadline. Only the first of these keys may have started. */
  deadlineExceeded(keys: readonly string[]): void;
}

/**
 * Reconciles the keys in a batch of messages, one key after another. Returns the ids of the messages to retry:
 *
 * - messages with a key that failed with a retryable error
 * - messages with a key that is incomplete at the deadline
 * - unrecognized messages
 *
 * The result does not include messages of rejected images, because the manifest of a rejected image contains the error code.
 *
 * The function returns before the deadline, even if a key is incomplete. Otherwise, Lambda would stop the invocation, and SQS
 * would deliver the messages of completed keys again.
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
      // Log lines about a key contain the id of the first message of the key.
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
  // The first key always starts, because a short deadline could otherwise postpone the first key forever.
  if (!isFirst && remaining() < millisecondsPerKey) {
    return false;
  }
  try {
    await deadline.run(() => reconcileOrPostpone(work, options));
  } catch (error) {
    if (error instanceof DeadlineExceededError || deadline.isOver) {
      return false;
    }
    // A source that is not scanned yet requires no retry, because GuardDuty sends an event after the scan. However, a retry is
    // required if this event arrives before GuardDuty has tagged the source.
    if (isRetryable(error) && (scanned || !isNotScanned(error))) {
      fail([key]);
    }
  }
  return true;
}

/** Reconciles a key. If the analysis of the image fails, sends the key to the queue for a later attempt. */
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

/** Properties of the messages of one key. */
interface KeyWork {
  readonly messageIds: readonly string[];
  /** Whether the event of the thumbnail set may be missing, because an earlier attempt may have ended before the event. */
  readonly announce: boolean;
  /** Whether a message reports the end of a malware scan. */
  readonly scanned: boolean;
  /** Largest number of deliveries among the messages of the key. */
  readonly attempt: number;
  /** Smallest number of failed analyses in the messages of the key. Messages about a changed source contain no number; it is 0. */
  readonly failedAnalyses: number;
}

const NO_WORK: KeyWork = { messageIds: [], announce: false, scanned: false, attempt: 1, failedAnalyses: Infinity };

/** Returns the properties of messages by key. The keys have the order of the messages. */
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
