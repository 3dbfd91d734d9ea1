import { setTimeout as delay } from 'node:timers/promises';
import { ChangeMessageVisibilityCommand, type Message as SqsMessage, type SQSClient } from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import type { Message } from '../../runtime/program/queue/message-batch';
import { createQueueClient, forConsumer, POLL_SECONDS } from './queue-client';

/** A message with its approximate receive count, which starts at 1. */
export interface ReceivedMessage extends Message {
  readonly receiveCount: number;
}

/** Options of a {@link QueueWorker}. */
export interface QueueWorkerOptions {
  readonly queueUrl: string;
  /** Number of consumers. Each consumer processes one message at a time. */
  readonly consumers: number;
  /** Visibility timeout of a message in progress, in seconds. The worker extends the timeout while the handler runs. */
  readonly visibilityTimeoutSeconds: number;
  /**
   * Processes a message. Resolves with the delay of the next attempt in seconds, or with `undefined` if the worker must delete
   * the message.
   */
  readonly handle: (message: ReceivedMessage) => Promise<number | undefined>;
  /** Resolves when a consumer may poll. @default - consumers poll at once */
  readonly untilReady?: (signal: AbortSignal) => Promise<void>;
  readonly log: QueueLog;
  /** Client for the queue. @default - a client of {@link createQueueClient} */
  readonly client?: SQSClient;
}

/** Callbacks for the events of a {@link QueueWorker}. */
export interface QueueLog {
  /** Called after a request to the queue fails, or after a handler throws an error. */
  queueFailed(error: Error): void;
}

/** Number of heartbeats per visibility timeout: other consumers do not receive a message even if two heartbeats fail. */
const HEARTBEATS_PER_TIMEOUT = 3;
const INITIAL_RETRY_DELAY_MS = 500;
const MAX_RETRY_DELAY_MS = 30_000;
const STOP_CHECK_INTERVAL_MS = 20;

/**
 * Consumes the messages of a queue. Each consumer processes one message at a time. Therefore, a slow image does not delay a
 * message that another consumer has received. The worker deletes a message after the handler completes.
 */
export class QueueWorker {
  private readonly client: SQSClient;
  private readonly consumers: readonly Consumer[];
  private readonly stopping = new AbortController();

  public constructor(private readonly options: QueueWorkerOptions) {
    this.client = options.client ?? createQueueClient(options.queueUrl, options.consumers);
    const sqs = forConsumer(this.client);
    this.consumers = Array.from({ length: options.consumers }, () => this.createConsumer(sqs));
  }

  /** Starts to poll the queue. */
  public start(): void {
    this.consumers.forEach((consumer) => consumer.start());
  }

  /** Stops polling. Resolves when all messages in progress are deleted or returned to the queue. */
  public async stop(): Promise<void> {
    this.stopping.abort();
    this.consumers.forEach((consumer) => consumer.stop({ abort: true }));
    while (this.consumers.some((consumer) => consumer.status.isPolling)) {
      await delay(STOP_CHECK_INTERVAL_MS);
    }
    this.client.destroy();
  }

  private createConsumer(sqs: SQSClient): Consumer {
    const { queueUrl, visibilityTimeoutSeconds, untilReady, log } = this.options;
    const { signal } = this.stopping;
    let failures = 0;
    const consumer = Consumer.create({
      queueUrl,
      sqs,
      batchSize: 1,
      waitTimeSeconds: POLL_SECONDS,
      visibilityTimeout: visibilityTimeoutSeconds,
      heartbeatInterval: visibilityTimeoutSeconds / HEARTBEATS_PER_TIMEOUT,
      messageSystemAttributeNames: ['ApproximateReceiveCount'],
      suppressFifoWarning: true,
      strictReturn: true,
      handleMessage: (message) => this.handle(message),
      preReceiveMessageCallback: async () => {
        if (failures > 0) {
          const retryDelayMs = Math.min(MAX_RETRY_DELAY_MS, INITIAL_RETRY_DELAY_MS * 2 ** (failures - 1));
          await delay(retryDelayMs, undefined, { signal }).catch(() => undefined);
        }
        await untilReady?.(signal);
      },
    });
    consumer
      .on('empty', () => (failures = 0))
      .on('message_received', () => (failures = 0))
      .on('error', (error, message) => {
        // Stopping the worker aborts the last poll. An aborted poll is not a failure.
        if (message === undefined && signal.aborted) {
          return;
        }
        failures += message === undefined ? 1 : 0;
        log.queueFailed(error);
      })
      .on('processing_error', (error) => log.queueFailed(error));
    return consumer;
  }

  /** Handles a message. Returns the message if the consumer must delete the message, and undefined otherwise. */
  private async handle(message: SqsMessage): Promise<SqsMessage | undefined> {
    const { MessageId: messageId = '', Body: body = '', ReceiptHandle, Attributes } = message;
    const receiveCount = Number(Attributes?.ApproximateReceiveCount ?? 1);
    const retrySeconds = await this.options.handle({ messageId, body, receiveCount });
    if (retrySeconds === undefined) {
      return message;
    }
    await this.client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: this.options.queueUrl,
        ReceiptHandle,
        VisibilityTimeout: retrySeconds,
      }),
    );
    return undefined;
  }
}
