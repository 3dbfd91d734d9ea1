// Concurrent invocations in one process share one memory semaphore, as on Lambda Managed Instances with one worker thread.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { NodeProcess } from '../support/processes/node-process';
import { notification, sqsEvent } from '../unit/lambda/sqs-event';

const BUNDLE = join(__dirname, '../../dist/bundles/upload-function.js');
/** Number of concurrent invocations. */
const CONCURRENCY = 6;
/** Memory of the function in MiB: enough for one image, but not for all images. */
const LITTLE_MEMORY_MIB = 448;
const MUCH_MEMORY_MIB = 8192;

let data: string;
const keys = Array.from({ length: CONCURRENCY }, (_, index) => `${index}.jpg`);
beforeAll(async () => {
  data = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-instances-'));
  mkdirSync(join(data, 'images'));
  // A progressive JPEG with full chroma occupies six bytes for each pixel while it is decoded.
  const image = await sharp({ create: { width: 5000, height: 4000, channels: 3, background: '#408020' } })
    .jpeg({ progressive: true, chromaSubsampling: '4:4:4' })
    .toBuffer();
  keys.forEach((key) => writeFileSync(join(data, 'images', key), image));
});
afterAll(() => rmSync(data, { recursive: true }));

/**
 * Invokes the function for all images concurrently. Returns the failed messages and the peak memory of the process in
 * MiB.
 */
async function run(memoryMiB: number): Promise<{ failures: unknown[]; made: number; peakMiB: number }> {
  const source = join(data, 'images');
  const events = keys.map((key) => sqsEvent(notification(source, key)));
  const program = `
    const { existsSync, readFileSync } = require('node:fs');
    const { handler } = require(${JSON.stringify(BUNDLE)});
    // On Linux, the resource usage of a process includes the peak of the process that started it.
    const peakKiB = () => existsSync('/proc/self/status')
      ? Number(/^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1])
      : process.resourceUsage().maxRSS;
    const getRemainingTimeInMillis = () => 600_000;
    const context = { functionName: 'photos', memoryLimitInMB: '${memoryMiB}', getRemainingTimeInMillis };
    Promise.all(${JSON.stringify(events)}.map((event) => handler(event, context))).then((responses) => {
      const failures = responses.flatMap(({ batchItemFailures }) => batchItemFailures);
      console.log('RESULT ' + JSON.stringify({ failures, peakMiB: peakKiB() / 1024 }));
    });`;
  const running = NodeProcess.start(['-e', program], {
    STORAGE: 'directory',
    SOURCE_DIRECTORY: source,
    THUMBNAIL_DIRECTORY: join(data, `thumbnails-${memoryMiB}`),
    THUMBNAILS: JSON.stringify([{ name: 'small', fit: 'inside', width: 99, height: 99, formats: [{ type: 'webp' }] }]),
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMiB),
    AWS_LAMBDA_NODEJS_WORKER_COUNT: '1',
  });
  const [, result = '{}'] = await running.waitForOutput(/^RESULT (.*)$/m);
  const made = running.output.match(/"status":"made"/g)?.length ?? 0;
  return { ...(JSON.parse(result) as { failures: unknown[]; peakMiB: number }), made };
}

test('concurrent invocations stay within the memory of the execution environment', async () => {
  const limited = await run(LITTLE_MEMORY_MIB);
  expect(limited).toMatchObject({ failures: [], made: CONCURRENCY });
  expect(limited.peakMiB).toBeLessThan(LITTLE_MEMORY_MIB);
  // Without the limit of the semaphore, the images need more memory.
  const unlimited = await run(MUCH_MEMORY_MIB);
  expect(unlimited).toMatchObject({ failures: [], made: CONCURRENCY });
  expect(unlimited.peakMiB).toBeGreaterThan(LITTLE_MEMORY_MIB);
});
