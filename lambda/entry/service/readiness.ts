import { setTimeout as delay } from 'node:timers/promises';
import { StoreError, type Store } from '../../store';

/** Milliseconds that an answer of the stores is believed: whoever asks often does not ask them as often. */
const BELIEVED = 1000;
/** Milliseconds for the stores to answer: probes give up soon, and a store that slow is as good as gone. */
const PATIENCE = 4000;
const FIRST_DELAY = 1000;
const MAX_DELAY = 30_000;

/** Whether the stores can be reached. */
export class Readiness {
  private last: { readonly answer: Promise<void>; readonly expires: number } | undefined;
  private isSuspect = false;

  public constructor(private readonly stores: readonly Pick<Store, 'check'>[]) {}

  /**
   * Resolves when all stores can be reached and read.
   *
   * @throws StoreError `unreachable` as well when they do not answer in time
   */
  public check(): Promise<void> {
    const now = performance.now();
    if (!this.last || now > this.last.expires) {
      const answer = inTime(Promise.all(this.stores.map((store) => store.check())));
      this.last = { answer, expires: Infinity };
      const settle = (): void => {
        this.last = { answer, expires: performance.now() + BELIEVED };
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
    for (let wait = FIRST_DELAY; this.isSuspect && !signal.aborted; wait = Math.min(MAX_DELAY, 2 * wait)) {
      try {
        await this.check();
        this.isSuspect = false;
      } catch {
        await delay(wait, undefined, { signal }).catch(() => undefined);
      }
    }
  }
}

async function inTime(answer: Promise<unknown>): Promise<void> {
  const abort = new AbortController();
  const late = delay(PATIENCE, undefined, { signal: abort.signal }).then(() => {
    throw new StoreError('unreachable', `the stores did not answer within ${PATIENCE} ms`);
  });
  try {
    await Promise.race([answer, late]);
  } finally {
    abort.abort();
    late.catch(() => undefined);
  }
}
