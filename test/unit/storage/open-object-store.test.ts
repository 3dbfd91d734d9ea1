import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as storeRoom from '../../../runtime/storage';

describe('openStore', () => {
  let base: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'cdk-thumbnails-open-'));
    jest.resetModules();
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  const load = (): typeof storeRoom => jest.requireActual('../../../runtime/storage');

  test('opens a directory without the AWS SDK', async () => {
    jest.doMock('@aws-sdk/client-s3', () => {
      throw new Error('the AWS SDK was loaded');
    });
    const { DirectoryObjectStore, openObjectStore } = load();
    const store = await openObjectStore('directory', base);
    expect(store).toBeInstanceOf(DirectoryObjectStore);
    await store.check();
    await expect(openObjectStore('s3', 'photos')).rejects.toThrow('the AWS SDK was loaded');
    jest.dontMock('@aws-sdk/client-s3');
  });

  test('opens a bucket', async () => {
    const { openObjectStore } = load();
    const store = await openObjectStore('s3', 'photos');
    expect(store.constructor.name).toBe('S3ObjectStore');
  });

  test('makes a directory only when asked', async () => {
    const { openObjectStore } = load();
    const missing = await openObjectStore('directory', join(base, 'a', 'b'));
    await expect(missing.check()).rejects.toMatchObject({ code: 'storage-not-found' });
    expect(existsSync(join(base, 'a'))).toBe(false);
    const made = await openObjectStore('directory', join(base, 'a', 'b'), { create: true });
    await made.check();
  });
});
