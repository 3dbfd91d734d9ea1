import {
  throwIfAborted,
  ObjectStoreError,
  type ListedObject,
  type ListOptions,
  type ObjectHead,
  type PutOptions,
  type ObjectStore,
  type StoredObject,
} from '../../../runtime/storage';
import type { Random } from '../../support/random';

/**
 * What can go wrong with a request to a store.
 *
 * - `slow`: it takes seconds
 * - `error`: an error of the store's own, nothing was done
 * - `throttled`: the store is asked too often, nothing was done
 * - `reset`: the connection ends in the middle of what is sent: nothing was written, or a part of what was asked for came
 * - `lost`: it was done, and the answer is an error; of several deletions, some were done
 * - `stale`: a read gives what was there before the last change
 */
export const FAULTS = ['slow', 'error', 'throttled', 'reset', 'lost', 'stale'] as const;
export type Fault = (typeof FAULTS)[number];

/** What a {@link FaultyObjectStore} is asked to do. */
export type Operation = 'head' | 'get' | 'put' | 'delete' | 'list' | 'check';

/** Faults that an operation can have. */
const POSSIBLE: Readonly<Record<Operation, readonly Fault[]>> = {
  head: ['slow', 'error', 'throttled', 'stale'],
  get: ['slow', 'error', 'throttled', 'reset', 'stale'],
  put: ['slow', 'error', 'throttled', 'reset', 'lost'],
  delete: ['slow', 'error', 'throttled', 'reset', 'lost'],
  list: ['slow', 'error', 'throttled', 'reset', 'stale'],
  check: ['slow', 'error', 'throttled'],
};

/** How often each fault happens, 0 to 1 for each request that can have it. Left out: never. */
export type FaultRates = Readonly<Partial<Record<Fault, number>>>;

/** Draws faults by their rates, and counts them. */
export class FaultPlan {
  public readonly counts: Record<Fault, number> = { slow: 0, error: 0, throttled: 0, reset: 0, lost: 0, stale: 0 };

  public constructor(
    private readonly random: Random,
    private readonly rates: FaultRates,
  ) {}

  /** What goes wrong with the next request of this kind, if anything. */
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

/** What lay under each key before the last change. All clients of one store share one. */
export class History {
  private readonly before = new Map<string, StoredObject | undefined>();

  /** Remembers what is there before it changes. */
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

/** What a {@link FaultyObjectStore} is made of. */
export interface FaultyStoreOptions {
  readonly store: ObjectStore;
  readonly history: History;
  /** What goes wrong with a request, if anything. */
  readonly draw: (operation: Operation) => Fault | undefined;
  /** Waits on the way to the store (`sent`), when it was done (`done`), and on the way back. Never resolves for who is gone. */
  readonly pause: (moment: 'sent' | 'done', isSlow: boolean) => Promise<void>;
}

/** A store with faults in front of it. */
export class FaultyObjectStore implements ObjectStore {
  public constructor(private readonly options: FaultyStoreOptions) {}

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
        throw new ObjectStoreError('storage-unavailable', `the connection was reset while ${key} was sent`);
      }
      await history.note(store, key);
      return store.put(key, body, options);
    });
  }

  public async delete(keys: readonly string[]): Promise<void> {
    const { store, history } = this.options;
    return this.request('delete', keys.join(' '), async (fault) => {
      if (fault === 'reset') {
        throw new ObjectStoreError('storage-unavailable', 'the connection was reset while keys were sent');
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
