import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type { ThumbnailComputeMetrics } from '../compute/compute-metrics';
import type { IThumbnailPipeline } from '../pipeline/thumbnail-pipeline-interface';
import type { MonitoringSource } from './monitoring-source';
import { METRIC_DIMENSION, METRIC_NAMESPACE, withOptions } from './pipeline-metrics';

/** Row of a dashboard: an explanation, and graphs of equal width below the explanation. */
export interface DashboardRow {
  readonly title: string;
  readonly text: string;
  readonly widgets: readonly cloudwatch.GraphWidgetProps[];
}

const PERCENTILES = [50, 90, 99] as const;

/** Returns the rows for the metrics that a pipeline has. */
export function dashboardRows(
  pipeline: IThumbnailPipeline,
  source: MonitoringSource,
  detailedMetrics: boolean,
): DashboardRow[] {
  const { serviceName, queue, worker, large, api } = source;
  const rows = [
    queue && backlogRow(pipeline, source),
    ...(serviceName === undefined
      ? []
      : [resultsRow(pipeline, serviceName, detailedMetrics), effortRow(pipeline, detailedMetrics)]),
    computeRow('Workers', 'Concurrent invocations or running tasks that create thumbnails.', worker),
    large && largeRow(large),
    api && apiRow(api, detailedMetrics ? serviceName : undefined),
    api && computeRow('API compute', 'Concurrent invocations or running tasks that serve the API.', api),
  ];
  return rows.filter((row) => row !== undefined && row.widgets.length > 0) as DashboardRow[];
}

function backlogRow(pipeline: IThumbnailPipeline, { deadLetterQueue }: MonitoringSource): DashboardRow {
  return {
    title: 'Inflow and backlog',
    text:
      'Each changed image sends a message to the queue. A growing age of the oldest message means that new thumbnails are ' +
      'late. Messages in the dead-letter queue require a redrive.',
    widgets: [
      { title: 'Messages sent', left: [pipeline.metricMessagesSent({ label: 'sent' })] },
      {
        title: 'Messages in the queue',
        left: [
          pipeline.metricQueueDepth({ label: 'waiting' }),
          pipeline.metricMessagesInFlight({ label: 'in progress' }),
        ],
      },
      { title: 'Age of the oldest message (s)', left: [pipeline.metricOldestMessageAge({ label: 'age' })] },
      ...(deadLetterQueue
        ? [{ title: 'Dead-letter queue', left: [pipeline.metricDeadLetters({ label: 'messages' })] }]
        : []),
    ],
  };
}

function largeRow({ queue, deadLetterQueue, worker }: NonNullable<MonitoringSource['large']>): DashboardRow {
  return {
    title: 'Large images',
    text: 'The large worker renders images that exceed the memory or the time limit of the worker. The first image starts the large worker.',
    widgets: [
      {
        title: 'Messages for the large worker',
        left: [
          queue.metricApproximateNumberOfMessagesVisible({ label: 'waiting' }),
          queue.metricApproximateNumberOfMessagesNotVisible({ label: 'in progress' }),
          ...(deadLetterQueue
            ? [deadLetterQueue.metricApproximateNumberOfMessagesVisible({ label: 'dead letters' })]
            : []),
        ],
      },
      ...(worker.concurrency ? [{ title: 'Large worker', left: [worker.concurrency] }] : []),
    ],
  };
}

function resultsRow(pipeline: IThumbnailPipeline, serviceName: string, detailedMetrics: boolean): DashboardRow {
  return {
    title: 'Results',
    text:
      'Rejected images can never get thumbnails, and their manifests contain the error code. Failed attempts are retried ' +
      'until their message moves to the dead-letter queue.',
    widgets: [
      {
        title: 'Images by outcome',
        left: [
          pipeline.metricImagesMade({ label: 'made' }),
          pipeline.metricImagesUnchanged({ label: 'unchanged' }),
          pipeline.metricImagesRejected({ label: 'rejected' }),
          pipeline.metricImagesDeleted({ label: 'deleted' }),
          pipeline.metricImagesFailed({ label: 'failed' }),
        ],
      },
      ...(detailedMetrics
        ? [
            { title: 'Rejected by code', left: [byDimension(serviceName, 'ImagesRejected', 'code')] },
            { title: 'Failed by code', left: [byDimension(serviceName, 'ImagesFailed', 'code')] },
          ]
        : []),
    ],
  };
}

function effortRow(pipeline: IThumbnailPipeline, detailedMetrics: boolean): DashboardRow {
  return {
    title: 'Render time and bytes',
    text: 'Time from the download of a source to the upload of its manifest, and bytes of sources and thumbnails.',
    widgets: [
      {
        title: 'Render time (ms)',
        left: PERCENTILES.map((percent) =>
          pipeline.metricRenderTime({ statistic: cloudwatch.Stats.percentile(percent), label: `p${percent}` }),
        ),
      },
      ...(detailedMetrics
        ? [
            {
              title: 'Bytes',
              left: [
                pipeline.metricSourceBytes({ label: 'sources' }),
                pipeline.metricThumbnailBytes({ label: 'thumbnails' }),
              ],
            },
          ]
        : []),
    ],
  };
}

function computeRow(
  title: string,
  text: string,
  { concurrency, maxConcurrency, errors, throttles, unhealthyTasks, others = [] }: ThumbnailComputeMetrics,
): DashboardRow {
  const problems = [
    errors && withOptions(errors, { label: 'errors' }),
    throttles && withOptions(throttles, { label: 'throttles' }),
    unhealthyTasks && withOptions(unhealthyTasks, { label: 'unhealthy tasks' }),
  ].filter((metric) => metric !== undefined);
  return {
    title,
    text: `${text} Errors are crashes and timeouts.`,
    widgets: [
      ...(concurrency
        ? [
            {
              title: 'Concurrency',
              left: [concurrency],
              leftAnnotations: maxConcurrency === undefined ? [] : [{ value: maxConcurrency, label: 'maximum' }],
            },
          ]
        : []),
      ...(problems.length > 0 ? [{ title: 'Errors', left: problems }] : []),
      ...(others.length > 0 ? [{ title: 'Metrics of the compute', left: others }] : []),
    ],
  };
}

function apiRow(api: ThumbnailComputeMetrics, serviceName: string | undefined): DashboardRow {
  const { requests, clientErrors, serverErrors, latency } = api;
  const traffic = [
    requests && withOptions(requests, { label: 'requests' }),
    clientErrors && withOptions(clientErrors, { label: '4xx' }),
    serverErrors && withOptions(serverErrors, { label: '5xx' }),
  ].filter((metric) => metric !== undefined);
  return {
    title: 'API',
    text:
      'Requests that reach the API. CloudFront serves further requests from its cache. 5xx responses are failures. The latency includes ' +
      'the rendering of missing thumbnails.',
    widgets: [
      ...(traffic.length > 0 ? [{ title: 'Requests by status', left: traffic }] : []),
      ...(latency ? [{ title: 'Latency (ms)', left: percentilesOf(latency) }] : []),
      ...(serviceName === undefined
        ? []
        : [{ title: 'Thumbnails by format', left: [byDimension(serviceName, 'ThumbnailsServed', 'format')] }]),
    ],
  };
}

/** Returns three percentiles of a CDK `Metric`. Returns other metric classes unchanged. */
function percentilesOf(metric: cloudwatch.IMetric): cloudwatch.IMetric[] {
  if (!(metric instanceof cloudwatch.Metric)) {
    return [metric];
  }
  return PERCENTILES.map((percent) =>
    metric.with({ statistic: cloudwatch.Stats.percentile(percent), label: `p${percent}` }),
  );
}

/**
 * Returns a search expression. In a graph, the expression has one line for each value of the dimension that occurs in the time
 * range of the dashboard.
 */
function byDimension(serviceName: string, metricName: string, dimension: string): cloudwatch.IMetric {
  const schema = [METRIC_NAMESPACE, METRIC_DIMENSION, dimension].join(',');
  return new cloudwatch.MathExpression({
    expression: `SEARCH('{${schema}} MetricName="${metricName}" ${METRIC_DIMENSION}="${serviceName}"', 'Sum', 300)`,
    label: `\${PROP('Dim.${dimension}')}`,
    usingMetrics: {},
  });
}
