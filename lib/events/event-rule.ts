import * as events from 'aws-cdk-lib/aws-events';
import type { Construct } from 'constructs';
import { EVENT_DETAIL_TYPES, EVENT_SOURCE, type EventStatus } from '../../runtime/contract';
import type { ThumbnailEventRuleOptions } from './thumbnail-event-rule-options';

/** Events of one pipeline. */
export interface PipelineEvents {
  readonly serviceName: string;
  /** Event bus that receives the events; undefined for the default event bus. */
  readonly eventBus?: events.IEventBus;
}

/** Creates an EventBridge rule that matches one event status of one pipeline. */
export function createEventRule(
  scope: Construct,
  id: string,
  status: EventStatus,
  { serviceName, eventBus }: PipelineEvents,
  { target, keyPrefix, ruleName, description }: ThumbnailEventRuleOptions,
): events.Rule {
  const key = keyPrefix === undefined ? {} : { source: { key: [{ prefix: keyPrefix }] } };
  return new events.Rule(scope, id, {
    ruleName,
    description: description ?? `cdk-thumbnails: ${EVENT_DETAIL_TYPES[status]} of ${serviceName}`,
    eventBus,
    eventPattern: {
      source: [EVENT_SOURCE],
      detailType: [EVENT_DETAIL_TYPES[status]],
      detail: { pipeline: [serviceName], ...key },
    },
    targets: target && [target],
  });
}
