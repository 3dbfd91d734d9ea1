import { AnalysisError } from '../../../runtime/analysis';
import { analysisDelaySeconds, type AnalysisSettings } from '../../../runtime/contract';
import { readChangedObjects, type Reconcile, type ReconcileOptions } from '../../../runtime/pipeline';
import { analysisRetries, analysisRetriesOf, countingFailedAnalyses } from '../../../runtime/program/analysis-retries';
import { workBatch, type Message } from '../../../runtime/program/queue/message-batch';
import { notification } from '../lambda/sqs-event';
import { settingsWith } from '../pipeline/fakes';

const KEY = 'trip/my photo+1.jpg';
const failure = new AnalysisError('analysis-throttled', 'too many requests');
const log = { malformed: fail, foreign: fail, deadlineExceeded: fail };

function fail(): never {
  throw new Error('unexpected log line');
}

/** Processes messages and their copies until no message is left or `maxRounds` is reached. */
async function process(
  settings: Pick<AnalysisSettings, 'failure' | 'retries'>,
  reconcile: Reconcile,
  { maxRounds = 200, messages = [{ messageId: 'm', body: notification('photos', KEY) }] as Message[] } = {},
) {
  const delays: number[] = [];
  let failed: ReadonlySet<string> = new Set();
  let queue = messages;
  let rounds = 0;
  for (; queue.length > 0 && rounds < maxRounds; rounds++) {
    const sent: Message[] = [];
    const send = (body: string, delaySeconds = 0): Promise<void> => {
      delays.push(delaySeconds);
      sent.push({ messageId: `copy ${rounds}`, body, receiveCount: 1 });
      return Promise.resolve();
    };
    const retries = analysisRetries({ settings, bucket: 'photos', send, random: () => 1 });
    failed = await workBatch(queue, {
      reconcile,
      bucket: 'photos',
      millisecondsPerKey: 0,
      remaining: () => Infinity,
      analysisRetries: retries,
      log,
    });
    queue = sent;
  }
  return { delays, failed: [...failed], rounds };
}

const failing: Reconcile = () => Promise.reject(failure);
const rejecting: Reconcile = (key, { rejectsUnanalyzed = false } = {}) =>
  rejectsUnanalyzed ? Promise.resolve({ status: 'ignored', key }) : Promise.reject(failure);

test('a delayed copy replaces the message until the analysis succeeds', async () => {
  let calls = 0;
  const { delays, failed } = await process({ failure: 'dead-letter', retries: 8 }, (key) =>
    ++calls <= 7 ? Promise.reject(failure) : Promise.resolve({ status: 'ignored', key }),
  );
  expect(delays).toEqual([30, 60, 120, 240, 480, 900, 900]);
  expect(failed).toEqual([]);
});

test('with `dead-letter`, the message fails after all further attempts', async () => {
  const { delays, failed, rounds } = await process({ failure: 'dead-letter', retries: 3 }, failing);
  expect(delays).toHaveLength(3);
  expect([failed, rounds]).toEqual([['copy 2'], 4]);
});

test('with `reject`, the last attempt rejects the image', async () => {
  const { delays, failed, rounds } = await process({ failure: 'reject', retries: 3 }, rejecting);
  expect(delays).toHaveLength(3);
  expect([failed, rounds]).toEqual([[], 4]);
});

test('with `retry`, the attempts do not end', async () => {
  const { failed, rounds } = await process({ failure: 'retry', retries: 1 }, failing, { maxRounds: 50 });
  expect([failed, rounds]).toEqual([[], 50]);
});

test('without retries, the message fails at once', async () => {
  const { delays, failed } = await process({ failure: 'dead-letter', retries: 0 }, failing);
  expect([delays, failed]).toEqual([[], ['m']]);
});

test('the message fails if the queue does not accept the copy', async () => {
  const settings = { failure: 'retry', retries: 0 } as const;
  const send = (): Promise<never> => Promise.reject(new Error('no queue'));
  const failed = await workBatch([{ messageId: 'm', body: notification('photos', KEY) }], {
    reconcile: failing,
    bucket: 'photos',
    millisecondsPerKey: 0,
    remaining: () => Infinity,
    analysisRetries: analysisRetries({ settings, bucket: 'photos', send }),
    log,
  });
  expect([...failed]).toEqual(['m']);
});

test('errors outside of the analysis cause no delayed copy', async () => {
  const { delays, failed } = await process({ failure: 'retry', retries: 8 }, () => Promise.reject(new Error('other')));
  expect([delays, failed]).toEqual([[], ['m']]);
});

test('the copy requires an event if an earlier attempt may have changed the thumbnail set', async () => {
  const seen: (ReconcileOptions | undefined)[] = [];
  const reconcile: Reconcile = (key, options) => {
    seen.push(options);
    return seen.length === 1 ? Promise.reject(failure) : Promise.resolve({ status: 'ignored', key });
  };
  const messages = [{ messageId: 'm', body: notification('photos', KEY), receiveCount: 2 }];
  await process({ failure: 'retry', retries: 0 }, reconcile, { messages });
  expect(seen).toEqual([{ announce: true, attempt: 2 }, { announce: true }]);
});

test('an event of a changed source resets the number of failed analyses', async () => {
  const sent: string[] = [];
  const retries = analysisRetries({
    settings: { failure: 'dead-letter', retries: 8 },
    bucket: 'photos',
    send: (body) => Promise.resolve(void sent.push(body)),
  });
  await retries.postpone({ key: KEY, announce: false, failedAnalyses: 4 });
  const messages = [notification('photos', KEY), sent[0]!].map((body, index) => ({ messageId: `m${index}`, body }));
  const options = { reconcile: failing, bucket: 'photos', millisecondsPerKey: 0, remaining: () => Infinity, log };
  expect((await workBatch(messages, { ...options, analysisRetries: retries })).size).toBe(0);
  expect(sent.map((body) => readChangedObjects(body))).toEqual([
    [{ bucket: 'photos', key: KEY, failedAnalyses: 5 }],
    [{ bucket: 'photos', key: KEY, failedAnalyses: 1 }],
  ]);
});

test('a random delay is at least half of the regular delay and at most the regular delay', async () => {
  const delays: (number | undefined)[] = [];
  for (const random of [0, 0.5, 1]) {
    const settings = { failure: 'retry', retries: 0 } as const;
    const send = (_body: string, delay?: number) => Promise.resolve(void delays.push(delay));
    const retries = analysisRetries({ settings, bucket: 'photos', send, random: () => random });
    await retries.postpone({ key: KEY, announce: false, failedAnalyses: 20 });
  }
  expect(delays).toEqual([450, 675, 900]);
  expect(analysisDelaySeconds(10_000)).toBe(900);
});

describe('in memory', () => {
  test('with `reject`, an image is rejected after all further attempts', async () => {
    const reconcile = countingFailedAnalyses(rejecting, { failure: 'reject', retries: 2 });
    await expect(reconcile(KEY)).rejects.toBe(failure);
    await expect(reconcile(KEY)).rejects.toBe(failure);
    await expect(reconcile('other.jpg')).rejects.toBe(failure);
    expect(await reconcile(KEY)).toMatchObject({ status: 'ignored' });
    await expect(reconcile(KEY)).rejects.toBe(failure);
  });

  test('only errors of the analysis count as failed attempts', async () => {
    const error = new Error('other');
    const reconcile = countingFailedAnalyses(() => Promise.reject(error), { failure: 'reject', retries: 0 });
    await expect(reconcile(KEY)).rejects.toBe(error);
  });

  test('countingFailedAnalyses() returns the function unchanged unless the failure mode is `reject`', () => {
    expect(countingFailedAnalyses(failing, { failure: 'dead-letter', retries: 2 })).toBe(failing);
    expect(countingFailedAnalyses(failing, undefined)).toBe(failing);
  });
});

test('a process without an analysis or without a queue has no retries', () => {
  const analysis: AnalysisSettings = {
    provider: 'http',
    url: 'https://check.example.com/',
    animationFrames: 3,
    timeoutSeconds: 10,
    failure: 'retry',
    retries: 8,
  };
  const queue = { ANALYSIS_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/123456789012/queue' };
  expect(analysisRetriesOf(settingsWith(), queue)).toBeUndefined();
  expect(analysisRetriesOf(settingsWith({ analysis }), {})).toBeUndefined();
  expect(analysisRetriesOf(settingsWith({ analysis }), queue)).toBeDefined();
  expect(analysisRetriesOf(settingsWith({ analysis }), { QUEUE_URL: queue.ANALYSIS_QUEUE_URL })).toBeDefined();
});
