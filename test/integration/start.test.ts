import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReadyManifest } from '../../runtime/pipeline';
import { eventually } from '../support/eventually';
import { seenQuadrants, quadrants, UPRIGHT } from '../support/images';
import { NodeProcess } from '../support/processes/node-process';
import { upload } from '../support/upload';

// Runs `npm start` and the command that this npm script calls.
const root = join(__dirname, '../..');
const START = [require.resolve('ts-node/dist/bin.js'), '-T', join(root, 'scripts/start.ts')];
const STUDIO = [join(root, 'dist/bundles/cdk-thumbnails.js'), 'start', join(root, 'cdk.out')];

let data: string;
let running: NodeProcess | undefined;
let photo: Buffer;

beforeAll(async () => {
  photo = await quadrants({ width: 640, height: 480, orientation: 6 });
});
beforeEach(() => (data = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-start-'))));
afterEach(() => {
  running?.kill();
  running = undefined;
  rmSync(data, { recursive: true, force: true });
});

async function start(words: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<string> {
  running = NodeProcess.start(words, { DATA_DIR: data, PORT: '0', ...variables });
  const [, url] = await running.waitForOutput(/pipeline +(http:\S+)[\s\S]*Try it/);
  return url!;
}

const write = (key: string, bytes: Buffer | string): void => writeFileSync(join(data, 'images', key), bytes);
const stored = (path: string): string => join(data, 'thumbnails', path);
const exists = (path: string) => eventually(() => existsSync(stored(path)) || undefined, `${path} to exist`);
const isDeleted = (path: string) => eventually(() => !existsSync(stored(path)) || undefined, `${path} to be deleted`);

test('npm start runs the synthesized pipeline with a directory and an HTTP API', async () => {
  const url = await start(START);
  expect(running!.output).toMatch(/settings +ThumbnailsLambda\//);
  expect(running!.output).toMatch(
    /sizes +small: inside 200×200, webp\n +square: cover 320×320, webp\n +large: inside 1600×1600, webp/,
  );
  expect(existsSync(join(root, 'cdk.out/ThumbnailsLambda.template.json'))).toBe(true);

  write('cat.jpg', photo);
  await exists('cat.jpg/manifest.json');
  expect(await seenQuadrants(readFileSync(stored('cat.jpg/small.webp')))).toEqual(UPRIGHT);
  rmSync(join(data, 'images/cat.jpg'));
  await isDeleted('cat.jpg');

  const { image } = await upload(url, 'trip/dog + café.jpg', photo);
  expect(image).toBe('/images?key=trip%2Fdog%20%2B%20caf%C3%A9.jpg');
  const response = await fetch(url + image, { headers: { Prefer: 'wait' } });
  const manifest = (await response.json()) as ReadyManifest & {
    readonly thumbnails: readonly { readonly url: string }[];
  };
  expect(manifest).toMatchObject({
    status: 'ready',
    source: { key: 'trip/dog + café.jpg', bytes: photo.length },
    image: { format: 'jpeg', width: 640, height: 480 },
    thumbnails: [
      { name: 'small', width: 200, height: 150 },
      { name: 'square', width: 320, height: 320 },
      { name: 'large', width: 640, height: 480 },
    ],
  });
  const thumbnail = await fetch(url + manifest.thumbnails[0]!.url);
  expect(thumbnail.headers.get('Content-Type')).toBe('image/webp');
  expect(await seenQuadrants(Buffer.from(await thumbnail.arrayBuffer()))).toEqual(UPRIGHT);
  expect((await fetch(url + image, { method: 'DELETE' })).status).toBe(204);
  await isDeleted('trip');

  const page = await (await fetch(url)).text();
  const [, script] = /src="([^"]+)"/.exec(page)!;
  expect((await fetch(url + script)).headers.get('Content-Type')).toMatch(/^text\/javascript/);

  expect(await running!.stop()).toBe(0);
}, 180_000);

test('the studio reports a rejected file on the terminal, in the manifest and in the HTTP response', async () => {
  const url = await start(STUDIO);
  write('notes.jpg', 'not an image');
  await running!.waitForOutput(/rejected +notes\.jpg: .*\(unsupported-format\)/);
  const manifest = JSON.parse(readFileSync(stored('notes.jpg/manifest.json'), 'utf8')) as unknown;
  expect(manifest).toMatchObject({ status: 'rejected', rejection: { code: 'unsupported-format' } });
  const response = await fetch(`${url}/thumbnails/small/notes.jpg`);
  expect([response.status, await response.json()]).toMatchObject([415, { code: 'unsupported-format' }]);
});

test('npm start reconciles the changes since the last start', async () => {
  await start(STUDIO);
  for (const key of ['kept.jpg', 'removed.jpg', 'replaced.jpg']) {
    write(key, photo);
    await exists(`${key}/manifest.json`);
  }
  const before = readFileSync(stored('replaced.jpg/manifest.json'), 'utf8');
  expect(await running!.stop()).toBe(0);

  write('new.jpg', photo);
  write('replaced.jpg', await quadrants({ width: 300, height: 300 }));
  rmSync(join(data, 'images/removed.jpg'));
  await start(STUDIO);
  await running!.waitForOutput(/compared the directories: 2 made, 1 deleted/);
  expect(existsSync(stored('new.jpg/small.webp'))).toBe(true);
  expect(existsSync(stored('kept.jpg/small.webp'))).toBe(true);
  expect(existsSync(stored('removed.jpg'))).toBe(false);
  expect(readFileSync(stored('replaced.jpg/manifest.json'), 'utf8')).not.toBe(before);
});

test('the studio listens on HOST, which defaults to the loopback interface', async () => {
  expect(await start(STUDIO)).toMatch(/^http:\/\/localhost:/);
  await running!.stop();
  expect(await start(STUDIO, { HOST: '0.0.0.0' })).toMatch(/^http:\/\/0\.0\.0\.0:/);
});

test.each([
  [
    'a port in use',
    () => start(STUDIO).then((url) => ({ PORT: new URL(url).port })),
    /^cdk-thumbnails: port \d+ of 127\.0\.0\.1 is in use;.*--port.*\n$/,
  ],
  ['an invalid port', () => ({ PORT: 'http' }), /^cdk-thumbnails: PORT: got "http"; expected 0 to 65535\n$/],
  [
    'a directory that cannot be created',
    () => ({ DATA_DIR: join(data, 'file') }),
    /^cdk-thumbnails: .*file.*set DATA_DIR to a writable directory\n$/,
  ],
])('the studio exits with one line on %s', async (_, variables, line) => {
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'file'), '');
  const invalid = NodeProcess.start(STUDIO, { DATA_DIR: data, PORT: '0', ...(await variables()) });
  expect(await invalid.exit()).toBe(1);
  expect(invalid.output).toMatch(line);
});

test.each([
  ['npm start --', START],
  ['cdk-thumbnails start', STUDIO],
])('%s prints its help without building or listening', async (name, args) => {
  const help = NodeProcess.start([...args, '--help'], { DATA_DIR: data, PORT: '0' });
  expect(await help.exit()).toBe(0);
  expect(help.output).toContain(`Usage: ${name} [options] [path]\n`);
  for (const word of ['--variant', '--stack', '--settings', 'HOST', 'PORT', 'DATA_DIR']) {
    expect(help.output).toContain(word);
  }
  expect(existsSync(join(data, 'images'))).toBe(false);
});

test('the studio escapes control characters of keys on the terminal', async () => {
  await start(STUDIO);
  write('a\u001b[2J.jpg', photo);
  await running!.waitForOutput(/made +a\\u001b\[2J\.jpg: 3 thumbnails/);
});
