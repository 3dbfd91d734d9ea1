import { availableParallelism } from 'node:os';

/**
 * Processes items concurrently, at most one item per CPU at a time. Starts with the item that has the highest cost. After an
 * error, the function starts no further item.
 *
 * @returns the results in the order of the items
 */
export async function runConcurrently<T, R>(
  items: readonly T[],
  cost: (item: T) => number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Array<R>(items.length);
  const queue = items.map((item, index) => ({ item, index })).sort((one, other) => cost(other.item) - cost(one.item));
  const consume = async (): Promise<void> => {
    try {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        results[next.index] = await work(next.item);
      }
    } finally {
      queue.length = 0;
    }
  };
  await Promise.all(Array.from({ length: Math.min(availableParallelism(), items.length) }, consume));
  return results;
}
