import { announcementMessage, changeMessage, isBeyondCapacity, type Reconcile } from '../../pipeline';
import type { Program } from '../assemble';
import { messageSender, type SendMessage } from './queue-sender';

/** Options of {@link forwarding}. */
export interface ForwardingOptions {
  /** Function that reconciles without rendering. Throws CapacityError if thumbnails are missing. */
  readonly withoutRendering: Reconcile;
  /** Name of the source bucket. */
  readonly bucket: string;
  /** Function that sends a message to the queue of the larger workers. */
  readonly send: SendMessage;
}

/**
 * Returns a function that reconciles a key. If an image exceeds the capacity of this process, the function sends the key to the
 * larger workers.
 *
 * - The first attempt forwards the image as soon as it exceeds the memory or the time limit.
 * - Later attempts forward every image whose thumbnails are missing, because the first attempt may have crashed the process.
 * - No key is lost, because the call returns only after the queue has accepted the message.
 */
export function forwarding(reconcile: Reconcile, { withoutRendering, bucket, send }: ForwardingOptions): Reconcile {
  return async (key, options = {}) => {
    const { attempt = 1, announce = false } = options;
    try {
      return await (attempt > 1 ? withoutRendering(key, options) : reconcile(key, options));
    } catch (error) {
      if (!isBeyondCapacity(error)) {
        throw error;
      }
      await send(announce ? announcementMessage(bucket, key) : changeMessage(bucket, key));
      return { status: 'forwarded', key };
    }
  };
}

/** Applies a decorator to a function that reconciles keys, and adds forwarding to the result. */
export type WithForwarding = (reconcile: Reconcile, decorate: (reconcile: Reconcile) => Reconcile) => Reconcile;

/**
 * Returns a function that applies a decorator and then adds {@link forwarding}. Without settings for forwarding, the function
 * applies only the decorator.
 */
export function forwardingOf({
  pipeline,
  settings,
  forwarding: forwards,
}: Omit<Program, 'source' | 'thumbnails'>): WithForwarding {
  if (!forwards) {
    return (reconcile, decorate) => decorate(reconcile);
  }
  const send = messageSender({ queueUrl: forwards.queueUrl, content: 'the key of a forwarded image' });
  const bucket = settings.sourceLocation.name;
  return (reconcile, decorate) =>
    forwarding(decorate(reconcile), {
      withoutRendering: decorate((key, options) => pipeline.reconcile(key, { ...options, renders: false })),
      bucket,
      send,
    });
}
