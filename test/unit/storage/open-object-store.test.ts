import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as storage from '../../../runtime/storage';

describe('openObjectStore', () => {
  let base: string;
  beforeEach(async () => {
    base = await mkdtemp(join(tmpdir(), 'cdk-thumbnails-open-'));
    jest.resetModules();
  });
  afterEach(() => rm(base, { recursive: true, force: true }));

  const load = (): typeof storage => jest.requireActual('../../../runtime/storage');

  test('openObjectStore() opens a directory without the AWS SDK', async () => {
    jest.doMock('@aws-sdk/client-s3', () => {
      throw new Error('the AWS SDK was loaded');
    });
    const { openObjectStore } = load();
    const store = await openObjectStore('directory', base);
    expect(store.constructor.name).toBe('DirectoryObjectStore');
    await store.check();
    await expect(openObjectStore('s3', 'photos')).rejects.toThrow('the AWS SDK was loaded');
    jest.dontMock('@aws-sdk/client-s3');
  });

  test('openObjectStore() opens a bucket', async () => {
    const { openObjectStore } = load();
    const store = await openObjectStore('s3', 'photos');
    expect(store.constructor.name).toBe('S3ObjectStore');
  });

  test('openObjectStore() creates a directory only with the option create', async () => {
    const { openObjectStore } = load();
    const missing = await openObjectStore('directory', join(base, 'a', 'b'));
    await expect(missing.check()).rejects.toMatchObject({ code: 'storage-not-found' });
    expect(existsSync(join(base, 'a'))).toBe(false);
    const created = await openObjectStore('directory', join(base, 'a', 'b'), { create: true });
    await created.check();
  });
});
