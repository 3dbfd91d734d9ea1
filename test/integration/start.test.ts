import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReadyManifest } from '../../runtime/pipeline';
import { seenQuadrants, quadrants, UPRIGHT } from '../support/images';
import { eventually, Running } from '../support/running';
import { upload } from '../support/upload';

// What npm start runs, and the program that it ends up in.
const root = join(__dirname, '../..');
const START = [require.resolve('ts-node/dist/bin.js'), '-T', join(root, 'scripts/start.ts')];
const PROGRAM = [join(root, 'dist/bundles/studio.js'), join(root, 'cdk.out')];

let data: string;
let running: Running | undefined;
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
  running = Running.node(words, { DATA_DIR: data, PORT: '0', ...variables });
  const [, url] = await running.prints(/pipeline +(http:\S+)[\s\S]*try next/);
  return url!;
}

const drop = (key: string, bytes: Buffer | string): void => writeFileSync(join(data, 'images', key), bytes);
const stored = (path: string): string => join(data, 'thumbnails', path);
const there = (path: string) => eventually(() => existsSync(stored(path)) || undefined, `${path} to be there`);
const gone = (path: string) => eventually(() => !existsSync(stored(path)) || undefined, `${path} to be gone`);

test('npm start builds, synthesizes, runs what would be deployed, and follows the folder and HTTP', async () => {
  const url = await start(START);
  expect(running!.output).toMatch(/settings +ThumbnailsLambda\//);
  expect(running!.output).toMatch(
    /makes +small: inside 200×200, webp\n +square: cover 320×320, webp\n +large: inside 1600×1600, webp/,
  );
  expect(existsSync(join(root, 'cdk.out/ThumbnailsLambda.template.json'))).toBe(true);

  // A file is dropped, and its thumbnails appear; it is removed, and they go.
  drop('cat.jpg', photo);
  await there('cat.jpg/manifest.json');
  expect(await seenQuadrants(readFileSync(stored('cat.jpg/small.webp')))).toEqual(UPRIGHT);
  rmSync(join(data, 'images/cat.jpg'));
  await gone('cat.jpg');

  // The same over HTTP.
  const { image } = await upload(url, 'trip/dog + café.jpg', photo);
  expect(image).toBe('/images?key=trip%2Fdog%20%2B%20caf%C3%A9.jpg');
  const answer = await fetch(url + image, { headers: { Prefer: 'wait' } });
  const manifest = (await answer.json()) as ReadyManifest & {
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
  await gone('trip');

  // A page for whoever opens the address in a browser.
  drop('page & <more>.jpg', photo);
  await there('page & <more>.jpg/manifest.json');
  expect(await (await fetch(url)).text()).toContain('page &amp; &lt;more&gt;.jpg');

  expect(await running!.stop()).toBe(0);
}, 180_000);

test('what is no image is named, in the folder and over HTTP', async () => {
  const url = await start(PROGRAM);
  drop('notes.jpg', 'not an image');
  await running!.prints(/rejected +notes\.jpg: .*\(unsupported-format\)/);
  const manifest = JSON.parse(readFileSync(stored('notes.jpg/manifest.json'), 'utf8')) as unknown;
  expect(manifest).toMatchObject({ status: 'rejected', rejection: { code: 'unsupported-format' } });
  const answer = await fetch(`${url}/thumbnails/small/notes.jpg`);
  expect([answer.status, await answer.json()]).toMatchObject([415, { code: 'unsupported-format' }]);
});

test('a start catches up with what changed while it was down', async () => {
  await start(PROGRAM);
  for (const key of ['kept.jpg', 'removed.jpg', 'replaced.jpg']) {
    drop(key, photo);
    await there(`${key}/manifest.json`);
  }
  const before = readFileSync(stored('replaced.jpg/manifest.json'), 'utf8');
  expect(await running!.stop()).toBe(0);

  drop('new.jpg', photo);
  drop('replaced.jpg', await quadrants({ width: 300, height: 300 }));
  rmSync(join(data, 'images/removed.jpg'));
  await start(PROGRAM);
  await running!.prints(/caught up with what changed meanwhile: 2 made, 1 removed/);
  expect(existsSync(stored('new.jpg/small.webp'))).toBe(true);
  expect(existsSync(stored('kept.jpg/small.webp'))).toBe(true);
  expect(existsSync(stored('removed.jpg'))).toBe(false);
  expect(readFileSync(stored('replaced.jpg/manifest.json'), 'utf8')).not.toBe(before);
});

test('it listens on this machine only, unless HOST says otherwise', async () => {
  expect(await start(PROGRAM)).toMatch(/^http:\/\/localhost:/);
  await running!.stop();
  expect(await start(PROGRAM, { HOST: '0.0.0.0' })).toMatch(/^http:\/\/0\.0\.0\.0:/);
});

test.each([
  [
    'a port that is taken',
    () => start(PROGRAM).then((url) => ({ PORT: new URL(url).port })),
    /^cdk-thumbnails: cannot listen on 127\.0\.0\.1:\d+: another program listens there.*set PORT.*\n$/,
  ],
  ['a port that is none', () => ({ PORT: 'http' }), /^cdk-thumbnails: PORT: got "http", allowed: 0 to 65535\n$/],
  [
    'a folder that cannot be written',
    () => ({ DATA_DIR: join(data, 'file') }),
    /^cdk-thumbnails: .*file.*set DATA_DIR to a folder that you may write to\n$/,
  ],
])('fails with one clear line on %s', async (_, variables, line) => {
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'file'), '');
  const wrong = Running.node(PROGRAM, { DATA_DIR: data, PORT: '0', ...(await variables()) });
  expect(await wrong.exit()).toBe(1);
  expect(wrong.output).toMatch(line);
});
