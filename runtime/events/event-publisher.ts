import { ERROR_CODES } from '../errors/error-codes';
import type { ThumbnailEvent } from './thumbnail-event';

/** Publishes events to a bus or a URL. */
export interface EventPublisher {
  /**
   * Publishes an event. Resolves when the receiver has accepted the event.
   *
   * @throws EventPublishError if the receiver did not accept the event after all attempts
   */
  publish(event: ThumbnailEvent): Promise<void>;
}

/** Error for an event that the receiver did not accept. The retry of the message in the queue also retries the event. */
export class EventPublishError extends Error {
  public override readonly name = 'EventPublishError';
  public readonly code = 'event-not-published';
  public readonly retryable = ERROR_CODES['event-not-published'].retryable;
}
