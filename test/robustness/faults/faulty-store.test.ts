import type { ObjectStore } from '../../../runtime/storage';
import { MemoryObjectStore } from '../../support/aws/memory-store';
import { Random } from '../../support/random';
import { FaultyQueue } from './faulty-queue';
import { FaultPlan, FaultyObjectStore, FAULTS, History, type Fault, type Operation } from './faulty-store';
import { VirtualTime } from './virtual-time';

const write = { contentType: 'image/png' };
const bytes = (text: string): Buffer => Buffer.from(text);

/** Creates an object store in memory, and a client whose requests to this store have the given faults. */
function stores(...faults: (Fault | undefined)[]) {
  const store = new MemoryObjectStore();
  const pauses: string[] = [];
  const faulty = new FaultyObjectStore({
    store,
    history: new History(),
    draw: () => faults.shift(),
    pause: (moment, isSlow) => {
      pauses.push(isSlow ? `${moment}, slow` : moment);
      return Promise.resolve();
    },
  });
  return { store, faulty, pauses };
}

const textOf = async (store: ObjectStore, key = 'a'): Promise<string | undefined> =>
  (await store.get(key, { maxBytes: 100 }))?.body.toString();
const keysOf = async (store: ObjectStore): Promise<string[]> => {
  const keys: string[] = [];
  for await (const { key } of store.list({ prefix: '' })) {
    keys.push(key);
  }
  return keys;
};

describe('a faulty store', () => {
  test.each<[Fault, string, string | undefined]>([
    ['error', 'storage-unavailable', 'old'],
    ['throttled', 'storage-throttled', 'old'],
    ['reset', 'storage-unavailable', 'old'],
    ['lost', 'storage-unavailable', 'new'],
  ])('the store responds to a write with the fault %s', async (fault, code, left) => {
    const { store, faulty } = stores(undefined, fault);
    await faulty.put('a', bytes('old'), write);
    await expect(faulty.put('a', bytes('new'), write)).rejects.toMatchObject({ name: 'ObjectStoreError', code });
    expect(await textOf(store)).toBe(left);
  });

  test('the object store loses the response to a partial deletion', async () => {
    const { store, faulty } = stores(undefined, undefined, undefined, 'lost');
    for (const key of ['a', 'b', 'c']) {
      await faulty.put(key, bytes(key), write);
    }
    await expect(faulty.delete(['a', 'b', 'c'])).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(await keysOf(store)).toEqual(['c']);
  });

  test('the object store returns the state before the last change', async () => {
    const { store, faulty } = stores(undefined, undefined, undefined, 'stale', 'stale', 'stale');
    await faulty.put('a', bytes('old'), write);
    await faulty.put('a', bytes('new'), write);
    await faulty.put('b', bytes('b'), write);
    expect(await textOf(faulty)).toBe('old');
    expect(await faulty.head('b')).toBeUndefined();
    expect(await keysOf(faulty)).toEqual(['a']);
    expect(await textOf(store)).toBe('new');
  });

  test('the object store interrupts a listing and a body', async () => {
    const { faulty } = stores(undefined, undefined, 'reset', 'reset');
    for (const key of ['a', 'b']) {
      await faulty.put(key, bytes(key), write);
    }
    const keys: string[] = [];
    const listing = async (): Promise<void> => {
      for await (const { key } of faulty.list({ prefix: '' })) {
        keys.push(key);
      }
    };
    await expect(listing()).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(keys).toEqual(['a']);
    await expect(textOf(faulty)).rejects.toMatchObject({ code: 'storage-unavailable' });
  });

  test('the object store delays slow requests', async () => {
    const { faulty, pauses } = stores('slow');
    await faulty.check();
    await faulty.check();
    expect(pauses).toEqual(['sent, slow', 'done', 'sent', 'done']);
  });
});

test('the faults of a seed occur at their rates for the operations that can have them', () => {
  const rates = Object.fromEntries(FAULTS.map((fault) => [fault, 0.05]));
  const draw = (seed: number) => {
    const plan = new FaultPlan(new Random(seed), rates);
    const drawn = (['head', 'get', 'put', 'delete', 'list'] as Operation[]).map((operation) =>
      Array.from({ length: 2000 }, () => plan.draw(operation)),
    );
    return { plan, drawn };
  };
  const { plan, drawn } = draw(1);
  expect(draw(1).drawn).toEqual(drawn);
  expect(draw(2).drawn).not.toEqual(drawn);
  expect(new Set(drawn[0])).toEqual(new Set([undefined, 'slow', 'error', 'throttled', 'stale']));
  expect(new Set(drawn[2])).toEqual(new Set([undefined, 'slow', 'error', 'throttled', 'reset', 'lost']));
  for (const [fault, operations] of [
    ['slow', 5],
    ['lost', 2],
    ['stale', 3],
  ] as const) {
    expect(plan.counts[fault] / (2000 * operations)).toBeCloseTo(0.05, 1);
  }
});

test('a faulty queue delivers messages in any order, and each message between 1 and maxReceiveCount times', async () => {
  const time = new VirtualTime();
  const queue = new FaultyQueue({
    time,
    random: new Random(1),
    visibilityTimeout: 1000,
    maxReceiveCount: 3,
    duplicates: 0.2,
    ghosts: 0.2,
    delay: [100, 1000],
  });
  const received: string[] = [];
  const receives = new Map<string, number[]>();
  const work = async (): Promise<void> => {
    for (;;) {
      const batch = await queue.receive(4);
      await time.sleep(10);
      for (const { body, messageId, receiveCount } of batch) {
        received.push(body);
        receives.set(messageId, [...(receives.get(messageId) ?? []), receiveCount]);
      }
      queue.settle(batch, new Set(batch.filter(({ body }) => body === 'poison').map(({ messageId }) => messageId)));
    }
  };
  void work();
  const bodies = Array.from({ length: 100 }, (_, index) => `message ${index}`);
  const ids = [...bodies, 'poison'].map((body) => queue.send(body)).pop()!;
  await time.run();
  expect([...new Set(received)].sort()).toEqual([...bodies, 'poison'].sort());
  expect(received.filter((body) => body !== 'poison')).not.toEqual(bodies);
  expect(queue.dead.map(({ messageId }) => messageId)).toEqual(ids);
  for (const id of ids) {
    expect(receives.get(id)).toEqual([1, 2, 3]);
  }
  const { sent, duplicates, ghosts } = queue.counts;
  expect(sent).toBe(101 + duplicates);
  expect(duplicates).toBeGreaterThan(5);
  expect(ghosts).toBeGreaterThan(5);
  expect(received).toHaveLength(sent + ghosts + 2 * ids.length);
});
