import { compileFunction } from 'node:vm';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import ts from 'typescript';
import { readChangedObjects } from '../../../runtime/pipeline';
import { startS3, type S3Server } from '../../support/s3';
import { startSqs, type SqsServer } from '../../support/sqs';
import { blocksOf } from './blocks';

describe('existing images', () => {
  type Backfill = (s3: S3Client, sqs: SQSClient, bucket: string, prefix: string, queueUrl: string) => Promise<void>;
  let s3: S3Server;
  let sqs: SqsServer;
  beforeAll(async () => {
    [s3, sqs] = await Promise.all([startS3(), startSqs()]);
  });
  afterAll(async () => {
    await Promise.all([s3.stop(), sqs.stop()]);
  });

  test('the recipe sends all keys in a format that the pipeline reads', async () => {
    const { code } = blocksOf('docs/recipes.md').find((block) => block.code.includes('function backfill('))!;
    const { outputText } = ts.transpileModule(code, {
      compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023 },
    });
    const exported: { backfill?: Backfill } = {};
    const run = compileFunction(outputText, ['exports', 'require']) as (
      exports: object,
      require: (name: string) => object,
    ) => void;
    run(exported, (name) => jest.requireActual<object>(name));
    const backfill = exported.backfill!;
    const bucket = await s3.createBucket();
    const keys = ['photos/a b+c.jpg', 'photos/ü%41.jpg', 'photos/deep/cat.jpg'];
    for (const Key of [...keys, 'other/dog.jpg']) {
      await s3.client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: 'x' }));
    }
    const queue = await sqs.createQueue();
    await backfill(s3.client, sqs.client, bucket, 'photos/', queue.url);
    const bodies = await sqs.receive(queue.url);
    expect(bodies.flatMap(readChangedObjects).toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual(
      keys.toSorted().map((key) => ({ bucket, key })),
    );
  });
});
