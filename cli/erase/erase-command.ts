import { CloudFrontClient, CreateInvalidationCommand } from '@aws-sdk/client-cloudfront';
import { readCoreSettings } from '../../runtime/config/core-settings';
import type { CoreSettings } from '../../runtime/contract';
import { withAwsErrors } from '../aws-errors';
import { findPipeline } from '../stack/deployed-pipeline';
import { escapeControls, INTERRUPTED, type Ask, type Terminal } from '../terminal';
import { ErasePrefix, type ErasedObjects } from './erase-prefix';

/** Options of the command `erase`. */
export interface EraseOptions {
  /** Prefix of the source keys. */
  readonly prefix: string;
  /** Name of a deployed stack. @default - no stack; the command reads the environment variables of the container */
  readonly stack?: string;
  /** Service name of the pipeline in the stack. @default - the only pipeline of the stack */
  readonly pipeline?: string;
  /** Count the objects without deleting them. */
  readonly dryRun?: boolean;
  /** Delete without confirmation. */
  readonly yes?: boolean;
  /** Print JSON records instead of text. */
  readonly json?: boolean;
}

/** JSON record of the command `erase`. */
export interface EraseRecord {
  readonly prefix: string;
  readonly sources: ErasedObjects;
  readonly thumbnails: ErasedObjects;
  /** Ids of the distributions whose caches the command invalidates. */
  readonly distributions: readonly string[];
  /** Number of deleted objects; undefined with `--dry-run`. */
  readonly deleted?: number;
  /** Descriptions of copies of the data that the command cannot delete. */
  readonly remaining: readonly string[];
}

/**
 * Maximum length of a prefix in bytes. The runtime shortens the thumbnail folder names of longer keys, so that the
 * command cannot find these folders by prefix.
 */
const MAX_PREFIX_BYTES = 512;

const PERMISSIONS =
  's3:GetBucketVersioning, s3:ListBucket, s3:ListBucketVersions, s3:DeleteObject and s3:DeleteObjectVersion on both buckets';

/** Copies of the data in an AWS account that the command cannot delete. */
const REMAINING_IN_AWS = [
  'log lines with these keys, until the retention period of the log groups ends',
  'messages with these keys in the queue and the dead-letter queue, until they are processed or expire',
  'events with these keys in EventBridge archives, targets and webhooks',
  'backups, replicas, inventory reports and access logs of the buckets and distributions',
];
const REMAINING = ['copies in browsers and other caches, until they expire'];

/**
 * Deletes the sources, thumbnails and manifests of a key prefix. Deletes all versions of the objects in a versioned bucket.
 * Invalidates the caches of the distributions in the stack.
 *
 * @returns the exit code: 0 if all objects are deleted, 1 if an object remains, 130 if the user does not confirm the deletion
 * @throws Error if the prefix is invalid, a confirmation is not possible, or a request fails
 */
export async function erase(
  options: EraseOptions,
  environment: Readonly<Record<string, string | undefined>>,
  { out, err }: Terminal,
  ask: Ask | undefined,
): Promise<number> {
  const { prefix, stack, pipeline, dryRun = false, yes = false, json = false } = options;
  const deployed = stack === undefined ? undefined : await findPipeline(stack, pipeline);
  const settings = deployed?.settings ?? readCoreSettings(environment);
  checkPrefix(prefix, settings);
  const distributions = (deployed?.resources ?? [])
    .filter(({ type }) => type === 'AWS::CloudFront::Distribution')
    .map(({ physicalId }) => physicalId);
  const context = { resource: stack ?? settings.sourceLocation.name, kind: 'resource', permissions: PERMISSIONS };
  return withAwsErrors(context, async () => {
    const objects = await ErasePrefix.open(settings, prefix);
    try {
      const counted = await objects.count();
      const remaining = [...(settings.storage === 's3' ? REMAINING_IN_AWS : []), ...REMAINING];
      const record: EraseRecord = { prefix, ...counted, distributions, remaining };
      if (!json) {
        out.write(`${linesOf(record).map(escapeControls).join('\n')}\n`);
      }
      if (dryRun) {
        print(record);
        return 0;
      }
      if (!yes && !(await isConfirmed(prefix, ask))) {
        err.write('nothing was deleted\n');
        return INTERRUPTED;
      }
      const { deleted, failures } = await objects.erase();
      await invalidate(distributions);
      failures.forEach(({ key, reason }) => err.write(`${escapeControls(`not deleted: ${key}: ${reason}`)}\n`));
      print({ ...record, deleted });
      if (!json) {
        out.write(`deleted ${deleted} objects. Not deleted by this command:\n`);
        remaining.forEach((line) => out.write(`- ${line}\n`));
      }
      return failures.length > 0 ? 1 : 0;
    } finally {
      objects.close();
    }
  });

  function print(record: EraseRecord): void {
    if (json) {
      out.write(`${JSON.stringify(record)}\n`);
    }
  }
}

function checkPrefix(prefix: string, { sourceLocation }: CoreSettings): void {
  if (prefix === '') {
    throw new Error('--prefix: got an empty string; expected a key prefix, for example users/17/');
  }
  if (!prefix.startsWith(sourceLocation.prefix)) {
    throw new Error(
      `--prefix: got ${prefix}; expected a prefix that starts with the source prefix ${sourceLocation.prefix}`,
    );
  }
  if (Buffer.byteLength(prefix) > MAX_PREFIX_BYTES) {
    throw new Error(`--prefix: got ${Buffer.byteLength(prefix)} bytes; expected at most ${MAX_PREFIX_BYTES} bytes`);
  }
}

async function isConfirmed(prefix: string, ask: Ask | undefined): Promise<boolean> {
  if (!ask) {
    throw new Error(
      '--yes: is missing; expected --yes, because the command cannot request a confirmation without a terminal. Run the ' +
        'command with --dry-run first',
    );
  }
  return (await ask(`Type the prefix to delete these objects for ever (${escapeControls(prefix)}): `)) === prefix;
}

/** Invalidates all paths, because several URLs contain the same key. CloudFront bills the path `/*` as one path. */
async function invalidate(distributions: readonly string[]): Promise<void> {
  const client = new CloudFrontClient({});
  for (const DistributionId of distributions) {
    const Paths = { Quantity: 1, Items: ['/*'] };
    const InvalidationBatch = { CallerReference: `erase-${Date.now()}`, Paths };
    const context = {
      resource: DistributionId,
      kind: 'distribution',
      permissions: 'cloudfront:CreateInvalidation on the distribution',
    };
    await withAwsErrors(context, () =>
      client.send(new CreateInvalidationCommand({ DistributionId, InvalidationBatch })),
    );
  }
  client.destroy();
}

function linesOf({ prefix, sources, thumbnails, distributions }: EraseRecord): string[] {
  return [
    describe('sources', sources),
    ...sources.examples.map((key) => `  ${key}`),
    ...(sources.keys > sources.examples.length ? ['  …'] : []),
    describe('thumbnails and manifests', thumbnails),
    ...distributions.map((id) => `distribution ${id}: invalidates /*`),
    ...(prefix.endsWith('/')
      ? []
      : [`the prefix does not end with a slash, so that ${prefix}1 and ${prefix}2/ match too`]),
  ];
}

function describe(
  noun: string,
  { location, prefix, isVersioned, keys, objects, bytes, others }: ErasedObjects,
): string {
  const versions = isVersioned ? ` in ${objects} versions` : '';
  const rest = others > 0 ? `; ${others} other objects remain` : '';
  return `${keys} ${noun}${versions}, ${(bytes / 1e6).toFixed(1)} MB, below ${location}/${prefix}${rest}`;
}
