import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { IEventBus } from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { EVENT_VARIABLES } from '../../runtime/contract';
import type { IThumbnailWorkerBinding } from '../compute/compute-protocol';
import { grantPutEvents } from '../private/permissions';
import type { PipelineEvents } from './event-rule';

const DEFAULT_BUS = 'default';

/** Options of {@link EventPublishing}. */
export interface EventPublishingOptions {
  readonly serviceName: string;
  readonly workers: readonly IThumbnailWorkerBinding[];
  /** Event bus for the events; undefined for the default event bus. */
  readonly eventBus?: IEventBus;
  /** Prop `eventsEnabled` of the pipeline; false disables events. */
  readonly eventsEnabled?: boolean;
}

/** Configures the workers of a pipeline to publish events. The API publishes no events. */
export class EventPublishing {
  private isEnabled = false;

  public constructor(
    private readonly scope: Construct,
    private readonly options: EventPublishingOptions,
  ) {}

  /**
   * Configures the workers to publish events. Further calls have no effect.
   *
   * @returns properties for rules on the events
   * @throws Error if `eventsEnabled` is false
   */
  public enable(): PipelineEvents {
    const { serviceName, workers, eventBus, eventsEnabled } = this.options;
    if (eventsEnabled === false) {
      throw new Error(
        `${this.scope.node.path}: eventsEnabled: false; set eventsEnabled to true, because rules require the events of the pipeline`,
      );
    }
    if (!this.isEnabled) {
      this.isEnabled = true;
      for (const worker of workers) {
        worker.addEnvironment(EVENT_VARIABLES.busName, eventBus?.eventBusArn ?? DEFAULT_BUS);
        grantPutEvents(worker.grantee, eventBus?.eventBusArn ?? defaultBusArn(this.scope));
      }
    }
    return { serviceName, eventBus };
  }
}

function defaultBusArn(scope: Construct): string {
  return Stack.of(scope).formatArn({
    service: 'events',
    resource: 'event-bus',
    resourceName: DEFAULT_BUS,
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  });
}
