import type { EventSettings, EventTarget } from '../config/event-settings';
import type { QuarantineSettings } from '../config/quarantine-settings';
import { announcing, EventBridgePublisher, HttpPublisher, queueing, type EventPublisher } from '../events';
import { announcementMessage, type Reconcile } from '../pipeline';
import type { Program } from './assemble';
import { quarantining } from './quarantine';
import { messageSender } from './queue/queue-sender';

/** Timeout of an API Gateway HTTP API. A Lambda function does not render beyond this timeout. */
const GATEWAY_TIMEOUT_SECONDS = 30;
/** Maximum delay of a message in SQS. */
const MAX_DELAY_SECONDS = 900;

/** Options of {@link eventProgramOf}. */
export interface EventProgramOptions extends EventSettings {
  /**
   * Seconds until a worker receives the key of an on-demand render. The render must complete within this time, because the
   * worker publishes the event of the stored thumbnail set.
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
  /** Returns a function that reconciles the keys of messages, publishes events and moves infected sources. */
  readonly forMessages: (reconcile: Reconcile) => Reconcile;
  /**
   * Returns a function that reconciles the keys of HTTP requests. With a queue, the function sends each key to the workers, which
   * publish the events. Without a queue, the function publishes the events itself.
   */
  readonly forRequests: (reconcile: Reconcile) => Reconcile;
  /**
   * Sends a key to the queue of the workers. {@link forRequests} calls this function before the render. A process that queues
   * renders calls this function at the start of each render instead. Rejects with a MessageError if the queue does not accept
   * the key. @default - no queue
   */
  readonly sendKey?: ((key: string) => Promise<void>) | undefined;
}

/**
 * Creates an {@link EventProgram}. If events and the quarantine are disabled, both functions return their argument unchanged.
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
