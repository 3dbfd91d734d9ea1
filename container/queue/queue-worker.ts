import { setTimeout as delay } from 'node:timers/promises';
import { ChangeMessageVisibilityCommand, type Message as SqsMessage, type SQSClient } from '@aws-sdk/client-sqs';
import { Consumer } from 'sqs-consumer';
import type { Message } from '../../runtime/program/message-batch';
import { createQueueClient, forConsumer, POLL_SECONDS } from './queue-client';

/** A message with how often it was received, this time included. */
export interface ReceivedMessage extends Message {
  readonly receiveCount: number;
}

/** How a {@link QueueWorker} works. */
export interface QueueWorkerOptions {
  readonly queueUrl: string;
  /** Messages that are worked on at once. */
  readonly consumers: number;
  /** Seconds that a message stays hidden from others without a sign of life. */
  readonly visibilityTimeout: number;
  /** Does what a message asks for: tells the seconds after which it has to come again, or nothing when it is done. */
  readonly work: (message: ReceivedMessage) => Promise<number | undefined>;
  /** Resolves when it makes sense to ask for a message. @default at once */
  readonly ready?: (signal: AbortSignal) => Promise<void>;
  readonly log: QueueLog;
  /** @default {@link createQueueClient} */
  readonly client?: SQSClient;
}

/** Hears of what is wrong with the queue. */
export interface QueueLog {
  /** The queue did not give a message, or did not take what was said of one. */
  queueFailed(error: Error): void;
}

/** Parts of the visibility timeout after which a message's is renewed: two signs of life may be lost. */
const HEARTBEATS = 3;
const FIRST_DELAY = 500;
const MAX_DELAY = 30_000;

/**
 * Works on the messages of a queue, each consumer on one at a time, so that a slow image keeps no other consumer from its
 * next message. A message is deleted when its work is done, and not before.
 */
export class QueueWorker {
  private readonly client: SQSClient;
  private readonly consumers: readonly Consumer[];
  private readonly stopped = new AbortController();

  public constructor(private readonly options: QueueWorkerOptions) {
    this.client = options.client ?? createQueueClient(options.queueUrl, options.consumers);
    const sqs = forConsumer(this.client);
    this.consumers = Array.from({ length: options.consumers }, () => this.consumer(sqs));
  }

  /** Begins to poll. */
  public start(): void {
    this.consumers.forEach((consumer) => consumer.start());
  }

  /** Asks for no more messages, and resolves when those that it holds are done or returned. */
  public async stop(): Promise<void> {
    this.stopped.abort();
    this.consumers.forEach((consumer) => consumer.stop({ abort: true }));
    while (this.consumers.some((consumer) => consumer.status.isPolling)) {
      await delay(20);
    }
    this.client.destroy();
  }

  private consumer(sqs: SQSClient): Consumer {
    const { queueUrl, visibilityTimeout, ready, log } = this.options;
    const { signal } = this.stopped;
    let failures = 0;
    const consumer = Consumer.create({
      queueUrl,
      sqs,
      batchSize: 1,
      waitTimeSeconds: POLL_SECONDS,
      visibilityTimeout,
      heartbeatInterval: visibilityTimeout / HEARTBEATS,
      messageSystemAttributeNames: ['ApproximateReceiveCount'],
      suppressFifoWarning: true,
      strictReturn: true,
      handleMessage: (message) => this.handle(message),
      preReceiveMessageCallback: async () => {
        if (failures > 0) {
          await pause(Math.min(MAX_DELAY, FIRST_DELAY * 2 ** (failures - 1)), signal);
        }
        await ready?.(signal);
      },
    });
    consumer
      .on('empty', () => (failures = 0))
      .on('message_received', () => (failures = 0))
      .on('error', (error, message) => {
        // The abortion of the last poll is wanted.
        if (message === undefined && signal.aborted) {
          return;
        }
        failures += message === undefined ? 1 : 0;
        log.queueFailed(error);
      })
      .on('processing_error', (error) => log.queueFailed(error));
    return consumer;
  }

  /** The message when it is done and can be deleted. */
  private async handle(message: SqsMessage): Promise<SqsMessage | undefined> {
    const { MessageId: messageId = '', Body: body = '', ReceiptHandle, Attributes } = message;
    const receiveCount = Number(Attributes?.ApproximateReceiveCount ?? 1);
    const seconds = await this.options.work({ messageId, body, receiveCount });
    if (seconds === undefined) {
      return message;
    }
    await this.client.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: this.options.queueUrl,
        ReceiptHandle,
        VisibilityTimeout: seconds,
      }),
    );
    return undefined;
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  // Ended by the signal is as good as over.
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
