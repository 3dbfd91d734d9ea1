import {
  throwIfAborted,
  ObjectStoreError,
  type ListedObject,
  type ListOptions,
  type ObjectHead,
  type ObjectVersion,
  type PutOptions,
  type ObjectStore,
  type StoredObject,
} from '../../../runtime/storage';
import type { Random } from '../../support/random';

/**
 * Fault of a request to an object store.
 *
 * - `slow`: the request takes seconds
 * - `error`: the request fails without an effect
 * - `throttled`: the object store rejects the request
 * - `reset`: the connection ends during a body. A write has no effect. A read returns a part of the response
 * - `lost`: the request has its effect, but the response is an error. A deletion of several keys has a partial effect
 * - `stale`: a read returns the state before the last change
 */
export const FAULTS = ['slow', 'error', 'throttled', 'reset', 'lost', 'stale'] as const;
export type Fault = (typeof FAULTS)[number];

/** Operation of a {@link FaultyObjectStore}. */
export type Operation = 'head' | 'get' | 'put' | 'delete' | 'list' | 'check';

/** Faults by operation. */
const POSSIBLE: Readonly<Record<Operation, readonly Fault[]>> = {
  head: ['slow', 'error', 'throttled', 'stale'],
  get: ['slow', 'error', 'throttled', 'reset', 'stale'],
  put: ['slow', 'error', 'throttled', 'reset', 'lost'],
  delete: ['slow', 'error', 'throttled', 'reset', 'lost'],
  list: ['slow', 'error', 'throttled', 'reset', 'stale'],
  check: ['slow', 'error', 'throttled'],
};

/** Probability of each fault, from 0 to 1. @default - 0 for each fault */
export type FaultRates = Readonly<Partial<Record<Fault, number>>>;

/** Selects faults at random with their probabilities, and counts the faults. */
export class FaultPlan {
  public readonly counts: Record<Fault, number> = { slow: 0, error: 0, throttled: 0, reset: 0, lost: 0, stale: 0 };

  public constructor(
    private readonly random: Random,
    private readonly rates: FaultRates,
  ) {}

  /** Returns the fault of the next request with this operation; undefined if the request has no fault. */
  public draw(operation: Operation): Fault | undefined {
    let number = this.random.fraction();
    for (const fault of POSSIBLE[operation]) {
      number -= this.rates[fault] ?? 0;
      if (number < 0) {
        this.counts[fault] += 1;
        return fault;
      }
    }
    return undefined;
  }
}

/** Previous state of each key. All clients of an object store share one instance. */
export class History {
  private readonly before = new Map<string, StoredObject | undefined>();

  /** Records the state of a key before a change. */
  public async note(store: ObjectStore, key: string): Promise<void> {
    this.before.set(key, await store.get(key, { maxBytes: Infinity }));
  }

  public has(key: string): boolean {
    return this.before.has(key);
  }

  public get(key: string): StoredObject | undefined {
    return this.before.get(key);
  }
}

/** Options of a {@link FaultyObjectStore}. */
export interface FaultyStoreOptions {
  readonly store: ObjectStore;
  readonly history: History;
  /** Returns the fault of a request; undefined if the request has no fault. */
  readonly draw: (operation: Operation) => Fault | undefined;
  /** Delays a request before (`sent`) or after (`done`) its effect. Never resolves for a worker that has ended. */
  readonly pause: (moment: 'sent' | 'done', isSlow: boolean) => Promise<void>;
}

/** Client that injects faults into requests to an object store. */
export class FaultyObjectStore implements ObjectStore {
  public constructor(private readonly options: FaultyStoreOptions) {}

  public version(key: string): Promise<ObjectVersion | undefined> {
    return this.head(key);
  }

  public head(key: string): Promise<ObjectHead | undefined> {
    const { store, history } = this.options;
    return this.request('head', key, (fault) =>
      fault === 'stale' && history.has(key) ? Promise.resolve(history.get(key)) : store.head(key),
    );
  }

  public get(key: string, limit: { readonly maxBytes: number }): Promise<StoredObject | undefined> {
    const { store, history } = this.options;
    return this.request('get', key, (fault) =>
      fault === 'stale' && history.has(key) ? Promise.resolve(history.get(key)) : store.get(key, limit),
    );
  }

  public put(key: string, body: Buffer, options: PutOptions): Promise<{ readonly etag: string }> {
    const { store, history } = this.options;
    return this.request('put', key, async (fault) => {
      if (fault === 'reset') {
        throw new ObjectStoreError('storage-unavailable', `the connection was reset while sending ${key}`);
      }
      await history.note(store, key);
      return store.put(key, body, options);
    });
  }

  public async delete(keys: readonly string[]): Promise<void> {
    const { store, history } = this.options;
    return this.request('delete', keys.join(' '), async (fault) => {
      if (fault === 'reset') {
        throw new ObjectStoreError('storage-unavailable', 'the connection was reset while sending keys');
      }
      const done = fault === 'lost' ? keys.slice(0, Math.ceil(keys.length / 2)) : keys;
      for (const key of done) {
        await history.note(store, key);
      }
      await store.delete(done);
    });
  }

  public async *list(options: ListOptions): AsyncGenerator<ListedObject> {
    const { store, history } = this.options;
    const { objects, isCut } = await this.request('list', options.prefix, async (fault) => {
      const listed: ListedObject[] = [];
      for await (const object of store.list(options)) {
        const shown = fault === 'stale' && history.has(object.key) ? history.get(object.key) : object;
        if (shown) {
          listed.push(shown);
        }
      }
      const isReset = fault === 'reset';
      return { objects: isReset ? listed.slice(0, Math.floor(listed.length / 2)) : listed, isCut: isReset };
    });
    yield* objects;
    if (isCut) {
      throw new ObjectStoreError(
        'storage-unavailable',
        `the connection was reset in the middle of the listing of ${options.prefix}`,
      );
    }
  }

  public check(): Promise<void> {
    return this.request('check', '', () => this.options.store.check());
  }

  private async request<T>(
    operation: Operation,
    key: string,
    work: (fault: Fault | undefined) => Promise<T>,
  ): Promise<T> {
    const { draw, pause } = this.options;
    const doing = `${operation} ${key}`;
    throwIfAborted(doing);
    const fault = draw(operation);
    await pause('sent', fault === 'slow');
    throwIfAborted(doing);
    if (fault === 'error' || fault === 'throttled') {
      throw new ObjectStoreError(fault === 'error' ? 'storage-unavailable' : 'storage-throttled', `${fault}: ${doing}`);
    }
    const result = await work(fault);
    await pause('done', false);
    throwIfAborted(doing);
    if (fault === 'lost' || (fault === 'reset' && operation === 'get')) {
      throw new ObjectStoreError('storage-unavailable', `${fault}: ${doing}`);
    }
    return result;
  }
}
