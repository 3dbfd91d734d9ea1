import { Annotations, type CfnResource, Resource, Token } from 'aws-cdk-lib';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { CfnQueue, IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { invalidValue, validateInteger } from '../private/validation';
import type { ThumbnailRefresh } from './thumbnail-refresh';

/** Options of a backfill. */
export interface ThumbnailBackfillOptions {
  /**
   * Number of messages in the queue, from 1,000 to 10,000,000, above which the backfill waits for the workers. SQS reports
   * approximate numbers.
   *
   * The workers must process this number of messages within the retention period of the queue, which is 14 days.
   *
   * @default 100000
   */
  readonly maxBacklog?: number;

  /**
   * Maximum number of concurrent child workflows, from 1 to 1,000. Each child workflow sends up to 1,000 keys.
   *
   * @default 5
   */
  readonly maxConcurrency?: number;

  /**
   * Percentage of failed child workflows, from 0 to 100, above which the execution fails and stops.
   *
   * @default 0
   */
  readonly toleratedFailurePercentage?: number;

  /**
   * Bucket with S3 Inventory reports in CSV format. To read the keys from a report instead of a listing, start an execution
   * with the input `manifest`. The value of `manifest` is the key of a `manifest.json` in this bucket.
   *
   * @default - executions list the source bucket
   */
  readonly inventoryBucket?: IBucket;

  /**
   * Existing log group for the errors of executions.
   *
   * @default - the log group of the pipeline
   */
  readonly logGroup?: ILogGroup;

  /**
   * Condition under which a deployment starts a backfill.
   *
   * @default ThumbnailRefresh.never()
   */
  readonly refresh?: ThumbnailRefresh;
}

/**
 * Maximum retention period of SQS:
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
 */
const MAX_RETENTION_SECONDS = 1_209_600;
/** Default of SQS. */
const DEFAULT_RETENTION_SECONDS = 345_600;

/** Validates the options of a backfill. */
export function validateBackfill(options: ThumbnailBackfillOptions): string[] {
  const { toleratedFailurePercentage: tolerated } = options;
  const isPercentage = tolerated === undefined || Token.isUnresolved(tolerated) || (tolerated >= 0 && tolerated <= 100);
  return [
    ...validateInteger('maxBacklog', options.maxBacklog, { min: 1000, max: 10_000_000, unit: 'messages' }),
    ...validateInteger('maxConcurrency', options.maxConcurrency, { min: 1, max: 1000 }),
    ...(isPercentage ? [] : [invalidValue('toleratedFailurePercentage', tolerated, 'a percentage from 0 to 100')]),
  ];
}

/**
 * Sets the maximum retention period on a created queue, because SQS deletes messages after the retention period. Warns if an
 * existing queue has a shorter retention period.
 */
export function extendRetention(scope: Construct, queue: IQueue, isCreated: boolean): void {
  const resource = Resource.isOwnedResource(queue) ? (queue.node.defaultChild as CfnResource | undefined) : undefined;
  if (resource?.cfnResourceType !== 'AWS::SQS::Queue') {
    return;
  }
  const cfnQueue = resource as CfnQueue;
  if (isCreated) {
    cfnQueue.messageRetentionPeriod = MAX_RETENTION_SECONDS;
    return;
  }
  const seconds = cfnQueue.messageRetentionPeriod ?? DEFAULT_RETENTION_SECONDS;
  if (!Token.isUnresolved(seconds) && seconds < MAX_RETENTION_SECONDS) {
    Annotations.of(scope).addWarningV2(
      'cdk-thumbnails:backfillRetention',
      `The queue deletes messages after ${seconds} s. A backfill with slow workers can lose messages; set retentionPeriod ` +
        'of the queue to 14 days.',
    );
  }
}
