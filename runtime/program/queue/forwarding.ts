import { announcementMessage, changeMessage, isBeyondCapacity, type Reconcile } from '../../pipeline';
import type { Program } from '../assemble';
import { messageSender, type SendMessage } from './queue-sender';

/** Options of {@link forwarding}. */
export interface ForwardingOptions {
  /** Reconciles without rendering. Throws CapacityError if the thumbnails are missing. */
  readonly withoutRendering: Reconcile;
  /** Name of the source bucket. */
  readonly bucket: string;
  /** Sends a message to the queue of the larger workers. */
  readonly send: SendMessage;
}

/**
 * Returns a function that reconciles, and sends the keys of images beyond the capacity of this process to the larger workers.
 *
 * - An image that exceeds memory or time is forwarded immediately. This process handles deletions and rejections itself,
 *   because they need no capacity.
 * - A second attempt forwards images with missing thumbnails without rendering. The first attempt may have crashed its process.
 * - The call returns after the queue has accepted the message. Therefore, no key is lost.
 *
 * No loop is possible, because larger workers do not forward.
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

/** Adds forwarding to reconciliations. */
export type WithForwarding = (reconcile: Reconcile, decorate: (reconcile: Reconcile) => Reconcile) => Reconcile;

/**
 * Returns a function that decorates a reconciliation, and then adds {@link forwarding}. Without settings, the function only
 * decorates.
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
