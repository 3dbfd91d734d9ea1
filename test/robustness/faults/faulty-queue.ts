import type { Random } from '../../support/random';
import type { VirtualTime } from './virtual-time';

/** A received message. */
export interface QueuedMessage {
  readonly messageId: string;
  readonly body: string;
  /** Number of times that the message was received, including the current receive. */
  receiveCount: number;
}

/** Options of a {@link FaultyQueue}. */
export interface FaultyQueueOptions {
  readonly time: VirtualTime;
  readonly random: Random;
  /** Visibility timeout in milliseconds. */
  readonly visibilityTimeout: number;
  readonly maxReceiveCount: number;
  /** Probability that a message is sent twice, from 0 to 1. S3 sometimes sends duplicate messages. */
  readonly duplicates: number;
  /** Probability that a deleted message is delivered again, from 0 to 1. SQS sometimes delivers deleted messages. */
  readonly ghosts: number;
  /** Mean and maximum delay of a message in milliseconds. */
  readonly delay: readonly [mean: number, longest: number];
}

/** Simulated standard queue of SQS: at-least-once delivery, no order, and a dead-letter queue. */
export class FaultyQueue {
  /** Messages that exceeded `maxReceiveCount`. */
  public readonly dead: QueuedMessage[] = [];
  public readonly counts = { sent: 0, duplicates: 0, ghosts: 0, received: 0, returned: 0 };
  private readonly ready: QueuedMessage[] = [];
  private readonly hidden = new Map<string, () => void>();
  private readonly waiting: (() => void)[] = [];

  public constructor(private readonly options: FaultyQueueOptions) {}

  /** Sends a message once or twice after a delay in milliseconds, and returns the ids. */
  public send(body: string, delayMs = 0): string[] {
    const { random, duplicates, delay } = this.options;
    const copies = random.chance(duplicates) ? 2 : 1;
    this.counts.duplicates += copies - 1;
    return Array.from({ length: copies }, () => {
      const message = { messageId: `m${this.counts.sent++}`, body, receiveCount: 0 };
      this.showLater(message, delayMs + random.wait(...delay));
      return message.messageId;
    });
  }

  /** Waits for messages and returns some of them in random order. */
  public async receive(most: number): Promise<readonly QueuedMessage[]> {
    const { random, visibilityTimeout } = this.options;
    const batch: QueuedMessage[] = [];
    while (batch.length === 0) {
      if (this.ready.length === 0) {
        await new Promise<void>((resolve) => this.waiting.push(resolve));
      }
      while (batch.length < most && this.ready.length > 0) {
        const index = random.below(this.ready.length);
        const [message] = this.ready.splice(index, 1);
        this.counts.received += 1;
        message!.receiveCount += 1;
        batch.push({ ...message! });
        this.hidden.set(message!.messageId, this.showLater(message!, visibilityTimeout));
      }
    }
    return batch;
  }

  /**
   * Completes a batch like Lambda: failed messages become visible after the timeout. All other messages are deleted.
   */
  public settle(batch: readonly QueuedMessage[], failed: ReadonlySet<string>): void {
    const { random, ghosts, delay } = this.options;
    for (const message of batch) {
      if (failed.has(message.messageId)) {
        this.counts.returned += 1;
        continue;
      }
      this.hidden.get(message.messageId)?.();
      this.hidden.delete(message.messageId);
      if (random.chance(ghosts)) {
        this.counts.ghosts += 1;
        // SQS can deliver a copy of a deleted message. The receive count of the copy starts at 0 again.
        this.showLater({ ...message, receiveCount: 0 }, random.wait(...delay));
      }
    }
  }

  /**
   * Moves all messages from the dead-letter queue back to the queue, like a redrive. Their receive count starts at 0
   * again.
   */
  public redrive(): void {
    for (const message of this.dead.splice(0)) {
      message.receiveCount = 0;
      this.showLater(message, 0);
    }
  }

  private showLater(message: QueuedMessage, milliseconds: number): () => void {
    return this.options.time.after(milliseconds, () => {
      this.hidden.delete(message.messageId);
      if (message.receiveCount >= this.options.maxReceiveCount) {
        this.dead.push(message);
      } else {
        this.ready.push(message);
        this.waiting.shift()?.();
      }
    });
  }
}
