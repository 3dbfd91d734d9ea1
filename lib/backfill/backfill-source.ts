import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct, IDependable } from 'constructs';
import type { IThumbnailPipeline } from '../pipeline/thumbnail-pipeline-interface';

/** Parts of a pipeline that a backfill uses. */
export interface BackfillSource {
  readonly serviceName: string;
  readonly bucket: IBucket;
  readonly prefix: string;
  readonly suffixes: readonly string[];
  readonly queue: IQueue;
  /** Whether the pipeline creates the queue. False for an existing queue. */
  readonly isQueueCreated: boolean;
  readonly logGroup: ILogGroup;
  /**
   * Settings that determine the content of thumbnail sets. A changed setting makes existing thumbnail sets obsolete. Values may
   * be tokens.
   */
  readonly settings: Readonly<Record<string, string | number | undefined>>;
  /** Constructs of the workers. */
  readonly workers: readonly IDependable[];
}

/** A pipeline of this app. Imported pipelines do not have the method `_backfillSource`. */
export interface BackfillSourceProvider {
  _backfillSource(): BackfillSource;
}

/**
 * Returns the parts of a pipeline that a backfill uses.
 *
 * @throws Error if the pipeline is imported
 */
export function backfillSourceOf(scope: Construct, pipeline: IThumbnailPipeline): BackfillSource {
  const provider = pipeline as Partial<BackfillSourceProvider> & IThumbnailPipeline;
  if (!provider._backfillSource) {
    throw new Error(
      `${scope.node.path}: pipeline: ${pipeline.node.path} is imported; expected a ThumbnailPipeline of this app, ` +
        'because the backfill requires its queue and its settings',
    );
  }
  return provider._backfillSource();
}
