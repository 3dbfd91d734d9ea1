import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { ThumbnailComputeMetrics } from '../compute/compute-metrics';
import type { IThumbnailPipeline } from '../pipeline/thumbnail-pipeline-interface';

/** CloudFront distribution of a pipeline. */
export interface MonitoredDistribution {
  readonly distributionId: string;
  /** Whether CloudFront publishes additional metrics, such as the cache hit rate. */
  readonly hasAdditionalMetrics: boolean;
}

/** Parts of a pipeline that alarms, dashboards and queries read. Unknown parts of an imported pipeline are undefined. */
export interface MonitoringSource {
  /** Service name in metrics and logs. */
  readonly serviceName?: string;
  readonly queue?: IQueue;
  /** Whether the pipeline has a backfill. The alarm for the oldest message ignores backfill messages. */
  readonly hasBackfill?: boolean;
  readonly deadLetterQueue?: IQueue;
  readonly worker: ThumbnailComputeMetrics;
  /** Worker of `ThumbnailCompute.hybrid()` for large images, and the queues of this worker; undefined for other computes. */
  readonly large?: {
    readonly queue: IQueue;
    readonly deadLetterQueue?: IQueue;
    readonly worker: ThumbnailComputeMetrics;
  };
  /** Metrics of the API; undefined for a pipeline without an API. */
  readonly api?: ThumbnailComputeMetrics;
  readonly logGroup?: ILogGroup;
  /** Access log of the API Gateway HTTP API. */
  readonly accessLogGroup?: ILogGroup;
  /** Distributions that exist at synthesis. */
  readonly distributions: readonly MonitoredDistribution[];
  /** Configures the runtime to emit the detailed metrics. Has no effect on an imported pipeline. */
  enableDetailedMetrics(): void;
}

/** Pipeline object of this library, for a created or imported pipeline. */
export interface MonitoringSourceProvider {
  _monitoringSource(): MonitoringSource;
}

/**
 * Returns the parts of a pipeline that alarms, dashboards and queries read.
 *
 * @throws Error if the pipeline is not an object of this library
 */
export function monitoringSourceOf(scope: Construct, pipeline: IThumbnailPipeline): MonitoringSource {
  const provider = pipeline as Partial<MonitoringSourceProvider> & IThumbnailPipeline;
  if (!provider._monitoringSource) {
    throw new Error(
      `${scope.node.path}: pipeline: ${pipeline.node.path} is unknown; expected a ThumbnailPipeline or the result of ` +
        'ThumbnailPipeline.fromThumbnailPipelineAttributes()',
    );
  }
  return provider._monitoringSource();
}
