import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { EVENT_SOURCE, EVENT_VERSION, type EventStatus } from '../contract';
import { EventPublishError, type EventPublisher } from './event-publisher';
import type { ThumbnailEvent } from './thumbnail-event';

/** Options of {@link HttpPublisher}. */
export interface HttpPublisherOptions {
  /** URL that receives the events. */
  readonly url: string;
  /** Bearer token of the requests. @default - no authorization */
  readonly token?: string | undefined;
  /** @default - the global `fetch` */
  readonly fetch?: typeof fetch;
  /** Function that waits for a number of milliseconds. @default - a timer of Node.js */
  readonly wait?: (milliseconds: number) => Promise<unknown>;
}

/** Delays in milliseconds before the second attempt and before the third attempt. */
const RETRY_DELAYS_MS = [200, 1000] as const;
const REQUEST_TIMEOUT_MS = 5000;

/**
 * Publishes events as CloudEvents 1.0 in structured mode by HTTP POST. A receiver accepts an event with any 2xx status.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 */
export class HttpPublisher implements EventPublisher {
  public constructor(private readonly options: HttpPublisherOptions) {}

  public async publish(event: ThumbnailEvent): Promise<void> {
    const body = JSON.stringify(cloudEventOf(event));
    const { wait = delay } = this.options;
    for (const milliseconds of [...RETRY_DELAYS_MS, undefined]) {
      const failure = await this.post(body);
      if (failure === undefined) {
        return;
      }
      if (milliseconds === undefined || !failure.isTemporary) {
        throw failure.error;
      }
      await wait(milliseconds);
    }
  }

  /** Sends one request. Returns undefined if the receiver accepts the event. */
  private async post(
    body: string,
  ): Promise<{ readonly error: EventPublishError; readonly isTemporary: boolean } | undefined> {
    const { url, token, fetch: send = fetch } = this.options;
    // Error messages contain only the origin of the URL, because the URL can contain a secret.
    const { origin } = new URL(url);
    try {
      const response = await send(url, {
        method: 'POST',
        body,
        headers: {
          'Content-Type': 'application/cloudevents+json; charset=UTF-8',
          ...(token !== undefined && { Authorization: `Bearer ${token}` }),
        },
        redirect: 'error',
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      await response.body?.cancel();
      if (response.ok) {
        return undefined;
      }
      const { status } = response;
      const error = new EventPublishError(
        `POST to ${origin} returned status ${status}; expected 2xx; check the receiver`,
      );
      return { error, isTemporary: status >= 500 || status === 429 || status === 408 };
    } catch (error) {
      return { error: new EventPublishError(`POST to ${origin} failed`, { cause: error }), isTemporary: true };
    }
  }
}

/**
 * Returns an event as a CloudEvent. Repetitions of an event have the same id, so that receivers can ignore them.
 */
function cloudEventOf(event: ThumbnailEvent): object {
  const { pipeline, status, time, source } = event;
  const state = event.status === 'removed' ? time : event.manifest.etag;
  return {
    specversion: '1.0',
    id: createHash('sha256')
      .update(JSON.stringify([pipeline, status, source.key, state]))
      .digest('hex'),
    source: `${EVENT_SOURCE}/${pipeline.split('/').map(encodeURIComponent).join('/')}`,
    type: cloudEventTypeOf(status),
    subject: source.key,
    time,
    datacontenttype: 'application/json',
    data: event,
  };
}

/** Returns the `type` of a CloudEvent with a status, such as `cdk-thumbnails.ready.v1`. */
export function cloudEventTypeOf(status: EventStatus): string {
  return `${EVENT_SOURCE}.${status}.v${EVENT_VERSION}`;
}
