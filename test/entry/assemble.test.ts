import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble } from '../../lambda/entry/assemble';
import { SettingsError } from '../../lambda/settings';
import { DirectoryStore, StoreError } from '../../lambda/store';
import { quadrants } from '../support/images';

let folder: string;
let environment: Record<string, string>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-assemble-'));
  environment = {
    STORE: 'directory',
    SOURCE: join(folder, 'photos'),
    THUMBNAIL_STORE: join(folder, 'thumbnails'),
    THUMBNAILS: '[{"name":"small","fit":"inside","width":20,"height":20,"formats":[{"type":"webp"}]}]',
  };
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

/** A file system that lets nobody make anything in the directory of the sources. */
function denySource(): void {
  jest.spyOn(DirectoryStore.prototype, 'create').mockImplementation(function (this: DirectoryStore) {
    const isSource = this.keyOf(join(folder, 'photos/a.png')) === 'a.png';
    return isSource
      ? Promise.reject(new StoreError('denied', 'read-only file system'))
      : mkdir(join(folder, 'thumbnails')).then(() => undefined);
  });
}

test('the stores of the settings are opened, and missing directories made', async () => {
  const { settings, source, thumbnails, pipeline } = await assemble(environment);
  expect(settings.source.name).toBe(join(folder, 'photos'));
  await Promise.all([source.check(), thumbnails.check()]);
  expect(await pipeline.reconcile('a.png')).toEqual({ status: 'deleted', key: 'a.png', removed: 0 });
});

test('sources that may only be read will do', async () => {
  mkdirSync(join(folder, 'photos'));
  writeFileSync(join(folder, 'photos/a.png'), await quadrants({ format: 'png' }));
  denySource();
  const { pipeline } = await assemble(environment);
  expect(await pipeline.reconcile('a.png')).toMatchObject({ status: 'made' });
});

test('sources that are neither there nor may be made will not', async () => {
  denySource();
  await expect(assemble(environment)).rejects.toMatchObject({ code: 'denied', message: 'read-only file system' });
});

test('a wrong environment is told at once', () => {
  expect(() => assemble({})).toThrow(SettingsError);
});
