import { setTimeout as delay } from 'node:timers/promises';
import { ObjectStoreError, type ObjectStore } from '../runtime/storage';

/** How a {@link Readiness} asks. */
export interface ReadinessOptions {
  /** Milliseconds that an answer is believed: whoever asks often does not ask the stores as often. @default 1000 */
  readonly believed?: number;
  /** Milliseconds for the stores to answer: probes give up soon, and one that slow is as good as gone. @default 4000 */
  readonly patience?: number;
  /** Milliseconds between two questions while a store is down; doubled each time. @default 1500 */
  readonly firstDelay?: number;
  /** Longest time between two such questions in milliseconds. @default 30000 */
  readonly maxDelay?: number;
}

/** Whether the stores can be reached. */
export class Readiness {
  private last: { readonly answer: Promise<void>; readonly expires: number } | undefined;
  private isSuspect = false;

  public constructor(
    private readonly stores: readonly Pick<ObjectStore, 'check'>[],
    private readonly options: ReadinessOptions = {},
  ) {}

  /**
   * Resolves when all stores can be reached and read.
   *
   * @throws StoreError `unreachable` as well when they do not answer in time
   */
  public check(): Promise<void> {
    const now = performance.now();
    if (!this.last || now > this.last.expires) {
      const { believed = 1000, patience = 4000 } = this.options;
      const answer = inTime(Promise.all(this.stores.map((store) => store.check())), patience);
      this.last = { answer, expires: Infinity };
      const settle = (): void => {
        this.last = { answer, expires: performance.now() + believed };
      };
      answer.then(settle, settle);
    }
    return this.last.answer;
  }

  /** Says that a store failed: the next {@link untilReady} looks first. */
  public suspect(): void {
    this.isSuspect = true;
  }

  /**
   * Resolves when nothing is known against the stores, or the signal aborts. While they are down a worker had better not
   * take messages: each would lose one of the tries that it has.
   */
  public async untilReady(signal: AbortSignal): Promise<void> {
    const { firstDelay = 1500, maxDelay = 30_000 } = this.options;
    for (let wait = firstDelay; this.isSuspect && !signal.aborted; wait = Math.min(maxDelay, 2 * wait)) {
      try {
        await this.check();
        this.isSuspect = false;
      } catch {
        await delay(wait, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}

async function inTime(answer: Promise<unknown>, patience: number): Promise<void> {
  const abort = new AbortController();
  const late = delay(patience, undefined, { signal: abort.signal }).then(() => {
    throw new ObjectStoreError('storage-unavailable', `the stores did not answer within ${patience} ms`);
  });
  try {
    await Promise.race([answer, late]);
  } finally {
    abort.abort();
    late.catch(() => undefined);
  }
}
