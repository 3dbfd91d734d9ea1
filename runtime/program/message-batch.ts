import { readChangedObjects, type Reconcile } from '../pipeline';
import { ObjectStoreError } from '../storage';
import { withCorrelationId } from './correlation';
import { DeadlineExceededError, InvocationDeadline, type After } from './invocation-deadline';

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
  readonly log: BatchLog;
}

/** Log of a batch, without the outcomes of keys. */
export interface BatchLog {
  /** Called if a message is not an S3 event. The message stays in the queue until SQS moves it to the dead-letter queue. */
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

/** Reconciles one key. Returns false if the key cannot be completed before the deadline. */
async function workOn(
  {
    key,
    announce,
    scanned,
    attempt,
    isFirst,
  }: Omit<KeyWork, 'messageIds'> & { readonly key: string; readonly isFirst: boolean },
  deadline: InvocationDeadline,
  { reconcile, remaining, millisecondsPerKey }: BatchOptions,
  fail: (keys: readonly string[]) => void,
): Promise<boolean> {
  // The first key always starts. Otherwise a short deadline would postpone it forever.
  if (!isFirst && remaining() < millisecondsPerKey) {
    return false;
  }
  try {
    await deadline.run(() =>
      announce ? reconcile(key, { announce, ...(attempt > 1 && { attempt }) }) : reconcile(key),
    );
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

/** Messages of one key. */
interface KeyWork {
  readonly messageIds: readonly string[];
  /** Whether an earlier attempt may have ended before it published the event of the thumbnail set. */
  readonly announce: boolean;
  /** Whether a message reports the end of a malware scan. */
  readonly scanned: boolean;
  /** Largest number of deliveries among the messages of the key. */
  readonly attempt: number;
}

const NO_WORK: KeyWork = { messageIds: [], announce: false, scanned: false, attempt: 1 };

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
          const { messageIds, announce, scanned, attempt } = work.get(hint.key) ?? NO_WORK;
          work.set(hint.key, {
            messageIds: [...messageIds, message.messageId],
            announce: announce || hint.announce === true || receiveCount > 1,
            scanned: scanned || hint.scanned === true,
            attempt: Math.max(attempt, receiveCount),
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
