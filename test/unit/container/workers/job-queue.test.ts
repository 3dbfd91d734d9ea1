import { JobQueue } from '../../../../container/workers/job-queue';

const never = new AbortController().signal;
let queue: JobQueue<string>;
beforeEach(() => (queue = new JobQueue()));

test('urgent jobs go before the others, each kind in its order', async () => {
  queue.add('b1', false);
  queue.add('u1', true);
  queue.add('b2', false);
  queue.add('u2', true);
  expect(queue.urgentSize).toBe(2);
  const taken = await Promise.all(Array.from({ length: 4 }, () => queue.take(never)));
  expect(taken).toEqual(['u1', 'u2', 'b1', 'b2']);
  expect(queue.urgentSize).toBe(0);
});

test('every fifth job is one that nobody waits for, so that requests without end do not hold them up for good', async () => {
  ['b1', 'b2'].forEach((job) => queue.add(job, false));
  Array.from({ length: 9 }, (_, index) => queue.add(`u${index + 1}`, true));
  const taken: (string | undefined)[] = [];
  for (let index = 0; index < 11; index += 1) {
    taken.push(await queue.take(never));
  }
  expect(taken).toEqual(['u1', 'u2', 'u3', 'u4', 'b1', 'u5', 'u6', 'u7', 'u8', 'b2', 'u9']);
});

test('who waited longest gets the next job', async () => {
  const takers = [queue.take(never), queue.take(never)];
  queue.add('a', false);
  queue.add('b', true);
  expect(await Promise.all(takers)).toEqual(['a', 'b']);
});

test('who gives up gets nothing, and takes nothing from others', async () => {
  const end = new AbortController();
  const [first, second] = [queue.take(end.signal), queue.take(never)];
  end.abort();
  queue.add('a', false);
  expect(await Promise.all([first, second])).toEqual([undefined, 'a']);
  queue.add('b', false);
  expect(await queue.take(end.signal)).toBeUndefined();
  expect(await queue.take(never)).toBe('b');
});

test('what waits in the background can be taken back', async () => {
  queue.add('b', false);
  queue.add('u', true);
  expect(queue.dropBackground()).toEqual(['b']);
  expect(await queue.take(never)).toBe('u');
});

test('when it is closed nobody gets a job any more', async () => {
  const waiting = queue.take(never);
  expect(queue.close()).toEqual([]);
  expect(await waiting).toBeUndefined();
  expect(await queue.take(never)).toBeUndefined();
  const other = new JobQueue<string>();
  other.add('b', false);
  other.add('u', true);
  expect(other.close()).toEqual(['u', 'b']);
});
