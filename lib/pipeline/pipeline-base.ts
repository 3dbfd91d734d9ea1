import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import * as permissions from '../private/permissions';
import { METRIC_DIMENSION, METRIC_NAMESPACE } from './pipeline-environment';
import type { IThumbnailPipeline } from './thumbnail-pipeline-interface';

/**
 * Grants and metrics of a pipeline, created or imported.
 *
 * @internal
 */
export abstract class PipelineBase extends Construct implements IThumbnailPipeline {
  /** Source bucket. */
  public abstract readonly sourceBucket: IBucket;
  /** Thumbnail bucket. */
  public abstract readonly thumbnailBucket: IBucket;
  /** Service name of the pipeline in metrics and logs: the name of the stack and the path in the stack. */
  public abstract readonly serviceName: string;
  /** Queue with the events of changed sources. */
  public abstract readonly queue: IQueue;
  /** Queue with the messages that exceeded `maxReceiveCount`; undefined if it is unknown. */
  public abstract readonly deadLetterQueue?: IQueue;

  /** Sources. @internal */
  protected abstract readonly _source: permissions.BucketPart;
  /** Thumbnails. @internal */
  protected abstract readonly _thumbnails: permissions.BucketPart;

  /** Grants permission to read thumbnails through the API. */
  public abstract grantApiRead(grantee: iam.IGrantable): iam.Grant;
  /** Grants permission to create uploads and delete images through the API. */
  public abstract grantApiWrite(grantee: iam.IGrantable): iam.Grant;

  /** Grants permission to read thumbnails. */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return permissions.grantReadThumbnails(grantee, this._thumbnails);
  }

  /** Grants permission to upload sources. */
  public grantUpload(grantee: iam.IGrantable): iam.Grant {
    return permissions.grantUpload(grantee, this._source);
  }

  /** Returns a metric of the runtime. */
  public metric(metricName: string, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { [METRIC_DIMENSION]: this.serviceName },
      statistic: cloudwatch.Stats.SUM,
      ...options,
    }).attachTo(this);
  }

  /** Metric for images with newly created thumbnails. */
  public metricImagesMade(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ImagesMade', options);
  }

  /** Metric for images whose thumbnails were up to date. */
  public metricImagesUnchanged(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ImagesUnchanged', options);
  }

  /** Metric for rejected images. */
  public metricImagesRejected(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ImagesRejected', options);
  }

  /** Metric for deleted images. */
  public metricImagesDeleted(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ImagesDeleted', options);
  }

  /** Metric for failed attempts. */
  public metricImagesFailed(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ImagesFailed', options);
  }

  /** Metric for the processing time of an image in milliseconds. */
  public metricRenderTime(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('RenderTime', { statistic: cloudwatch.Stats.AVERAGE, ...options });
  }

  /** Metric for the number of messages in the queue. */
  public metricQueueDepth(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.queue.metricApproximateNumberOfMessagesVisible(options);
  }

  /** Metric for the age of the oldest message in the queue, in seconds. */
  public metricOldestMessageAge(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.queue.metricApproximateAgeOfOldestMessage(options);
  }

  /**
   * Metric for the number of messages in the dead-letter queue.
   *
   * @throws Error if the dead-letter queue is unknown
   */
  public metricDeadLetters(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    if (!this.deadLetterQueue) {
      throw new Error(
        `${this.node.path}: deadLetterQueue: unknown for an imported queue; ` +
          'use metricApproximateNumberOfMessagesVisible of the dead-letter queue',
      );
    }
    return this.deadLetterQueue.metricApproximateNumberOfMessagesVisible(options);
  }
}
