import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileRecord } from '../../cli/render/records';
import { startFakeMoveTasks, type FakeMoveTasks } from '../support/fake-move-tasks';
import { quadrants, seenQuadrants, UPRIGHT } from '../support/images';
import { Running } from '../support/running';

const PROGRAM = join(__dirname, '../../dist/bundles/cdk-thumbnails.js');

let folder: string;
let photo: Buffer;
beforeAll(async () => {
  photo = await quadrants({ width: 640, height: 480, orientation: 8 });
});
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'command-line-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const path = (...names: string[]): string => join(folder, ...names);
function write(name: string, bytes: Buffer | string): string {
  mkdirSync(join(path(name), '..'), { recursive: true });
  writeFileSync(path(name), bytes);
  return path(name);
}

/** Environment that leads to a queue of the test's own. */
const queueEnvironment = ({ endpoint }: FakeMoveTasks): Record<string, string> => ({
  AWS_ENDPOINT_URL_SQS: endpoint,
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
});

async function run(...words: string[]): Promise<{ code: number | null; output: string }> {
  const running = Running.node([PROGRAM, ...words]);
  return { code: await running.exit(), output: running.output };
}

const records = (output: string): FileRecord[] =>
  output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as FileRecord)
    .sort((one, other) => (one.file < other.file ? -1 : 1));

test('render makes the thumbnails of files and folders, and says what became of each file', async () => {
  write('photos/a/cat.jpg', photo);
  write('photos/notes.txt', 'not an image');
  const single = write('dog.jpg', photo);
  const { code, output } = await run('render', path('photos'), single, '--out', path('out'));
  expect(output).toMatch(/^rendered +\S+photos\/a\/cat\.jpg: jpeg 640×480, 3 thumbnails, \d+ kB, \d+ ms$/m);
  expect(output).toMatch(/^rejected +\S+photos\/notes\.txt: .*\(unsupported-format\)$/m);
  expect(output).toMatch(/^2 rendered, 1 rejected in [\d.]+ s$/m);
  expect(code).toBe(0);
  expect(await seenQuadrants(readFileSync(path('out/a/cat.jpg/small.webp')))).toEqual(UPRIGHT);
  expect(await seenQuadrants(readFileSync(path('out/dog.jpg/large.webp')))).toEqual(UPRIGHT);
});

test('--json gives one record per file', async () => {
  write('photos/cat.jpg', photo);
  write('photos/empty.jpg', '');
  const { code, output } = await run('render', path('photos'), '--out', path('out'), '--json');
  expect(code).toBe(0);
  expect(records(output)).toEqual([
    {
      file: path('photos/cat.jpg'),
      status: 'rendered',
      width: 640,
      height: 480,
      format: 'jpeg',
      ms: expect.any(Number) as number,
      thumbnails: [
        expect.objectContaining({ name: 'small', width: 200, height: 150, key: 'cat.jpg/small.webp' }),
        expect.objectContaining({ name: 'square', width: 320, height: 320, key: 'cat.jpg/square.webp' }),
        expect.objectContaining({ name: 'large', width: 640, height: 480, key: 'cat.jpg/large.webp' }),
      ],
    },
    {
      file: path('photos/empty.jpg'),
      status: 'rejected',
      code: 'empty-file',
      message: expect.any(String) as string,
      ms: expect.any(Number) as number,
      thumbnails: [],
    },
  ]);
});

test('a second run leaves alone what is there, but for --force and other settings', async () => {
  const cat = write('cat.jpg', photo);
  const words = ['render', cat, '--out', path('out'), '--json'];
  const statusOf = async (...more: string[]) => records((await run(...words, ...more)).output)[0]!;
  expect((await statusOf()).status).toBe('rendered');
  expect((await statusOf()).status).toBe('unchanged');
  expect((await statusOf('--force')).status).toBe('rendered');
  const settings = write(
    'settings.json',
    JSON.stringify({ thumbnails: [{ name: 'tiny', fit: 'cover', width: 8, height: 8, formats: [{ type: 'png' }] }] }),
  );
  expect(await statusOf('--settings', settings)).toMatchObject({
    status: 'rendered',
    thumbnails: [{ name: 'tiny', width: 8, height: 8 }],
  });
});

test('results below the rendered folder are not taken for photos', async () => {
  write('cat.jpg', photo);
  const words = ['render', folder, '--out', path('thumbnails'), '--json'];
  await run(...words);
  expect(records((await run(...words)).output).map(({ file, status }) => [file, status])).toEqual([
    [path('cat.jpg'), 'unchanged'],
  ]);
});

test.each([
  ['a file that is not there', () => [path('none.jpg')], /^cdk-thumbnails: .*none\.jpg does not exist/],
  [
    'files whose thumbnails would lie in one place',
    () => [write('a/cat.jpg', photo), write('b/cat.jpg', photo)],
    /^cdk-thumbnails: the thumbnails of .*a\/cat\.jpg and .*b\/cat\.jpg have the same path/,
  ],
  [
    'settings that are wrong',
    () => [write('cat.jpg', photo), '--settings', write('settings.json', '{"limits":[]}')],
    /^cdk-thumbnails: the settings in .* are wrong: limits: .*\n$/,
  ],
])('fails with one clear line on %s', async (_, words, line) => {
  const { code, output } = await run('render', ...words(), '--out', path('out'));
  expect(output).toMatch(line);
  expect(code).toBe(1);
});

test('fails on a folder for the results that cannot be made, and names it', async () => {
  const cat = write('cat.jpg', photo);
  const { code, output } = await run('render', cat, '--out', join(cat, 'out'));
  expect(output).toMatch(/^cdk-thumbnails: .*cat\.jpg\/out.*\n$/);
  expect(code).toBe(1);
});

test('help names the options', async () => {
  const { code, output } = await run('render', '--help');
  expect(output).toMatch(/--out <dir>[\s\S]*--settings <file>[\s\S]*--json[\s\S]*--force/);
  expect(code).toBe(0);
});

test('redrive moves dead letters back and says how far it is', async () => {
  const sqs = await startFakeMoveTasks({ messages: 3, pace: 3 });
  const running = Running.node([PROGRAM, 'redrive', '--queue', sqs.queueUrl], queueEnvironment(sqs));
  const code = await running.exit();
  await sqs.stop();
  expect(running.output).toMatch(/^running: 0 of 3 messages moved back\ncompleted: 3 of 3 messages moved back$/m);
  expect(code).toBe(0);
});

test('redrive is cancelled by Ctrl-C', async () => {
  const sqs = await startFakeMoveTasks({ messages: 1000, pace: 1 });
  const words = [PROGRAM, 'redrive', '--queue', sqs.deadLetterArn];
  const running = Running.node(words, queueEnvironment(sqs));
  await running.prints(/^running: /m);
  const code = await running.stop('SIGINT');
  await sqs.stop();
  expect(running.output).toMatch(/^cancelled: \d+ of 1000 messages moved back$/m);
  expect(sqs.tasks).toMatchObject([{ Status: 'CANCELLED' }]);
  expect(code).toBe(130);
});

test('redrive says what is wrong in one line', async () => {
  const { code, output } = await run('redrive', '--queue', 'dead-letters');
  expect(output).toMatch(/^cdk-thumbnails: --queue: got dead-letters, allowed: [^\n]+$/m);
  expect(code).toBe(1);
});
