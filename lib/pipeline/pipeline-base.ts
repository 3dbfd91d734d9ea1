import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { EventStatus } from '../../runtime/contract';
import type { ThumbnailApiGrantOptions } from '../api/thumbnail-api-options';
import type { ThumbnailComputeMetrics } from '../compute/compute-metrics';
import { createEventRule, type PipelineEvents } from '../events/event-rule';
import type { ThumbnailEventRuleOptions } from '../events/thumbnail-event-rule-options';
import type { MonitoringSource } from '../monitoring/monitoring-source';
import {
  failureRate,
  METRIC_DIMENSION,
  METRIC_NAMESPACE,
  serverErrorRate,
  withOptions,
} from '../monitoring/pipeline-metrics';
import * as permissions from '../private/permissions';
import type { ThumbnailFormat } from '../thumbnail/thumbnail-format';
import type { IThumbnailPipeline } from './thumbnail-pipeline-interface';

/**
 * Base class with the grants and metrics of a created or imported pipeline.
 *
 * @internal
 */
export abstract class PipelineBase extends Construct implements IThumbnailPipeline {
  /** Source bucket. */
  public abstract readonly sourceBucket: IBucket;
  /** Thumbnail bucket. */
  public abstract readonly thumbnailBucket: IBucket;
  /** Service name of the pipeline in metrics and logs: the stack name and the construct path in the stack. */
  public abstract readonly serviceName: string;
  /** Queue with the events of changed sources. */
  public abstract readonly queue: IQueue;
  /** Queue with the messages that exceed `maxReceiveCount`; undefined if the dead-letter queue is unknown. */
  public abstract readonly deadLetterQueue?: IQueue;

  /** Metrics of the worker; empty for a compute without metrics. */
  public abstract readonly workerMetrics: ThumbnailComputeMetrics;
  /** Metrics of the API; undefined if the pipeline has no API. */
  public abstract readonly apiMetrics?: ThumbnailComputeMetrics;

  /** Sources. @internal */
  protected abstract readonly _source: permissions.BucketPart;
  /** Thumbnails. @internal */
  protected abstract readonly _thumbnails: permissions.BucketPart;

  /** Grants permission to read thumbnails through the API. */
  public abstract grantApiRead(grantee: iam.IGrantable, options?: ThumbnailApiGrantOptions): iam.Grant;
  /** Grants permission to create uploads and delete images through the API. */
  public abstract grantApiWrite(grantee: iam.IGrantable, options?: ThumbnailApiGrantOptions): iam.Grant;

  /** Grants permission to read thumbnails. */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return permissions.grantReadThumbnails(grantee, this._thumbnails);
  }

  /** Grants permission to upload sources. */
  public grantUpload(grantee: iam.IGrantable): iam.Grant {
    return permissions.grantUpload(grantee, this._source);
  }

  /** Creates a rule for the event `Thumbnails Ready`. */
  public onThumbnailsReady(id: string, options: ThumbnailEventRuleOptions = {}): events.Rule {
    return this.createRule(id, 'ready', options);
  }

  /** Creates a rule for the event `Thumbnails Rejected`. */
  public onThumbnailsRejected(id: string, options: ThumbnailEventRuleOptions = {}): events.Rule {
    return this.createRule(id, 'rejected', options);
  }

  /** Creates a rule for the event `Thumbnails Removed`. */
  public onThumbnailsRemoved(id: string, options: ThumbnailEventRuleOptions = {}): events.Rule {
    return this.createRule(id, 'removed', options);
  }

  /** Returns a metric of the runtime. */
  public metric(metricName: string, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: this.dimensions(),
      statistic: cloudwatch.Stats.SUM,
      ...options,
    }).attachTo(this);
  }

  /** Metric for the number of images whose thumbnails the runtime creates. */
  public metricImagesMade(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ImagesMade', options);
  }

  /** Metric for the number of images whose thumbnails are already current. */
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

  /** Percentage of failed attempts. */
  public metricFailureRate(options?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression {
    const period = options?.period;
    const attempts = {
      made: this.metricImagesMade({ period }),
      unchanged: this.metricImagesUnchanged({ period }),
      rejected: this.metricImagesRejected({ period }),
      deleted: this.metricImagesDeleted({ period }),
      failed: this.metricImagesFailed({ period }),
    };
    return failureRate(attempts, options);
  }

  /** Metric for the number of images that the runtime rejects with one error code. */
  public metricImagesRejectedByCode(code: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricImagesRejected({ ...options, dimensionsMap: this.dimensions({ code }) });
  }

  /** Metric for the number of attempts that fail with one error code. */
  public metricImagesFailedByCode(code: string, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metricImagesFailed({ ...options, dimensionsMap: this.dimensions({ code }) });
  }

  /** Metric for the number of thumbnails of one format in HTTP responses. */
  public metricThumbnailsServed(format: ThumbnailFormat, options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ThumbnailsServed', { ...options, dimensionsMap: this.dimensions({ format: format.name }) });
  }

  /** Metric for the total size in bytes of the sources whose thumbnails the runtime creates. */
  public metricSourceBytes(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('SourceBytes', options);
  }

  /** Metric for the total size in bytes of the thumbnails that the runtime creates. */
  public metricThumbnailBytes(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ThumbnailBytes', options);
  }

  /** Metric for containers: the number of worker processes that crash, time out or exceed their memory limit. */
  public metricWorkerProcessesLost(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('WorkerProcessesLost', options);
  }

  /** Metric for the processing time of an image in milliseconds. */
  public metricRenderTime(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('RenderTime', { statistic: cloudwatch.Stats.AVERAGE, ...options });
  }

  /** Metric for the number of visible messages in the queue. */
  public metricQueueDepth(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.queue.metricApproximateNumberOfMessagesVisible(options);
  }

  /** Metric for the number of messages sent to the queue. */
  public metricMessagesSent(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.queue.metricNumberOfMessagesSent({ statistic: cloudwatch.Stats.SUM, ...options });
  }

  /** Metric for the number of in-flight messages. */
  public metricMessagesInFlight(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.queue.metricApproximateNumberOfMessagesNotVisible(options);
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

  /** Metric for the number of HTTP requests. */
  public metricApiRequests(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.apiMetric('requests', options);
  }

  /** Metric for the number of HTTP responses with a 4xx status. */
  public metricApiClientErrors(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.apiMetric('clientErrors', options);
  }

  /** Metric for the number of HTTP responses with a 5xx status. */
  public metricApiServerErrors(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.apiMetric('serverErrors', options);
  }

  /** Metric for the duration of HTTP requests in milliseconds. */
  public metricApiLatency(options?: cloudwatch.MetricOptions): cloudwatch.IMetric {
    return this.apiMetric('latency', options);
  }

  /** Metric for the percentage of HTTP requests with a 5xx response. */
  public metricApiServerErrorRate(options?: cloudwatch.MathExpressionOptions): cloudwatch.MathExpression {
    const period = options?.period;
    return serverErrorRate(this.metricApiRequests({ period }), this.metricApiServerErrors({ period }), options);
  }

  /**
   * Returns the parts of the pipeline for alarms, dashboards and queries.
   *
   * @internal
   */
  public abstract _monitoringSource(): MonitoringSource;

  /**
   * Returns the events of the pipeline. Enables the events if the pipeline belongs to this app.
   *
   * @internal
   */
  protected abstract _events(): PipelineEvents;

  private createRule(id: string, status: EventStatus, options: ThumbnailEventRuleOptions): events.Rule {
    return createEventRule(this, id, status, this._events(), options);
  }

  private dimensions(others: Readonly<Record<string, string>> = {}): Record<string, string> {
    return { [METRIC_DIMENSION]: this.serviceName, ...others };
  }

  private apiMetric(
    name: 'requests' | 'clientErrors' | 'serverErrors' | 'latency',
    options: cloudwatch.MetricOptions = {},
  ): cloudwatch.IMetric {
    const metric = this.apiMetrics?.[name];
    if (!metric) {
      throw new Error(
        `${this.node.path}: apiMetrics.${name}: undefined; set apiEnabled to true, pass httpApiId to ` +
          'ThumbnailPipeline.fromThumbnailPipelineAttributes(), or use a compute with this metric',
      );
    }
    return withOptions(metric, options);
  }
}
