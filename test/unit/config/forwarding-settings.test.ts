import { readForwardingSettings } from '../../../runtime/config/forwarding-settings';

const QUEUE = 'https://sqs.eu-west-1.amazonaws.com/111122223333/large';

test('without LARGE_QUEUE_URL, readForwardingSettings() returns undefined', () => {
  expect(readForwardingSettings({})).toBeUndefined();
});

test('readForwardingSettings() returns the queue URL, and the file size and duration from which images are forwarded', () => {
  expect(readForwardingSettings({ LARGE_QUEUE_URL: QUEUE })).toEqual({
    queueUrl: QUEUE,
    fileSizeBytes: undefined,
    durationSeconds: undefined,
  });
  expect(
    readForwardingSettings({ LARGE_QUEUE_URL: QUEUE, LARGE_FROM_BYTES: '1000', LARGE_FROM_SECONDS: '8' }),
  ).toMatchObject({ fileSizeBytes: 1000, durationSeconds: 8 });
});

test.each([
  [{ LARGE_QUEUE_URL: 'large' }, /LARGE_QUEUE_URL: "large".*expected the URL of a queue/],
  [{ LARGE_QUEUE_URL: QUEUE, LARGE_FROM_BYTES: '0' }, /LARGE_FROM_BYTES: "0"/],
  [{ LARGE_QUEUE_URL: QUEUE, LARGE_FROM_SECONDS: 'long' }, /LARGE_FROM_SECONDS: "long"/],
  [{ LARGE_FROM_BYTES: '1', LARGE_FROM_SECONDS: '1' }, /LARGE_FROM_BYTES: requires LARGE_QUEUE_URL/],
  // A worker that forwards to its own queue would never finish.
  [{ LARGE_QUEUE_URL: QUEUE, QUEUE_URL: QUEUE }, /LARGE_QUEUE_URL: .*is the value of QUEUE_URL/],
])('rejects %j', (environment, message) => {
  expect(() => readForwardingSettings(environment)).toThrow(message);
});
