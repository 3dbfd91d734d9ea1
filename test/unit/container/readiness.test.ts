import { Readiness, type ReadinessOptions } from '../../../container/readiness';
import { ObjectStoreError } from '../../../runtime/storage';
import { eventually } from '../../support/running';

const down = new ObjectStoreError('storage-unavailable', 'no answer');

/** Stores that answer as told, the last answer for good. */
function stores(answers: readonly (Error | undefined)[], options: ReadinessOptions) {
  let asked = 0;
  const check = jest.fn(() => {
    const answer = answers[Math.min(asked, answers.length - 1)];
    asked += 1;
    return answer ? Promise.reject(answer) : Promise.resolve();
  });
  return { check, readiness: new Readiness([{ check }, { check: () => Promise.resolve() }], options) };
}

test('is there when all stores answer, who are asked once for all that ask', async () => {
  const { check, readiness } = stores([undefined], {});
  await Promise.all([readiness.check(), readiness.check()]);
  await readiness.check();
  expect(check).toHaveBeenCalledTimes(1);
});

test('is looked at anew after a time', async () => {
  const { check, readiness } = stores([undefined, down], { believed: 5 });
  await readiness.check();
  await eventually(
    () =>
      readiness.check().then(
        () => undefined,
        (error: unknown) => error,
      ),
    'the failure',
  );
  expect(check).toHaveBeenCalledTimes(2);
});

test('is not there while a store does not answer, and that is believed too', async () => {
  const { check, readiness } = stores([down, undefined], {});
  await expect(readiness.check()).rejects.toBe(down);
  await expect(readiness.check()).rejects.toBe(down);
  expect(check).toHaveBeenCalledTimes(1);
});

test('does not wait for a store that never answers', async () => {
  const readiness = new Readiness([{ check: () => new Promise(() => undefined) }], { patience: 10 });
  await expect(readiness.check()).rejects.toMatchObject({
    code: 'storage-unavailable',
    message: 'the stores did not answer within 10 ms',
  });
});

describe('waiting for it', () => {
  const { signal } = new AbortController();

  test('asks nobody while nothing is known against the stores', async () => {
    const { check, readiness } = stores([down], {});
    await readiness.untilReady(signal);
    expect(check).not.toHaveBeenCalled();
  });

  test('asks after a failure, again and again, until they answer', async () => {
    const { check, readiness } = stores([down, down, undefined], { believed: 0, firstDelay: 5 });
    readiness.suspect();
    await readiness.untilReady(signal);
    expect(check).toHaveBeenCalledTimes(3);
    await readiness.untilReady(signal);
    expect(check).toHaveBeenCalledTimes(3);
  });

  test('ends with the process', async () => {
    const { check, readiness } = stores([down], {});
    const end = new AbortController();
    readiness.suspect();
    const wait = readiness.untilReady(end.signal);
    await eventually(() => check.mock.calls[0], 'the first question');
    end.abort();
    await wait;
    expect(check).toHaveBeenCalledTimes(1);
  });
});
