import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileRecord } from '../../cli/render/records';
import { startFakeMoveTasks, type FakeMoveTasks } from '../support/aws/fake-move-tasks';
import { quadrants, seenQuadrants, UPRIGHT } from '../support/images';
import { NodeProcess } from '../support/processes/node-process';

const CLI = join(__dirname, '../../dist/bundles/cdk-thumbnails.js');

let directory: string;
let photo: Buffer;
beforeAll(async () => {
  photo = await quadrants({ width: 640, height: 480, orientation: 8 });
});
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'command-line-'))));
afterEach(() => rmSync(directory, { recursive: true }));

const path = (...names: string[]): string => join(directory, ...names);
function write(name: string, bytes: Buffer | string): string {
  mkdirSync(join(path(name), '..'), { recursive: true });
  writeFileSync(path(name), bytes);
  return path(name);
}

/** Environment variables for the fake queue. */
const queueEnvironment = ({ endpoint }: FakeMoveTasks): Record<string, string> => ({
  AWS_ENDPOINT_URL_SQS: endpoint,
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'key',
  AWS_SECRET_ACCESS_KEY: 'secret',
});

async function run(...args: string[]): Promise<{ code: number | null; output: string }> {
  const running = NodeProcess.start([CLI, ...args]);
  return { code: await running.exit(), output: running.output };
}

const records = (output: string): FileRecord[] =>
  output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as FileRecord)
    .sort((one, other) => (one.file < other.file ? -1 : 1));

test('the command render prints one line per file of the arguments and of their directories', async () => {
  write('photos/a/cat.jpg', photo);
  write('photos/notes.txt', 'not an image');
  const single = write('dog.jpg', photo);
  const { code, output } = await run('render', path('photos'), single, '--out', path('out'));
  expect(output).toMatch(/^made +\S+photos\/a\/cat\.jpg: jpeg 640×480, 3 thumbnails, \d+ kB, \d+ ms$/m);
  expect(output).toMatch(/^rejected +\S+photos\/notes\.txt: .*\(unsupported-format\)$/m);
  expect(output).toMatch(/^2 made, 1 rejected in [\d.]+ s$/m);
  expect(code).toBe(0);
  expect(await seenQuadrants(readFileSync(path('out/a/cat.jpg/small.webp')))).toEqual(UPRIGHT);
  expect(await seenQuadrants(readFileSync(path('out/dog.jpg/large.webp')))).toEqual(UPRIGHT);
});

test('the option --json prints one record per file', async () => {
  write('photos/cat.jpg', photo);
  write('photos/empty.jpg', '');
  const { code, output } = await run('render', path('photos'), '--out', path('out'), '--json');
  expect(code).toBe(0);
  expect(records(output)).toEqual([
    {
      file: path('photos/cat.jpg'),
      status: 'made',
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

test('the command render renders a file again only with --force or other settings', async () => {
  const cat = write('cat.jpg', photo);
  const words = ['render', cat, '--out', path('out'), '--json'];
  const statusOf = async (...more: string[]) => records((await run(...words, ...more)).output)[0]!;
  expect((await statusOf()).status).toBe('made');
  expect((await statusOf()).status).toBe('unchanged');
  expect((await statusOf('--force')).status).toBe('made');
  const settings = write(
    'settings.json',
    JSON.stringify({ thumbnails: [{ name: 'tiny', fit: 'cover', width: 8, height: 8, formats: [{ type: 'png' }] }] }),
  );
  expect(await statusOf('--settings', settings)).toMatchObject({
    status: 'made',
    thumbnails: [{ name: 'tiny', width: 8, height: 8 }],
  });
});

test('the command render skips an output directory inside the source directory', async () => {
  write('cat.jpg', photo);
  const words = ['render', directory, '--out', path('thumbnails'), '--json'];
  await run(...words);
  expect(records((await run(...words)).output).map(({ file, status }) => [file, status])).toEqual([
    [path('cat.jpg'), 'unchanged'],
  ]);
});

test.each([
  [
    'a file that does not exist',
    () => [path('none.jpg')],
    /^cdk-thumbnails: .*none\.jpg does not exist; expected a file or directory\n$/,
  ],
  [
    'files with the same output path',
    () => [write('a/cat.jpg', photo), write('b/cat.jpg', photo)],
    /^cdk-thumbnails: .*a\/cat\.jpg and .*b\/cat\.jpg have the same output path .*\n$/,
  ],
  [
    'invalid settings',
    () => [write('cat.jpg', photo), '--settings', write('settings.json', '{"limits":[]}')],
    /^cdk-thumbnails: invalid settings in .*: limits: .*\n$/,
  ],
])('the command line exits with one line on %s', async (_, words, line) => {
  const { code, output } = await run('render', ...words(), '--out', path('out'));
  expect(output).toMatch(line);
  expect(code).toBe(1);
});

test('the command render prints the name of an output directory that it cannot create', async () => {
  const cat = write('cat.jpg', photo);
  const { code, output } = await run('render', cat, '--out', join(cat, 'out'));
  expect(output).toMatch(/^cdk-thumbnails: .*cat\.jpg\/out.*\n$/);
  expect(code).toBe(1);
});

test.each([
  [
    ['render', '--help'],
    ['--out <dir>', '--settings <file>', '--json', '--force'],
  ],
  [
    ['sign', '--help'],
    ['--expires <time>', '--method <method>', '--secret <name>', '--key-id <id>'],
  ],
  [
    ['redrive', '--help'],
    ['--queue <url-or-arn>', '--rate <number>', '--json'],
  ],
  [['--help'], ['render', 'sign', 'redrive']],
])('%j prints the help', async (args, names) => {
  const { code, output } = await run(...args);
  for (const name of names) {
    expect(output).toContain(name);
  }
  expect(code).toBe(0);
});

test('the command sign reports missing credentials', async () => {
  const none = join(directory, 'none');
  const sign = NodeProcess.start([CLI, 'sign', 'https://img.example.com/images/cat.jpg', '--secret', 'keys'], {
    AWS_REGION: 'eu-central-1',
    AWS_CONFIG_FILE: none,
    AWS_SHARED_CREDENTIALS_FILE: none,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_ACCESS_KEY_ID: '',
    AWS_SECRET_ACCESS_KEY: '',
  });
  expect(await sign.exit()).toBe(1);
  expect(sign.output).toMatch(/^cdk-thumbnails: keys: no AWS credentials found; set AWS_PROFILE [^\n]+$/m);
});

test('the command redrive prints the progress while SQS moves messages back', async () => {
  const sqs = await startFakeMoveTasks({ messages: 3, pace: 3 });
  const running = NodeProcess.start([CLI, 'redrive', '--queue', sqs.queueUrl], queueEnvironment(sqs));
  const code = await running.exit();
  await sqs.stop();
  expect(running.output).toMatch(/^running: 0 of 3 messages moved back\ncompleted: 3 of 3 messages moved back$/m);
  expect(code).toBe(0);
});

test('SIGINT cancels the command redrive', async () => {
  const sqs = await startFakeMoveTasks({ messages: 1000, pace: 1 });
  const words = [CLI, 'redrive', '--queue', sqs.deadLetterArn];
  const running = NodeProcess.start(words, queueEnvironment(sqs));
  await running.waitForOutput(/^running: /m);
  const code = await running.stop('SIGINT');
  await sqs.stop();
  expect(running.output).toMatch(/^cancelled: \d+ of 1000 messages moved back$/m);
  expect(sqs.tasks).toMatchObject([{ Status: 'CANCELLED' }]);
  expect(code).toBe(130);
});

test('the command redrive prints one error line for an invalid option', async () => {
  const { code, output } = await run('redrive', '--queue', 'dead-letters');
  expect(output).toMatch(/^cdk-thumbnails: --queue: got dead-letters; expected [^\n]+$/m);
  expect(code).toBe(1);
});

test('the command estimate prints the cost of a synthesized template', async () => {
  const { code, output } = await run(
    'estimate',
    join(__dirname, '../templates/deployed/releases/0.1.0/ThumbnailsLambda.json'),
    '--images',
    '1e6',
  );
  expect([code, output]).toEqual([0, expect.stringMatching(/^S3: requests of the runtime +\$\d+\.\d\d /m)]);
});

test('the command estimate rejects a template without a pipeline', async () => {
  const template = write('empty.json', '{"Resources":{}}');
  const { code, output } = await run('estimate', template);
  expect([code, output]).toEqual([1, expect.stringContaining('contains no thumbnail pipeline')]);
});

test('the command backfill renders directories in worker processes of the package', async () => {
  write('photos/a/cat.jpg', photo);
  const running = NodeProcess.start([CLI, 'backfill', '--json'], {
    STORAGE: 'directory',
    SOURCE_DIRECTORY: path('photos'),
    THUMBNAIL_DIRECTORY: path('out'),
    THUMBNAILS: JSON.stringify([{ name: 's', fit: 'inside', width: 9, height: 9, formats: [{ type: 'webp' }] }]),
  });
  expect(await running.exit()).toBe(0);
  expect(running.output).toContain('"status":"SUCCEEDED","done":1');
  expect(readFileSync(path('out/a/cat.jpg/s.webp')).length).toBeGreaterThan(0);
});
