import type { EventSettings, EventTarget } from '../config/event-settings';
import type { QuarantineSettings } from '../config/quarantine-settings';
import { announcing, EventBridgePublisher, HttpPublisher, queueing, type EventPublisher } from '../events';
import { announcementMessage, type Reconcile } from '../pipeline';
import type { Program } from './assemble';
import { quarantining } from './quarantine';
import { messageSender } from './queue/queue-sender';

/** Maximum duration in seconds of a request to an HTTP API of API Gateway, and thus of an on-demand render in Lambda. */
const GATEWAY_TIMEOUT_SECONDS = 30;
/** Maximum delay of a message in SQS, in seconds. */
const MAX_DELAY_SECONDS = 900;

/** Options of {@link eventProgramOf}. */
export interface EventProgramOptions extends EventSettings {
  /**
   * Delay in seconds before a worker receives the key of an on-demand render. The render should end within this time, so that
   * the worker finds a current thumbnail set and only publishes the event.
   *
   * @default 30
   */
  readonly announcementDelaySeconds?: number;
  /**
   * Location to which {@link EventProgram.forMessages} moves infected sources.
   *
   * @default - infected sources remain in the source bucket
   */
  readonly quarantine?: QuarantineSettings | undefined;
}

/** Functions that add events and the quarantine to reconciliations. */
export interface EventProgram {
  /** Function that adds events and the quarantine to the reconciliation of keys in messages. */
  readonly forMessages: (reconcile: Reconcile) => Reconcile;
  /**
   * Function that adds events to the reconciliation of keys in HTTP requests.
   *
   * With a queue, this process sends each key to the workers, and the workers publish the events. Without a queue, this process
   * publishes the events.
   */
  readonly forRequests: (reconcile: Reconcile) => Reconcile;
  /**
   * Function that sends a key to the queue of the workers. Rejects with a MessageError if the queue does not accept the key.
   *
   * {@link forRequests} calls this function before each render. If a render can wait in a queue of the process, do not use
   * `forRequests`, but call this function when the render starts.
   *
   * @default - no queue
   */
  readonly sendKey?: ((key: string) => Promise<void>) | undefined;
}

/**
 * Creates an {@link EventProgram}. If events and the quarantine are disabled, `forMessages` and `forRequests` return their
 * arguments unchanged.
 */
export function eventProgramOf(
  program: Pick<Program, 'pipeline' | 'settings'>,
  { target, queueUrl, pipeline, announcementDelaySeconds = GATEWAY_TIMEOUT_SECONDS, quarantine }: EventProgramOptions,
): EventProgram {
  const publisher = target && publisherOf(target);
  const announced = (reconcile: Reconcile): Reconcile =>
    publisher
      ? announcing(reconcile, {
          publisher,
          pipeline,
          settings: program.settings,
          storedManifest: (key) => program.pipeline.storedManifest(key),
        })
      : reconcile;
  const sendKey =
    queueUrl === undefined
      ? undefined
      : senderOf(queueUrl, program.settings.sourceLocation.name, Math.min(MAX_DELAY_SECONDS, announcementDelaySeconds));
  return {
    forMessages: (reconcile) =>
      quarantine
        ? quarantining(announced(reconcile), { ...quarantine, settings: program.settings })
        : announced(reconcile),
    forRequests: (reconcile) =>
      sendKey ? queueing(reconcile, { pipeline: program.pipeline, send: sendKey }) : announced(reconcile),
    sendKey,
  };
}

function publisherOf(target: EventTarget): EventPublisher {
  return target.kind === 'http' ? new HttpPublisher(target) : new EventBridgePublisher(target.busName);
}

function senderOf(queueUrl: string, bucket: string, delaySeconds: number): (key: string) => Promise<void> {
  const send = messageSender({ queueUrl, content: 'the key of an on-demand render' });
  return (key) => send(announcementMessage(bucket, key), delaySeconds);
}
