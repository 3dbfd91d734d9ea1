import type * as eventBridge from '@aws-sdk/client-eventbridge';
import { EVENT_DETAIL_TYPES, EVENT_SOURCE } from '../contract';
import { EventPublishError, type EventPublisher } from './event-publisher';
import type { ThumbnailEvent } from './thumbnail-event';

/** Loads the AWS SDK on demand. This is not an `import()`, whose path would require an extension for the bundler only. */
declare function require(path: '@aws-sdk/client-eventbridge'): typeof eventBridge;

/** Publishes events to an event bus of Amazon EventBridge. */
export class EventBridgePublisher implements EventPublisher {
  private readonly client: Pick<eventBridge.EventBridgeClient, 'send'>;

  /**
   * @param busName name or ARN of the event bus
   * @param client client for EventBridge. The default is a client that sends each request at most three times.
   */
  public constructor(
    private readonly busName: string,
    client?: Pick<eventBridge.EventBridgeClient, 'send'>,
  ) {
    this.client = client ?? createClient();
  }

  public async publish(event: ThumbnailEvent): Promise<void> {
    const { PutEventsCommand } = require('@aws-sdk/client-eventbridge');
    const entry = {
      EventBusName: this.busName,
      Source: EVENT_SOURCE,
      DetailType: EVENT_DETAIL_TYPES[event.status],
      Detail: JSON.stringify(event),
    };
    let response: eventBridge.PutEventsCommandOutput;
    try {
      response = await this.client.send(new PutEventsCommand({ Entries: [entry] }));
    } catch (error) {
      throw new EventPublishError(
        `PutEvents to ${this.busName} failed; check the name of the event bus and the permission events:PutEvents`,
        { cause: error },
      );
    }
    // A request succeeds even if EventBridge rejects the event in the request.
    if (response.FailedEntryCount !== 0) {
      const [{ ErrorCode = 'unknown error', ErrorMessage = '' } = {}] = response.Entries ?? [];
      throw new EventPublishError(
        `EventBridge rejected the event for the event bus ${this.busName}: ${ErrorCode} ${ErrorMessage}`.trim(),
      );
    }
  }
}

function createClient(): eventBridge.EventBridgeClient {
  const { EventBridgeClient } = require('@aws-sdk/client-eventbridge');
  return new EventBridgeClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 2000, requestTimeout: 5000, throwOnRequestTimeout: true },
  });
}
