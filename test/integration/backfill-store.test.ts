// The command `backfill` on directories, with the worker processes of the build.
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { BackfillRecord } from '../../cli/backfill/backfill-progress';
import { backfillStore, type BackfillStoreOptions } from '../../cli/backfill/backfill-store';
import { quadrants } from '../support/images';
import { buildBundles, type Bundles } from '../support/processes/bundles';

const IMAGES = 40;
let bundles: Bundles;
let photo: Buffer;
let directory: string;
beforeAll(async () => {
  bundles = buildBundles({ workerProcess: 'test/support/processes/faulty-worker-process.ts' });
  photo = await quadrants({ width: 64, height: 48 });
});
afterAll(() => bundles.remove());
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'backfill-store-'));
  mkdirSync(join(directory, 'images/2026'), { recursive: true });
});
afterEach(() => rmSync(directory, { recursive: true }));

const image = (name: string): string => join(directory, 'images', name);
const manifest = (key: string): string => join(directory, 'thumbnails', key, 'manifest.json');

function writeImages(count = IMAGES): void {
  for (let index = 0; index < count; index++) {
    writeFileSync(image(`2026/${index}.png`), photo);
  }
}

/** Runs the command with `--json`. Interrupts the command when `isInterrupted` returns true for a record. */
async function run(
  options: BackfillStoreOptions = {},
  isInterrupted: (record: BackfillRecord) => boolean = () => false,
  variables: Record<string, string> = {},
) {
  const interruption = new AbortController();
  const [out, err] = [new PassThrough(), new PassThrough()];
  const records: BackfillRecord[] = [];
  out.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().trim().split('\n')) {
      records.push(JSON.parse(line) as BackfillRecord);
      if (isInterrupted(records.at(-1)!)) {
        interruption.abort();
      }
    }
  });
  const environment = {
    PATH: process.env['PATH'],
    STORAGE: 'directory',
    SOURCE_DIRECTORY: join(directory, 'images'),
    THUMBNAIL_DIRECTORY: join(directory, 'thumbnails'),
    THUMBNAILS: JSON.stringify([{ name: 's', fit: 'inside', width: 9, height: 9, formats: [{ type: 'webp' }] }]),
    WORKER_PROCESSES: '2',
    // The command does not read these variables of the service.
    TRIGGER: 'none',
    PORT: 'none',
    ...variables,
  };
  const code = await backfillStore(
    { json: true, ...options },
    { out, err },
    { environment, signal: interruption.signal, workerScript: bundles.path('worker-process'), intervalMs: 5 },
  );
  // The stream delivers the last record after the command returns.
  await new Promise(setImmediate);
  return { code, last: records.at(-1)!, err: ((err.read() ?? '') as Buffer | string).toString() };
}

test('the backfill command renders missing thumbnail sets only', async () => {
  writeImages(5);
  writeFileSync(image('notes.txt'), 'not an image');
  expect(await run()).toMatchObject({ code: 0, last: { status: 'SUCCEEDED', done: 6, failed: 0, total: 6 } });
  expect(readFileSync(manifest('notes.txt'), 'utf8')).toContain('unsupported-format');
  expect(await run()).toMatchObject({ code: 0, last: { status: 'SUCCEEDED', done: 0, total: 0 } });
});

test('the backfill command continues after an interruption without repeating an image', async () => {
  writeImages();
  const first = await run({}, ({ done }) => done >= 5);
  expect(first).toMatchObject({ code: 130, last: { status: 'ABORTED' } });
  expect(first.err).toContain('run the command again');
  const { done } = first.last;
  const written = new Map(readdirSync(join(directory, 'thumbnails/2026')).map((name) => [name, times(name)]));
  expect(written.size).toBe(done);
  const second = await run();
  expect(second).toMatchObject({ code: 0, last: { total: IMAGES - done, done: IMAGES - done } });
  for (const [name, time] of written) {
    expect(times(name)).toBe(time);
  }
  expect(readdirSync(join(directory, 'thumbnails/2026'))).toHaveLength(IMAGES);
});

const times = (name: string): number => statSync(manifest(`2026/${name}`)).mtimeMs;

test('the backfill command reconciles incomplete thumbnail sets and thumbnail sets of deleted images', async () => {
  writeImages(3);
  await run();
  rmSync(manifest('2026/0.png'));
  rmSync(image('2026/1.png'));
  expect((await run()).last).toMatchObject({ status: 'SUCCEEDED', done: 2, total: 2 });
  expect(readdirSync(join(directory, 'thumbnails/2026')).sort()).toEqual(['0.png', '2.png']);
});

test('the backfill command renders all thumbnail sets after a change of the settings file', async () => {
  writeImages(2);
  await run();
  const settings = join(directory, 'settings.json');
  const thumbnails = [{ name: 't', fit: 'inside', width: 8, height: 8, formats: [{ type: 'webp' }] }];
  writeFileSync(settings, JSON.stringify({ thumbnails }));
  expect((await run({ settings })).last).toMatchObject({ done: 2 });
  expect(readdirSync(join(directory, 'thumbnails/2026/0.png')).sort()).toEqual(['manifest.json', 't.webp']);
});

test('the backfill command processes only images that match the filters', async () => {
  writeImages(2);
  await run();
  const [earlier, later] = [image('earlier.png'), image('later.png')];
  [earlier, later, image('later.jpg'), image('2026/later.png')].forEach((path) => writeFileSync(path, photo));
  utimesSync(earlier, 0, 0);
  const filters = { prefix: 'l', suffix: ['.PNG'], since: '2000-01-01' };
  expect(await run({ ...filters, dryRun: true })).toMatchObject({ code: 0, last: { sources: 1 } });
  expect((await run(filters)).last).toMatchObject({ total: 1 });
  expect(statSync(manifest('later.png')).isFile()).toBe(true);
  expect((await run({ since: '2000-01-01' })).last).toMatchObject({ total: 2 });
  expect(readdirSync(join(directory, 'thumbnails'))).not.toContain('earlier.png');
  expect(readdirSync(join(directory, 'thumbnails/2026')).sort()).toEqual(['0.png', '1.png', 'later.png']);
});

test('the backfill command ends with exit code 1 and the key of the image if an image fails', async () => {
  writeImages(1);
  writeFileSync(image('crash.abort'), photo);
  const { code, err, last } = await run();
  expect(code).toBe(1);
  expect(last).toMatchObject({ status: 'FAILED', done: 1, failed: 1 });
  expect(err).toContain('failed: crash.abort: ');
  expect(err).toContain('lost a worker process (worker-crashed) while it processed crash.abort');
});

test('the backfill command reports invalid environment variables', async () => {
  await expect(run({}, undefined, { THUMBNAILS: '[]' })).rejects.toThrow('THUMBNAILS');
});
