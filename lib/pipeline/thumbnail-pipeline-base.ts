import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct, type IConstruct } from 'constructs';
import { METRIC_DIMENSION, METRIC_NAMESPACE } from '../private/metrics';
import * as permissions from '../private/permissions';

/** A pipeline, made here or imported. */
export interface IThumbnailPipeline extends IConstruct {
  /** Where the images are put. */
  readonly sourceBucket: IBucket;
  /** Where the thumbnails are put. */
  readonly thumbnailBucket: IBucket;

  /**
   * Lets a principal put images in: `s3:PutObject` under the source prefix, and the use of the bucket's key.
   *
   * @param grantee who may
   */
  grantUpload(grantee: iam.IGrantable): iam.Grant;

  /**
   * Lets a principal read thumbnails: `s3:GetObject` under the thumbnail prefix, and the use of the bucket's key.
   *
   * @param grantee who may
   */
  grantRead(grantee: iam.IGrantable): iam.Grant;

  /**
   * A metric of the program, in the namespace `cdk-thumbnails`.
   *
   * @param metricName name of the metric
   * @param options statistic, period and more; the sum over five minutes unless they say otherwise
   * @throws where this is an imported pipeline whose `serviceName` is not given
   */
  metric(metricName: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Images whose thumbnails were made.
   *
   * @param options statistic, period and more; the sum over five minutes unless they say otherwise
   */
  metricImagesMade(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Images whose thumbnails were there already.
   *
   * @param options statistic, period and more; the sum over five minutes unless they say otherwise
   */
  metricImagesUnchanged(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Images that were refused for good: their manifests say why.
   *
   * @param options statistic, period and more; the sum over five minutes unless they say otherwise
   */
  metricImagesRejected(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Images that were removed, and their thumbnails with them.
   *
   * @param options statistic, period and more; the sum over five minutes unless they say otherwise
   */
  metricImagesDeleted(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Tries that failed and will be made again, until the dead-letter queue takes the message.
   *
   * @param options statistic, period and more; the sum over five minutes unless they say otherwise
   */
  metricImagesFailed(options?: cloudwatch.MetricOptions): cloudwatch.Metric;

  /**
   * Milliseconds from an image's first byte to its last thumbnail.
   *
   * @param options statistic, period and more; the average over five minutes unless they say otherwise
   */
  metricRenderTime(options?: cloudwatch.MetricOptions): cloudwatch.Metric;
}

/** What a pipeline offers, made here or imported. */
export abstract class ThumbnailPipelineBase extends Construct implements IThumbnailPipeline {
  /** Where the images are put. */
  public abstract readonly sourceBucket: IBucket;
  /** Where the thumbnails are put. */
  public abstract readonly thumbnailBucket: IBucket;
  /** What this pipeline is called in logs and metrics: the name of its stack and its path there. */
  public abstract readonly serviceName: string;

  /** The images. @internal */
  protected abstract readonly _source: permissions.BucketPart;
  /** The thumbnails. @internal */
  protected abstract readonly _thumbnails: permissions.BucketPart;

  /**
   * Lets a principal put images in: `s3:PutObject` under the source prefix, and the use of the bucket's key.
   *
   * @param grantee who may
   */
  public grantUpload(grantee: iam.IGrantable): iam.Grant {
    return permissions.grantUpload(grantee, this._source);
  }

  /**
   * Lets a principal read thumbnails: `s3:GetObject` under the thumbnail prefix, and the use of the bucket's key.
   *
   * @param grantee who may
   */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return permissions.grantReadThumbnails(grantee, this._thumbnails);
  }

  /**
   * A metric of the program, in the namespace `cdk-thumbnails`.
   *
   * @param metricName name of the metric
   * @param options statistic, period and more; the sum over five minutes unless they say otherwise
   * @throws where this is an imported pipeline whose `serviceName` is not given
   */
  public metric(metricName: string, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { [METRIC_DIMENSION]: this.serviceName },
      statistic: cloudwatch.Stats.SUM,
      ...options,
    }).attachTo(this);
  }

  /**
   * Images whose thumbnails were made.
   *
   * @param options statistic, period and more; the sum over five minutes unless they say otherwise
   */
  public metricImagesMade(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ImagesMade', options);
  }

  /**
   * Images whose thumbnails were there already.
   *
   * @param options statistic, period and more; the sum over five minutes unless they say otherwise
   */
  public metricImagesUnchanged(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ImagesUnchanged', options);
  }

  /**
   * Images that were refused for good: their manifests say why.
   *
   * @param options statistic, period and more; the sum over five minutes unless they say otherwise
   */
  public metricImagesRejected(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ImagesRejected', options);
  }

  /**
   * Images that were removed, and their thumbnails with them.
   *
   * @param options statistic, period and more; the sum over five minutes unless they say otherwise
   */
  public metricImagesDeleted(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ImagesDeleted', options);
  }

  /**
   * Tries that failed and will be made again, until the dead-letter queue takes the message.
   *
   * @param options statistic, period and more; the sum over five minutes unless they say otherwise
   */
  public metricImagesFailed(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ImagesFailed', options);
  }

  /**
   * Milliseconds from an image's first byte to its last thumbnail.
   *
   * @param options statistic, period and more; the average over five minutes unless they say otherwise
   */
  public metricRenderTime(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('RenderTime', { statistic: cloudwatch.Stats.AVERAGE, ...options });
  }
}
