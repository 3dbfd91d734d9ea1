import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import files from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SettingsError } from '../../../runtime/config/parse-environment';
import { assembleFrom } from '../../support/assemble-from';
import { quadrants } from '../../support/images';
import { asNobody } from '../../support/processes/unprivileged-user';

const onPosix = process.platform === 'win32' ? test.skip : test;

let folder: string;
let photos: string;
let environment: Record<string, string>;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-assemble-'));
  photos = join(folder, 'photos');
  environment = {
    STORAGE: 'directory',
    SOURCE_DIRECTORY: photos,
    THUMBNAIL_DIRECTORY: join(folder, 'thumbnails'),
    THUMBNAILS: '[{"name":"small","fit":"inside","width":20,"height":20,"formats":[{"type":"webp"}]}]',
  };
});
afterEach(() => {
  jest.restoreAllMocks();
  for (const directory of [folder, photos, join(photos, '.cdk-thumbnails')]) {
    try {
      chmodSync(directory, 0o755);
    } catch {
      // Some tests do not create the thumbnail directory.
    }
  }
  rmSync(folder, { recursive: true });
});

async function dropPhoto(): Promise<void> {
  mkdirSync(photos);
  writeFileSync(join(photos, 'a.png'), await quadrants({ format: 'png' }));
}

/** Creates a thumbnail directory that every user can write to, inside a read-only directory. */
function openThumbnailsOnly(): void {
  mkdirSync(join(folder, 'thumbnails'));
  chmodSync(join(folder, 'thumbnails'), 0o777);
  chmodSync(folder, 0o555);
}

test('assemble() opens the object stores in the settings and creates missing directories', async () => {
  const { settings, source, thumbnails, pipeline } = await assembleFrom(environment);
  expect(settings.sourceLocation.name).toBe(photos);
  await Promise.all([source.check(), thumbnails.check()]);
  expect(await pipeline.reconcile('a.png')).toEqual({ status: 'deleted', key: 'a.png', removed: 0 });
});

onPosix.each([
  ['has never been an object store with write access', []],
  ['was an object store with write access earlier', ['.cdk-thumbnails']],
])('assemble() accepts a read-only source directory that %s', async (_, left) => {
  await dropPhoto();
  for (const name of left) {
    mkdirSync(join(photos, name));
    chmodSync(join(photos, name), 0o555);
  }
  chmodSync(photos, 0o555);
  openThumbnailsOnly();
  await asNobody(async () => {
    const { pipeline, source } = await assembleFrom(environment);
    await source.check();
    expect(await pipeline.reconcile('a.png')).toMatchObject({ status: 'made' });
    expect(await pipeline.reconcile('a.png')).toMatchObject({ status: 'unchanged' });
    const changed: string[] = [];
    for await (const key of pipeline.changedKeys()) {
      changed.push(key);
    }
    expect(changed).toEqual([]);
    await expect(source.delete(['a.png'])).rejects.toMatchObject({ code: 'access-denied' });
  });
  expect(readdirSync(photos).sort()).toEqual([...left, 'a.png']);
});

test('assemble() accepts a source directory on a read-only file system', async () => {
  await dropPhoto();
  const make = files.mkdir;
  jest.spyOn(files, 'mkdir').mockImplementation((path, options) => {
    const error = Object.assign(new Error('EROFS: read-only file system'), { code: 'EROFS', syscall: 'mkdir' });
    return String(path).startsWith(join(photos, '.')) ? Promise.reject(error) : make(path, options);
  });
  const { pipeline } = await assembleFrom(environment);
  expect(await pipeline.reconcile('a.png')).toMatchObject({ status: 'made' });
  expect(readdirSync(photos)).toEqual(['a.png']);
});

onPosix('sources that are neither there nor may be made will not', async () => {
  openThumbnailsOnly();
  await asNobody(async () => {
    await expect(assembleFrom(environment)).rejects.toMatchObject({
      code: 'access-denied',
      message: expect.stringMatching(/^cannot create the directory \S+photos: EACCES/) as string,
    });
  });
});

test('assemble() rejects an invalid environment', async () => {
  await expect(assembleFrom({})).rejects.toThrow(SettingsError);
});
