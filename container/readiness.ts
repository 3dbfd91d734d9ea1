import { setTimeout as delay } from 'node:timers/promises';
import { ObjectStoreError, type ObjectStore } from '../runtime/storage';

/** Options of a {@link Readiness}. */
export interface ReadinessOptions {
  /**
   * Cache time of a result in milliseconds. With a cache, frequent probes cause few requests to the object stores.
   *
   * @default 1000
   */
  readonly cacheMs?: number;
  /** Time limit of a check in milliseconds. The limit is shorter than the usual timeout of a probe. @default 4000 */
  readonly timeoutMs?: number;
  /**
   * Initial delay between two checks of {@link Readiness.untilReady} in milliseconds. The delay doubles with each check.
   *
   * @default 1500
   */
  readonly initialRetryDelayMs?: number;
  /** Maximum delay between two checks in milliseconds. @default 30000 */
  readonly maxRetryDelayMs?: number;
}

/** Checks whether the object stores are available. */
export class Readiness {
  private last: { readonly result: Promise<void>; readonly expires: number } | undefined;
  private mustCheck = false;

  public constructor(
    private readonly stores: readonly Pick<ObjectStore, 'check'>[],
    private readonly options: ReadinessOptions = {},
  ) {}

  /**
   * Resolves if all object stores are available.
   *
   * @throws ObjectStoreError if an object store is not available or does not respond within `timeoutMs`
   */
  public check(): Promise<void> {
    if (!this.last || performance.now() > this.last.expires) {
      const { cacheMs = 1000, timeoutMs = 4000 } = this.options;
      const result = withTimeout(Promise.all(this.stores.map((store) => store.check())), timeoutMs);
      this.last = { result, expires: Infinity };
      const expireLater = (): void => {
        this.last = { result, expires: performance.now() + cacheMs };
      };
      result.then(expireLater, expireLater);
    }
    return this.last.result;
  }

  /** Records the failure of an object store. The next {@link untilReady} then resolves only after a successful check. */
  public reportFailure(): void {
    this.mustCheck = true;
  }

  /**
   * After {@link reportFailure}, resolves when a check succeeds or the signal aborts. Otherwise, resolves at once. Waiting
   * prevents messages from reaching `maxReceiveCount` during an outage.
   */
  public async untilReady(signal: AbortSignal): Promise<void> {
    const { initialRetryDelayMs = 1500, maxRetryDelayMs = 30_000 } = this.options;
    let retryDelayMs = initialRetryDelayMs;
    while (this.mustCheck && !signal.aborted) {
      try {
        await this.check();
        this.mustCheck = false;
      } catch {
        await delay(retryDelayMs, undefined, { signal }).catch(() => undefined);
        retryDelayMs = Math.min(maxRetryDelayMs, 2 * retryDelayMs);
      }
    }
  }
}

async function withTimeout(checks: Promise<unknown>, timeoutMs: number): Promise<void> {
  const cancel = new AbortController();
  const timeout = delay(timeoutMs, undefined, { signal: cancel.signal }).then(() => {
    throw new ObjectStoreError('storage-unavailable', `no response from the object stores within ${timeoutMs} ms`);
  });
  try {
    await Promise.race([checks, timeout]);
  } finally {
    cancel.abort();
    timeout.catch(() => undefined);
  }
}
