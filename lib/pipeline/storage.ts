import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { ThumbnailBucketOptions } from './thumbnail-bucket-options';

/** What the buckets that a pipeline makes have in common. */
export interface BucketSettings {
  readonly encryptionKey?: IKey;
  readonly removalPolicy?: RemovalPolicy;
  readonly autoDeleteObjects?: boolean;
}

/** A bucket that only its owner reaches, only by TLS, and that outlives its stack unless told otherwise. */
export function defineBucket(
  scope: Construct,
  id: string,
  settings: BucketSettings,
  options: ThumbnailBucketOptions = {},
): s3.Bucket {
  const { encryptionKey } = settings;
  return new s3.Bucket(scope, id, {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    // The bucket key saves a call to KMS, and its price, for every object.
    ...(encryptionKey
      ? { encryption: s3.BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }
      : { encryption: s3.BucketEncryption.S3_MANAGED }),
    // Parts of uploads that were never finished cost as much as objects and are seen in no listing.
    lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }, ...(options.lifecycleRules ?? [])],
    versioned: options.versioned,
    serverAccessLogsBucket: options.serverAccessLogsBucket,
    serverAccessLogsPrefix: options.serverAccessLogsPrefix,
    removalPolicy: settings.removalPolicy ?? RemovalPolicy.RETAIN,
    autoDeleteObjects: settings.autoDeleteObjects,
  });
}

/** What the queue of a pipeline needs to know. */
export interface QueueSettings {
  readonly visibilityTimeout: Duration;
  readonly deadLetterQueue?: sqs.IQueue;
  readonly maxReceiveCount?: number;
}

/** An encrypted queue with another one behind it for what fails too often. */
export function defineQueue(scope: Construct, id: string, settings: QueueSettings): sqs.Queue {
  const deadLetterQueue =
    settings.deadLetterQueue ??
    new sqs.Queue(scope, 'DeadLetterQueue', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
  return new sqs.Queue(scope, id, {
    encryption: sqs.QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    visibilityTimeout: settings.visibilityTimeout,
    deadLetterQueue: { queue: deadLetterQueue, maxReceiveCount: settings.maxReceiveCount ?? 5 },
  });
}

/** A log group whose lines end after a month. */
export function defineLogGroup(scope: Construct, id: string, removalPolicy = RemovalPolicy.RETAIN): logs.LogGroup {
  return new logs.LogGroup(scope, id, { retention: logs.RetentionDays.ONE_MONTH, removalPolicy });
}
