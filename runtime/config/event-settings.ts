import * as v from 'valibot';
import { EVENT_VARIABLES } from '../contract';
import { httpUrl, nonEmpty, parseEnvironment, received, SettingsError, type Environment } from './parse-environment';

/** Receiver of events. */
export type EventTarget =
  | { readonly kind: 'event-bus'; /** Name or ARN of the event bus. */ readonly busName: string }
  | { readonly kind: 'http'; readonly url: string; readonly token: string | undefined };

/** Settings of events: the values of {@link EVENT_VARIABLES}. */
export interface EventSettings {
  /** Event bus or URL that receives the events. Undefined if this process publishes no events. */
  readonly target: EventTarget | undefined;
  /** URL of the queue that receives the keys of on-demand renders. Undefined if no queue is configured. */
  readonly queueUrl: string | undefined;
  /** Name of the pipeline in events. */
  readonly pipeline: string;
}

const DEFAULT_PIPELINE = 'cdk-thumbnails';

const environmentSchema = v.object({
  [EVENT_VARIABLES.busName]: v.optional(nonEmpty),
  // The messages for EVENTS_URL and EVENTS_URL_TOKEN omit the values, because the values can contain secrets.
  [EVENT_VARIABLES.url]: v.optional(httpUrl('is invalid; expected an HTTP or HTTPS URL')),
  [EVENT_VARIABLES.urlToken]: v.optional(
    v.pipe(v.string(), v.regex(/^[\x21-\x7e]+$/, 'is invalid; expected ASCII characters without spaces')),
  ),
  [EVENT_VARIABLES.queueUrl]: v.optional(httpUrl(({ input }) => received(input, 'the URL of a queue'))),
});

/**
 * Reads the settings of events.
 *
 * @throws SettingsError if a variable is invalid
 * @throws SettingsError if `EVENT_BUS_NAME` and `EVENTS_URL` are set together
 */
export function readEventSettings(environment: Environment): EventSettings {
  const read = parseEnvironment(environmentSchema, environment);
  if (read.EVENT_BUS_NAME !== undefined && read.EVENTS_URL !== undefined) {
    throw new SettingsError([
      `${EVENT_VARIABLES.url}: is set together with ${EVENT_VARIABLES.busName}; expected one of them`,
    ]);
  }
  if (read.EVENTS_URL_TOKEN !== undefined && read.EVENTS_URL === undefined) {
    throw new SettingsError([`${EVENT_VARIABLES.urlToken}: requires ${EVENT_VARIABLES.url}`]);
  }
  return {
    target: targetOf(read.EVENT_BUS_NAME, read.EVENTS_URL, read.EVENTS_URL_TOKEN),
    queueUrl: read.EVENT_QUEUE_URL,
    pipeline: environment['POWERTOOLS_SERVICE_NAME'] || DEFAULT_PIPELINE,
  };
}

function targetOf(
  busName: string | undefined,
  eventsUrl: string | undefined,
  token: string | undefined,
): EventTarget | undefined {
  if (busName !== undefined) {
    return { kind: 'event-bus', busName };
  }
  return eventsUrl === undefined ? undefined : { kind: 'http', url: eventsUrl, token };
}
