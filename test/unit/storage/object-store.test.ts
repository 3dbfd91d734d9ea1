import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { DirectoryObjectStore } from '../../../runtime/storage/directory/directory-object-store';
import { createS3Client } from '../../../runtime/storage/s3/s3-client';
import { S3ObjectStore } from '../../../runtime/storage/s3/s3-object-store';
import { type S3Server, startS3 } from '../../support/aws/s3';
import { describeObjectStore } from './contract/describe-object-store';

describe('in a bucket', () => {
  let s3: S3Server;
  let client: S3Client;
  beforeAll(async () => {
    s3 = await startS3();
    client = createS3Client(s3);
  });
  afterAll(async () => {
    client.destroy();
    await s3.stop();
  });

  describeObjectStore(
    'S3ObjectStore',
    async () => {
      const bucket = await s3.createBucket();
      return { store: new S3ObjectStore({ bucket, client }), vanish: () => s3.deleteBucket(bucket) };
    },
    { manyObjects: 1005 },
  );
});

describe('in a directory', () => {
  const roots: string[] = [];
  afterAll(() => Promise.all(roots.map((root) => rm(root, { recursive: true, force: true }))));

  describeObjectStore(
    'DirectoryObjectStore',
    async () => {
      const directory = await mkdtemp(join(tmpdir(), 'cdk-thumbnails-store-'));
      roots.push(directory);
      return {
        store: new DirectoryObjectStore({ directory }),
        vanish: () => rm(directory, { recursive: true }),
      };
    },
    // macOS limits paths to 1024 bytes, including the path of the root.
    { manyObjects: 100, supports: (key) => process.platform !== 'darwin' || encodeURIComponent(key).length <= 600 },
  );
});
