import { Logger } from '@aws-lambda-powertools/logger';
import { CloudFrontClient, CreateInvalidationCommand } from '@aws-sdk/client-cloudfront';
import type { Context, SQSEvent } from 'aws-lambda';
import { readPurgeSettings } from '../runtime/config/purge-settings';
import { invalidationPaths } from './invalidation-paths';

const settings = readPurgeSettings(process.env);
const client = new CloudFrontClient({});
const logger = new Logger();

/**
 * Invalidates the thumbnails of the keys in a batch of messages. If CloudFront rejects the invalidation, SQS delivers the batch
 * again. CloudFront rejects an invalidation, for example, while too many other invalidations are in progress.
 *
 * @throws Error if CloudFront rejects the invalidation
 */
export async function handler({ Records }: SQSEvent, { awsRequestId }: Context): Promise<void> {
  const keys = new Set(Records.map(({ body }) => (JSON.parse(body) as { readonly key: string }).key));
  const Items = [...invalidationPaths(keys, settings)];
  const { Invalidation } = await client.send(
    new CreateInvalidationCommand({
      DistributionId: settings.distributionId,
      // The caller reference is the request id of the invocation, which is unchanged in a retry. CloudFront ignores an
      // invalidation with a known caller reference. Therefore, a retry creates no second invalidation.
      InvalidationBatch: { CallerReference: awsRequestId, Paths: { Quantity: Items.length, Items } },
    }),
  );
  logger.info('invalidated thumbnails', { keys: keys.size, paths: Items, invalidation: Invalidation?.Id });
}
