import { readChangedObjects, type Reconcile } from '../pipeline';
import { DeadlineExceededError, InvocationDeadline, type After } from './invocation-deadline';

/** A message of the queue, as far as it matters here. */
export interface Message {
  readonly messageId: string;
  readonly body: string;
}

/** Where a batch is worked. */
export interface BatchOptions {
  readonly reconcile: Reconcile;
  /** The bucket whose objects are the sources. */
  readonly bucket: string;
  /** Milliseconds that the longest key takes. A key is begun only when that many are left, but for the first. */
  readonly millisecondsPerKey: number;
  /** Milliseconds that are left for the batch; Infinity where nothing ends it. */
  readonly remaining: () => number;
  /** The clock that goes with it. @default the real one */
  readonly after?: After;
  readonly log: BatchLog;
}

/** Hears of what is not the work on a key. */
export interface BatchLog {
  /** A message that is none of S3's: it stays in the queue until that puts it aside. */
  malformed(message: Message, error: unknown): void;
  /** A message about another bucket than the one that this program works for. */
  foreign(bucket: string, key: string): void;
  /** Keys that were left for another time because this one is over: not begun, or the first of them given up half-way. */
  deadlineExceeded(keys: readonly string[]): void;
}

/**
 * Works through the keys that a batch of messages names, one after the other, each key once, and tells the ids of the
 * messages that have to come again: those whose key failed for a reason that may pass, those that time did not suffice
 * for, and those that no one understands. An image that is refused for good is done: its manifest says so.
 *
 * It answers before the time is over, whatever a key is waiting for: stopped from outside, it would lose the word on the keys
 * that it has done as well.
 */
export async function workBatch(messages: readonly Message[], options: BatchOptions): Promise<ReadonlySet<string>> {
  const failed = new Set<string>();
  const work = workOf(messages, options, (message) => failed.add(message.messageId));
  const fail = (keys: readonly string[]): void =>
    keys.flatMap((key) => work.get(key) ?? []).forEach((messageId) => failed.add(messageId));
  const limit = new InvocationDeadline(options.remaining(), options.after);
  const keys = [...work.keys()];
  try {
    for (const [index, key] of keys.entries()) {
      const isOver = !(await workOn(key, index === 0, limit, options, fail));
      if (isOver) {
        const left = keys.slice(index);
        options.log.deadlineExceeded(left);
        fail(left);
        break;
      }
    }
  } finally {
    limit.end();
  }
  return failed;
}

/** Works on one key; false when there is no time for it. */
async function workOn(
  key: string,
  isFirst: boolean,
  limit: InvocationDeadline,
  { reconcile, remaining, millisecondsPerKey }: BatchOptions,
  fail: (keys: readonly string[]) => void,
): Promise<boolean> {
  // The first is begun in any case: were it put off for lack of time, it would be put off every time.
  if (!isFirst && remaining() < millisecondsPerKey) {
    return false;
  }
  try {
    await limit.run(() => reconcile(key));
  } catch (error) {
    if (error instanceof DeadlineExceededError || limit.isOver) {
      return false;
    }
    if (canPass(error)) {
      fail([key]);
    }
  }
  return true;
}

/** The keys that messages name, in their order, each with the ids of its messages. */
function workOf(
  messages: readonly Message[],
  { bucket, log }: BatchOptions,
  malformed: (message: Message) => void,
): ReadonlyMap<string, readonly string[]> {
  const work = new Map<string, string[]>();
  for (const message of messages) {
    try {
      for (const hint of readChangedObjects(message.body)) {
        if (hint.bucket === bucket) {
          work.set(hint.key, [...(work.get(hint.key) ?? []), message.messageId]);
        } else {
          log.foreign(hint.bucket, hint.key);
        }
      }
    } catch (error) {
      log.malformed(message, error);
      malformed(message);
    }
  }
  return work;
}

/** Whether what was thrown may be gone at the next try: unless it says otherwise itself, it may. */
function canPass(error: unknown): boolean {
  return !(error instanceof Error && 'retryable' in error && error.retryable === false);
}
