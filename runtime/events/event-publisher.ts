import { ERROR_CODES } from '../errors/error-codes';
import type { ThumbnailEvent } from './thumbnail-event';

/** Publishes events to a bus or a URL. */
export interface EventPublisher {
  /**
   * Publishes an event. The promise resolves when the receiver accepts the event.
   *
   * @throws EventPublishError if the receiver accepts the event in no attempt
   */
  publish(event: ThumbnailEvent): Promise<void>;
}

/** Error for an event that the receiver does not accept. The message stays in the queue, and its retry publishes the event. */
export class EventPublishError extends Error {
  public override readonly name = 'EventPublishError';
  public readonly code = 'event-not-published';
  public readonly retryable = ERROR_CODES['event-not-published'].retryable;
}
