import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStudio } from '../../../../cli/studio/start-studio';
import { findSettings } from '../../../../cli/studio/studio-settings';
import type { Studio } from '../../../../cli/studio/studio-variants';
import { signUrl } from '../../../../runtime/http';
import { quadrants } from '../../../support/images';
import { formOf, upload, type Upload } from '../../../support/upload';

// Mocks watchDirectory(), because Jest cannot load the ECMAScript module chokidar. Integration tests cover watchDirectory().
jest.mock('../../../../runtime/program/following/watch-directory', () => ({
  watchDirectory: () => Promise.resolve({ close: () => Promise.resolve() }),
}));

const KEY = { id: 'k1', key: '0123456789abcdef0123456789abcdef' };
let directory: string;
let started: Studio | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-studio-'));
  const variables = {
    STORAGE: 's3',
    SOURCE_BUCKET: { Ref: 'Bucket' },
    THUMBNAIL_BUCKET: { Ref: 'Thumbnails' },
    THUMBNAILS: JSON.stringify([{ name: 'small', fit: 'inside', width: 40, height: 40, formats: [{ type: 'webp' }] }]),
    // The local pipeline ignores the access settings of the deployment.
    READ_ACCESS: 'signed',
    WRITE_ACCESS: 'none',
    SIGNING_SECRET: { Ref: 'Secret' },
    UPLOAD_KEY_TEMPLATE: 'up/{uuid}/{filename}',
  };
  const resource = { Type: 'AWS::Lambda::Function', Properties: { Environment: { Variables: variables } } };
  writeFileSync(join(directory, 'Photos.template.json'), JSON.stringify({ Resources: { Upload: resource } }));
  const stack = { type: 'aws:cloudformation:stack', properties: { templateFile: 'Photos.template.json' } };
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify({ artifacts: { Photos: stack } }));
});
afterEach(async () => {
  await started?.close();
  rmSync(directory, { recursive: true, force: true });
});

async function start(environment: Readonly<Record<string, string>> = {}): Promise<string> {
  started = await startStudio({
    found: await findSettings({ path: directory }, 'lambda'),
    variant: 'lambda',
    environment: { PORT: '0', DATA_DIR: join(directory, 'data'), ...environment },
    print: () => undefined,
  });
  return started.url;
}

test('the studio supports uploads and deletions like a deployed API', async () => {
  const url = await start();
  const photo = await quadrants();
  const { image } = await upload(url, 'trip/my +cat.jpg', photo);
  const response = await fetch(url + image, { headers: { Prefer: 'wait' } });
  expect(await response.json()).toMatchObject({ status: 'ready', image: { width: 80, height: 60 } });
  expect(await (await fetch(`${url}/studio/images`)).json()).toMatchObject({ images: [{ key: 'trip/my +cat.jpg' }] });
  expect(existsSync(join(directory, 'data/images/trip/my +cat.jpg'))).toBe(true);
  expect((await fetch(url + image, { method: 'DELETE' })).status).toBe(204);
  expect(existsSync(join(directory, 'data/images/trip/my +cat.jpg'))).toBe(false);
  expect((await fetch(url + image)).status).toBe(404);
  expect((await fetch(`${url}/images/a.jpg`, { method: 'PUT', body: 'x' })).status).toBe(405);

  const body = JSON.stringify({ filename: 'a b.jpg', contentType: 'image/jpeg', bytes: photo.length });
  const created = (await (await fetch(`${url}/uploads`, { method: 'POST', body })).json()) as Upload;
  expect(created.key).toMatch(/^up\/[0-9a-f-]{36}\/a-b\.jpg$/);
  const wrong = await fetch(created.upload.url, { method: 'POST', body: formOf(created, photo.subarray(1)) });
  expect([wrong.status, existsSync(join(directory, 'data/images/up'))]).toEqual([403, false]);
});

test('the studio supports signed links', async () => {
  const url = await start({ READ_ACCESS: 'signed', SIGNING_KEYS: JSON.stringify({ k1: KEY.key }) });
  await upload(url, 'cat.jpg', await quadrants());
  const thumbnail = `${url}/thumbnails/small/cat.jpg`;
  expect((await fetch(thumbnail)).status).toBe(403);
  const signed = signUrl(thumbnail, { ...KEY, expires: new Date(Date.now() + 60_000) });
  expect((await fetch(signed)).status).toBe(200);
});
