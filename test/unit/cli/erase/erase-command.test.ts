import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { CloudFormationClient, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { CloudFrontClient, CreateInvalidationCommand } from '@aws-sdk/client-cloudfront';
import { GetFunctionConfigurationCommand, LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import {
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  S3Client,
  type ObjectVersion,
} from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';
import { erase, type EraseOptions, type EraseRecord } from '../../../../cli/erase/erase-command';

const THUMBNAILS = JSON.stringify([{ name: 's', fit: 'inside', width: 9, height: 9, formats: [{ type: 'webp' }] }]);

async function run(
  options: Partial<EraseOptions>,
  environment: Record<string, string>,
  answer?: string,
): Promise<{ code: number; out: string; err: string; record: EraseRecord }> {
  const [out, err] = [new PassThrough(), new PassThrough()];
  const ask = answer === undefined ? undefined : () => Promise.resolve(answer);
  const code = await erase({ prefix: 'users/1/', json: true, ...options }, environment, { out, err }, ask);
  const textOf = (stream: PassThrough): string => ((stream.read() ?? '') as Buffer | string).toString();
  const text = textOf(out);
  return {
    code,
    out: text,
    err: textOf(err),
    record: (text.startsWith('{') ? JSON.parse(text) : {}) as EraseRecord,
  };
}

describe('directories', () => {
  let directory: string;
  let environment: Record<string, string>;
  const path = (name: string): string => join(directory, name);
  const OWN = ['images/users/1/a.jpg', 'thumbnails/users/1/a.jpg/s.webp', 'thumbnails/users/1/a.jpg/manifest.json'];
  const OTHER = ['images/users/1/notes.txt', 'images/users/10/b.jpg', 'thumbnails/users/10/b.jpg/manifest.json'];
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'erase-'));
    for (const name of [...OWN, ...OTHER]) {
      mkdirSync(dirname(path(name)), { recursive: true });
      writeFileSync(path(name), 'bytes');
    }
    environment = {
      STORAGE: 'directory',
      SOURCE_DIRECTORY: path('images'),
      THUMBNAIL_DIRECTORY: path('thumbnails'),
      SOURCE_SUFFIXES: '[".jpg"]',
      THUMBNAILS,
    };
  });
  afterEach(() => rmSync(directory, { recursive: true }));
  const left = (): string[] => [...OWN, ...OTHER].filter((name) => existsSync(path(name)));

  test('the erase command deletes only sources, thumbnails and manifests of the prefix', async () => {
    const { code, record } = await run({ yes: true }, environment);
    expect(left()).toEqual(OTHER);
    expect(code).toBe(0);
    expect(record).toMatchObject({ deleted: 3, sources: { keys: 1, others: 1 }, thumbnails: { keys: 2, others: 0 } });
    expect(record.remaining).toHaveLength(1);
  });

  test('the erase command deletes nothing with --dry-run', async () => {
    const { code, record } = await run({ dryRun: true }, environment);
    expect(code).toBe(0);
    expect(record).toMatchObject({ sources: { keys: 1, examples: ['users/1/a.jpg'] } });
    expect(record).not.toHaveProperty('deleted');
    expect(left()).toHaveLength(6);
  });

  test('the erase command deletes after the user types the prefix', async () => {
    expect((await run({ json: false }, environment, 'users/1/')).out).toContain('deleted 3 objects');
    expect(left()).toEqual(OTHER);
  });

  test.each(['', 'y', 'users/1'])('the erase command deletes nothing after the answer %j', async (answer) => {
    const { code, err } = await run({}, environment, answer);
    expect([code, err]).toEqual([130, 'nothing was deleted\n']);
    expect(left()).toHaveLength(6);
  });

  test('the erase command requires the option --yes without a terminal', async () => {
    await expect(run({}, environment)).rejects.toThrow('--yes: is missing');
    expect(left()).toHaveLength(6);
  });

  test('the erase command warns about a prefix without a slash', async () => {
    const { out } = await run({ prefix: 'users/1', dryRun: true, json: false }, environment);
    expect(out).toMatch(/^2 sources/m);
    expect(out).toContain('does not end with a slash');
  });

  test.each([
    ['', '--prefix: got an empty string'],
    ['other/', '--prefix: got other/; expected a prefix that starts with the source prefix users/'],
    [`users/${'a'.repeat(600)}`, '--prefix: got 606 bytes; expected at most 512'],
  ])('the erase command rejects the prefix %s', async (prefix, message) => {
    await expect(run({ prefix, yes: true }, { ...environment, SOURCE_PREFIX: 'users/' })).rejects.toThrow(message);
  });
});

describe('buckets', () => {
  const s3 = mockClient(S3Client);
  const cloudFront = mockClient(CloudFrontClient);
  const cloudFormation = mockClient(CloudFormationClient);
  const lambda = mockClient(LambdaClient);
  const VARIABLES = { SOURCE_BUCKET: 'photos', THUMBNAIL_BUCKET: 'thumbnails', THUMBNAIL_PREFIX: 't/', THUMBNAILS };
  beforeEach(() => [s3, cloudFront, cloudFormation, lambda].forEach((mock) => mock.reset()));

  /** Mocks two versioned buckets. A listing has two pages. Deletions remove versions from the listing. */
  function versionedBuckets(): Map<string, ObjectVersion[]> {
    const versions = new Map<string, ObjectVersion[]>([
      ['photos', ['1', '2', '3'].map((VersionId) => ({ Key: 'users/1/a.jpg', VersionId, Size: 10 }))],
      ['thumbnails', [{ Key: 't/users/1/a.jpg/manifest.json', VersionId: '1', Size: 5 }]],
    ]);
    s3.on(GetBucketVersioningCommand).resolves({ Status: 'Enabled' });
    s3.on(ListObjectVersionsCommand).callsFake(({ Bucket, KeyMarker }: { Bucket: string; KeyMarker?: string }) => {
      const all = versions.get(Bucket)!;
      const [marker, ...others] = all;
      return all.length > 1 && KeyMarker === undefined
        ? { Versions: others, IsTruncated: true, NextKeyMarker: marker!.Key, NextVersionIdMarker: '2' }
        : { DeleteMarkers: all.slice(0, 1) };
    });
    s3.on(DeleteObjectsCommand).callsFake(
      ({ Bucket, Delete }: { Bucket: string; Delete: { Objects: ObjectVersion[] } }) => {
        const ids = Delete.Objects.map(({ VersionId }) => VersionId);
        versions.set(
          Bucket,
          versions.get(Bucket)!.filter(({ VersionId }) => !ids.includes(VersionId)),
        );
        return {};
      },
    );
    return versions;
  }

  test('the erase command deletes all versions and delete markers, page by page', async () => {
    const versions = versionedBuckets();
    const { code, record } = await run({ yes: true }, VARIABLES);
    expect([...versions.values()]).toEqual([[], []]);
    expect(record).toMatchObject({ deleted: 4, sources: { keys: 1, objects: 3, isVersioned: true } });
    expect(record.remaining.length).toBeGreaterThan(1);
    expect(code).toBe(0);
    const prefixes = s3.commandCalls(ListObjectVersionsCommand).map(({ args: [{ input }] }) => input.Prefix);
    expect(new Set(prefixes)).toEqual(new Set(['users/1/', 't/users/1/']));
  });

  test('the erase command reports objects that S3 does not delete and ends with exit code 1', async () => {
    versionedBuckets();
    s3.on(DeleteObjectsCommand).resolves({
      Errors: [{ Key: 'users/1/a.jpg', Code: 'AccessDenied', Message: 'locked' }],
    });
    const { code, err } = await run({ yes: true }, VARIABLES);
    expect(code).toBe(1);
    expect(err).toContain('not deleted: users/1/a.jpg: AccessDenied: locked');
  });

  test('the erase command lists only current objects if an S3-compatible service does not implement versioning', async () => {
    s3.on(GetBucketVersioningCommand).rejects(Object.assign(new Error(), { name: 'NotImplemented', $metadata: {} }));
    s3.on(ListObjectsV2Command).resolves({
      Contents: [{ Key: 'users/1/a.jpg', Size: 10, ETag: '"e"', LastModified: new Date(0) }],
    });
    expect((await run({ dryRun: true }, VARIABLES)).record.sources).toMatchObject({ objects: 1, isVersioned: false });
  });

  test('the erase command invalidates the distributions of the stack after the deletion', async () => {
    versionedBuckets();
    const resource = (ResourceType: string, id: string) => ({
      ResourceType,
      PhysicalResourceId: id,
      LogicalResourceId: id,
      LastUpdatedTimestamp: new Date(0),
      ResourceStatus: 'CREATE_COMPLETE' as const,
    });
    cloudFormation.on(ListStackResourcesCommand).resolves({
      StackResourceSummaries: [
        resource('AWS::Lambda::Function', 'upload'),
        resource('AWS::CloudFront::Distribution', 'E1'),
      ],
    });
    lambda
      .on(GetFunctionConfigurationCommand)
      .resolves({ Handler: 'upload-function.handler', Environment: { Variables: VARIABLES } });
    lambda.on(ListEventSourceMappingsCommand).resolves({ EventSourceMappings: [] });
    cloudFront.on(CreateInvalidationCommand).resolves({});
    await run({ stack: 'Stack', dryRun: true }, {});
    expect(cloudFront.calls()).toEqual([]);
    expect((await run({ stack: 'Stack', yes: true }, {})).record.distributions).toEqual(['E1']);
    expect(cloudFront.commandCalls(CreateInvalidationCommand)[0]!.args[0].input).toMatchObject({
      DistributionId: 'E1',
      InvalidationBatch: { Paths: { Items: ['/*'] } },
    });
  });
});
