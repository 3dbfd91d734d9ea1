import { Annotations, CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as logs from 'aws-cdk-lib/aws-logs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { createQueue } from '../private/create-queue';
import type { ThumbnailBucketOptions } from './thumbnail-bucket-options';
import type { ThumbnailPipelineProps } from './thumbnail-pipeline-props';
import { warnAboutQueue } from './validation/queues';

/** Creates a private, encrypted bucket. */
export function createBucket(
  scope: Construct,
  id: string,
  props: ThumbnailPipelineProps,
  options: ThumbnailBucketOptions = {},
): s3.Bucket {
  const { encryptionKey, removalPolicy, autoDeleteObjects } = props;
  return new s3.Bucket(scope, id, {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
    enforceSSL: true,
    objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
    // Without an S3 Bucket Key, every request for an object would cause a KMS request.
    ...(encryptionKey
      ? { encryption: s3.BucketEncryption.KMS, encryptionKey, bucketKeyEnabled: true }
      : { encryption: s3.BucketEncryption.S3_MANAGED }),
    // Deletes the parts of incomplete multipart uploads, because S3 bills these parts but does not list them as objects.
    lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(7) }, ...(options.lifecycleRules ?? [])],
    versioned: options.versioned,
    serverAccessLogsBucket: options.serverAccessLogsBucket,
    serverAccessLogsPrefix: options.serverAccessLogsPrefix,
    removalPolicy: removalPolicy ?? RemovalPolicy.RETAIN,
    autoDeleteObjects,
  });
}

/** Warns if thumbnails have weaker encryption than their sources, because thumbnails show the content of the sources. */
export function warnAboutThumbnailKey(scope: Construct, props: ThumbnailPipelineProps): void {
  const { sourceBucket, thumbnailBucket, encryptionKey } = props;
  if (sourceBucket?.encryptionKey && !thumbnailBucket && !encryptionKey) {
    Annotations.of(scope).addWarningV2(
      'cdk-thumbnails:thumbnailsWithoutKey',
      `encryptionKey: the source bucket ${sourceBucket.node.path} uses the KMS key ${sourceBucket.encryptionKey.node.path}, and ` +
        'the thumbnail bucket uses keys of Amazon S3. Set encryptionKey to a KMS key for the thumbnails.',
    );
  }
}

/** Creates a log group with a retention of one month. */
export function createLogGroup(scope: Construct, id: string, removalPolicy = RemovalPolicy.RETAIN): logs.LogGroup {
  return new logs.LogGroup(scope, id, { retention: logs.RetentionDays.ONE_MONTH, removalPolicy });
}

/** Returns the queue of the props, or creates a queue if the props contain none. */
export function findOrCreateQueue(
  scope: Construct,
  props: ThumbnailPipelineProps,
  visibilityTimeout: Duration,
): IQueue {
  if (!props.queue) {
    return createQueue(scope, 'Queue', props, visibilityTimeout);
  }
  warnAboutQueue(scope, props.queue, visibilityTimeout);
  return props.queue;
}

/** Values of the stack outputs. */
export interface OutputValues {
  readonly sourceBucket: s3.IBucket;
  readonly thumbnailBucket: s3.IBucket;
  /** URL of the HTTP API; undefined for a pipeline without an API. */
  readonly apiUrl?: string;
  /** URL of the routes for uploads and deletion; undefined if it equals `apiUrl`. */
  readonly apiWriteUrl?: string;
}

/** Creates the stack outputs of a pipeline. */
export function createOutputs(
  scope: Construct,
  { sourceBucket, thumbnailBucket, apiUrl, apiWriteUrl }: OutputValues,
): void {
  new CfnOutput(scope, 'SourceBucketName', {
    value: sourceBucket.bucketName,
    description: 'Name of the source bucket',
  });
  new CfnOutput(scope, 'ThumbnailBucketName', {
    value: thumbnailBucket.bucketName,
    description: 'Name of the thumbnail bucket',
  });
  if (apiUrl !== undefined) {
    new CfnOutput(scope, 'ApiUrl', { value: apiUrl, description: 'URL of the HTTP API' });
  }
  if (apiWriteUrl !== undefined) {
    const description = 'URL of the HTTP API for uploads and deletion';
    new CfnOutput(scope, 'ApiWriteUrl', { value: apiWriteUrl, description });
  }
}
