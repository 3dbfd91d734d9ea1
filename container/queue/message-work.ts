import type { Reconcile } from '../../runtime/pipeline';
import { workBatch, type BatchLog } from '../../runtime/program/message-batch';
import { ObjectStoreError } from '../../runtime/storage';
import { WorkerError } from '../workers/worker-error';
import type { ReceivedMessage } from './queue-worker';

/** What the messages are worked with. */
export interface MessageWorkOptions {
  readonly reconcile: Reconcile;
  /** The bucket whose objects are the sources. */
  readonly bucket: string;
  readonly log: BatchLog;
  /** Told of a store that did not do what it was asked. */
  readonly onStoreError: () => void;
}

/** Seconds before the second try, and what each further one multiplies them by. */
interface Backoff {
  readonly first: number;
  readonly factor: number;
  readonly max: number;
}

/** An image that ended its child may have been the victim of another one: the next try may be soon. */
const AFTER_WORKER_ERROR: Backoff = { first: 1, factor: 2, max: 60 };
/** A store that is down stays so for a while, and a message has few tries before it is put aside. */
const AFTER_STORAGE_ERROR: Backoff = { first: 5, factor: 3, max: 900 };

/** What a {@link ./queue-worker!QueueWorker} does with a message: all the keys that it names, one after the other. */
export function messageWork(options: MessageWorkOptions): (message: ReceivedMessage) => Promise<number | undefined> {
  const { reconcile, bucket, log, onStoreError } = options;
  return async (message) => {
    let failure: unknown;
    const failed = await workBatch([message], {
      reconcile: async (key, how) => {
        try {
          return await reconcile(key, how);
        } catch (error) {
          failure = error;
          throw error;
        }
      },
      bucket,
      // There is no end of the time: the message's is renewed.
      millisecondsPerKey: 0,
      remaining: () => Infinity,
      log,
    });
    if (!failed.has(message.messageId)) {
      return undefined;
    }
    if (failure instanceof ObjectStoreError) {
      onStoreError();
    }
    return pauseAfter(failure, message.receiveCount);
  };
}

/** Seconds after which a message is worth another try. */
function pauseAfter(failure: unknown, receiveCount: number): number {
  // Nobody understood it, or somebody else had better do it: there is nothing to wait for.
  if (failure === undefined || (failure instanceof WorkerError && failure.code === 'shutting-down')) {
    return 0;
  }
  const { first, factor, max } = failure instanceof ObjectStoreError ? AFTER_STORAGE_ERROR : AFTER_WORKER_ERROR;
  return Math.min(max, first * factor ** (receiveCount - 1));
}
