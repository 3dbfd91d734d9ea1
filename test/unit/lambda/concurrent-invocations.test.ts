// Concurrent invocations in one process, as on Lambda Managed Instances with one worker thread.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quadrants } from '../../support/images';
import { gatewayEvent } from '../http/gateway-event';
import {
  createDirectories,
  invocation,
  linesOf,
  loadEntryPoint,
  restoreEnvironment,
  type FunctionDirectories,
} from './entry-points';
import { notification, sqsEvent } from './sqs-event';

const LAMBDA = join(__dirname, '../../../lambda');
const KEYS = Array.from({ length: 8 }, (_, index) => `${index}.jpg`);

let directories: FunctionDirectories;
beforeEach(async () => {
  directories = createDirectories();
  mkdirSync(directories.source, { recursive: true });
  const photo = await quadrants({ width: 600, height: 400 });
  KEYS.forEach((key) => writeFileSync(join(directories.source, key), photo));
});
afterEach(() => {
  restoreEnvironment();
  directories.remove();
});

test('each invocation of the API function has its own deadline', async () => {
  const { handler } = loadEntryPoint(LAMBDA, 'api-function', directories.environment);
  const request = (key: string, milliseconds: number) =>
    handler(
      gatewayEvent({ rawPath: `/thumbnails/small/${key}` }),
      invocation(() => milliseconds),
    );
  let statuses: (number | undefined)[] = [];
  await linesOf(async () => {
    // The second invocation starts while the first invocation waits for the module. The second invocation must not extend the
    // deadline of the first invocation.
    const responses = await Promise.all([request('0.jpg', 0), request('1.jpg', 30_000), request('2.jpg', 0)]);
    statuses = responses.map(({ statusCode }) => statusCode);
  });
  expect(statuses).toEqual([503, 200, 503]);
});

test('concurrent invocations of the upload function create all thumbnails and log each image once', async () => {
  const { handler } = loadEntryPoint(LAMBDA, 'upload-function', directories.environment);
  let failures: unknown[] = [];
  const lines = await linesOf(async () => {
    const responses = await Promise.all(
      KEYS.map((key) => handler(sqsEvent(notification(directories.source, key)), invocation())),
    );
    failures = responses.flatMap(({ batchItemFailures }) => batchItemFailures);
  });
  expect(failures).toEqual([]);
  const made = lines.filter(({ status }) => status === 'made').map(({ key }) => key);
  expect(made.sort()).toEqual(KEYS);
  const counts = lines.flatMap(({ ImagesMade = [] }) => ImagesMade as number | number[]);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(KEYS.length);
});
