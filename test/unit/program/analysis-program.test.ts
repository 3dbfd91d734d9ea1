import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { readCoreSettings } from '../../../runtime/config/core-settings';
import type { Manifest } from '../../../runtime/pipeline';
import { assemble } from '../../../runtime/program/assemble';
import { startAnalysisServer, type AnalysisServer } from '../../support/aws/analysis-server';
import { animation, quadrants, seenQuadrants, UPRIGHT } from '../../support/images';

const KEYS = { k1: 'a'.repeat(32), k2: 'b'.repeat(32) };
const environment = { ...process.env };
let server: AnalysisServer;
let directory: string;

beforeEach(async () => {
  server = await startAnalysisServer();
  directory = mkdtempSync(join(tmpdir(), 'analysis-'));
  process.env['ANALYSIS_KEYS'] = JSON.stringify(KEYS);
});

afterEach(async () => {
  process.env = { ...environment };
  rmSync(directory, { recursive: true });
  await server.stop();
});

/** Reconciles an image with the real engine and an HTTP endpoint. Returns its manifest and the stored files. */
async function reconcile(image: Buffer, analysis: object = {}) {
  const settings = readCoreSettings({
    STORAGE: 'directory',
    SOURCE_DIRECTORY: join(directory, 'sources'),
    THUMBNAIL_DIRECTORY: join(directory, 'thumbnails'),
    THUMBNAILS: JSON.stringify([
      { name: 'square', fit: 'cover', width: 20, height: 40, formats: [{ type: 'webp' }], animated: true },
    ]),
    ANALYSIS: JSON.stringify({ provider: 'http', url: `${server.url}/check`, ...analysis }),
  });
  const { pipeline } = await assemble(settings, 512);
  writeFileSync(join(directory, 'sources', 'cat.jpg'), image);
  const { status } = await pipeline.reconcile('cat.jpg');
  const folder = join(directory, 'thumbnails', 'cat.jpg');
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as Manifest;
  return { status, manifest, folder, files: readdirSync(folder).sort() };
}

interface CheckRequest {
  readonly key: string;
  readonly frames: readonly { readonly index: number; readonly jpeg: string }[];
}
const bodyOf = (index = 0): CheckRequest => JSON.parse(server.requests[index]!.body) as CheckRequest;

test('an endpoint receives a signed request with a downscaled JPEG and rejects the image', async () => {
  server.respond = () => ({ body: { version: 1, verdict: 'reject', reason: 'no cats' } });
  const { status, manifest, files } = await reconcile(await quadrants({ width: 2000, height: 1500 }));
  expect([status, files]).toEqual(['rejected', ['manifest.json']]);
  expect(manifest).toMatchObject({ rejection: { code: 'moderated', message: 'no cats' } });
  const [{ headers, body }] = server.requests as [(typeof server.requests)[number]];
  const [, time, signature] = /^t=(\d+),keyid=k2,v1=([0-9a-f]{64})$/.exec(String(headers['thumbnail-signature']))!;
  expect(signature).toBe(createHmac('sha256', KEYS.k2).update(`${time}.${body}`).digest('hex'));
  expect(bodyOf()).toMatchObject({ key: 'cat.jpg', source: { width: 2000, height: 1500 }, frames: [{ index: 0 }] });
  const jpeg = Buffer.from(bodyOf().frames[0]!.jpeg, 'base64');
  expect(await sharp(jpeg).metadata()).toMatchObject({ format: 'jpeg', width: 1024, height: 768 });
  expect(await seenQuadrants(jpeg)).toEqual(UPRIGHT);
});

test.each([
  ['left', { x: 0, y: 0.5 }, ['red', 'red', 'blue', 'blue']],
  ['right', { x: 1, y: 0.5 }, ['green', 'green', 'yellow', 'yellow']],
])('the focal point of an endpoint determines the crop: %s', async (_name, focalPoint, seen) => {
  server.respond = () => ({ body: { version: 1, verdict: 'allow', focalPoint } });
  const { status, folder, files } = await reconcile(await quadrants({ width: 160, height: 80 }));
  expect([status, files]).toEqual(['made', ['manifest.json', 'square.webp']]);
  expect(await seenQuadrants(readFileSync(join(folder, 'square.webp')))).toEqual(seen);
});

test('an endpoint receives several frames of an animation', async () => {
  server.respond = () => ({ body: { version: 1, verdict: 'allow' } });
  const image = await animation({ width: 60, height: 60, frames: ['red', 'green', 'blue', 'yellow', 'red'] });
  expect(await reconcile(image, { animationFrames: 2 })).toMatchObject({ status: 'made' });
  expect(bodyOf().frames.map(({ index }) => index)).toEqual([0, 4]);
});

test('an invalid value of ANALYSIS_KEYS causes an error at the start', async () => {
  process.env['ANALYSIS_KEYS'] = '{"k1":"short"}';
  await expect(reconcile(await quadrants())).rejects.toMatchObject({ name: 'SigningKeysError' });
});
