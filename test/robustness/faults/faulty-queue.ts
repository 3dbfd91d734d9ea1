import type { Random } from '../../support/random';
import type { VirtualTime } from './virtual-time';

/** A message as a worker gets it. */
export interface QueuedMessage {
  readonly messageId: string;
  readonly body: string;
  /** Times that it was received, this one included. */
  receiveCount: number;
}

/** How a {@link FaultyQueue} behaves. */
export interface FaultyQueueOptions {
  readonly time: VirtualTime;
  readonly random: Random;
  /** Milliseconds that a message stays hidden after it was received. */
  readonly visibilityTimeout: number;
  readonly maxReceiveCount: number;
  /** Probability that a message is sent twice, as S3 does at times. */
  readonly duplicates: number;
  /** Probability that a message that was deleted is delivered once more, as SQS does at times. */
  readonly ghosts: number;
  /** Milliseconds that a message takes to arrive: the mean, and the longest. */
  readonly delay: readonly [mean: number, longest: number];
}

/** A queue as SQS's standard queues are: at least once, in no order, with a dead-letter queue behind it. */
export class FaultyQueue {
  /** Messages that were received too often. */
  public readonly dead: QueuedMessage[] = [];
  public readonly counts = { sent: 0, duplicates: 0, ghosts: 0, received: 0, returned: 0 };
  private readonly ready: QueuedMessage[] = [];
  private readonly hidden = new Map<string, () => void>();
  private readonly waiting: (() => void)[] = [];

  public constructor(private readonly options: FaultyQueueOptions) {}

  /** Sends a message after a delay in milliseconds, on time or late, once or twice. Returns the ids. */
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

  /** Some of the messages, in no order, as soon as there are any. */
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

  /** Ends the work on a batch as Lambda does: what failed comes again when its time is over, the rest is deleted. */
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
        // A copy that did not hear of it, and that is received as if for the first time.
        this.showLater({ ...message, receiveCount: 0 }, random.wait(...delay));
      }
    }
  }

  /** Puts the dead messages back, as a redrive does: they count as never received. */
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
