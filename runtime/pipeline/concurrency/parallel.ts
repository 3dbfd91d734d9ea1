/**
 * Calls a function for every item, with at most `limit` concurrent calls. Returns the results in the order of the items.
 *
 * After a failed call, no further call starts. `mapParallel` waits for all started calls, and then throws the first failure.
 * Therefore, no call continues in the background.
 */
export async function mapParallel<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  limit: number,
  call: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const failures: unknown[] = [];
  const running = new Set<Promise<void>>();
  let index = 0;
  try {
    for await (const item of items) {
      if (failures.length > 0) {
        break;
      }
      const position = index++;
      const run = call(item)
        .then(
          (result) => {
            results[position] = result;
          },
          (error: unknown) => {
            failures.push(error);
          },
        )
        .finally(() => running.delete(run));
      running.add(run);
      if (running.size >= limit) {
        await Promise.race(running);
      }
    }
  } finally {
    await Promise.all(running);
  }
  if (failures.length > 0) {
    throw failures[0];
  }
  return results;
}
