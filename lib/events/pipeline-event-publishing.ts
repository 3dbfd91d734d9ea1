import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { EVENT_VARIABLES } from '../../runtime/contract';
import type { IThumbnailApiBinding, IThumbnailWorkerBinding } from '../compute/compute-protocol';
import { grantAnnounce, grantPutEvents } from '../private/permissions';

const DEFAULT_BUS = 'default';

/** Bindings and queue of a pipeline that publishes events. */
export interface EventPublishingOptions {
  readonly worker: IThumbnailWorkerBinding;
  /** Event bus for the events; undefined for the default event bus. */
  readonly eventBus?: IEventBus;
}

/**
 * Configures the API to send the keys of on-demand renders to the queue of the worker.
 *
 * A process of the API can end before its last check of the source. The message remains in the queue: the worker checks
 * the thumbnail set and publishes the event.
 */
export function connectApiToQueue(api: IThumbnailApiBinding, queue: IQueue): void {
  api.addEnvironment(EVENT_VARIABLES.queueUrl, queue.queueUrl);
  grantAnnounce(api.grantee, queue);
}

/** Configures the worker to publish events. The API publishes no events: see {@link connectApiToQueue}. */
export function enableEventPublishing(scope: Construct, { worker, eventBus }: EventPublishingOptions): void {
  worker.addEnvironment(EVENT_VARIABLES.busName, eventBus?.eventBusArn ?? DEFAULT_BUS);
  grantPutEvents(worker.grantee, eventBus?.eventBusArn ?? defaultBusArn(scope));
}

function defaultBusArn(scope: Construct): string {
  return Stack.of(scope).formatArn({
    service: 'events',
    resource: 'event-bus',
    resourceName: DEFAULT_BUS,
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
}
