import { MetricUnit } from '@aws-lambda-powertools/metrics';

/** A metric of the runtime. The build generates docs/reference/metrics.md from these properties. */
export interface RuntimeMetric {
  readonly name: string;
  readonly unit: (typeof MetricUnit)[keyof typeof MetricUnit];
  /** Name of the dimension in addition to `service`. @default - no further dimension */
  readonly dimension?: string;
  /** Whether the runtime emits the metric only with `DETAILED_METRICS`. @default false */
  readonly isDetailed?: boolean;
  /** Occasions on which the runtime emits a value, in Markdown. */
  readonly emitted: string;
}

/**
 * Metrics of the runtime. POWERTOOLS_METRICS_NAMESPACE sets the namespace. POWERTOOLS_SERVICE_NAME sets the dimension
 * `service`.
 */
export const METRICS = {
  made: {
    name: 'ImagesMade',
    unit: MetricUnit.Count,
    emitted: 'for each image with new thumbnails',
  },
  unchanged: {
    name: 'ImagesUnchanged',
    unit: MetricUnit.Count,
    emitted: 'for each image with thumbnails that are already current',
  },
  rejected: {
    name: 'ImagesRejected',
    unit: MetricUnit.Count,
    emitted: 'for each rejected image',
  },
  deleted: {
    name: 'ImagesDeleted',
    unit: MetricUnit.Count,
    emitted: 'for each deleted image, after the deletion of its thumbnails',
  },
  forwarded: {
    name: 'ImagesForwarded',
    unit: MetricUnit.Count,
    emitted: 'for each image that the small worker sends to the large worker of `ThumbnailCompute.hybrid()`',
  },
  failed: {
    name: 'ImagesFailed',
    unit: MetricUnit.Count,
    emitted: 'for each failed attempt; SQS then delivers the message again',
  },
  renderTime: {
    name: 'RenderTime',
    unit: MetricUnit.Milliseconds,
    emitted: 'for each image with new thumbnails: time from reading the source to writing the manifest',
  },
  workerProcessesLost: {
    name: 'WorkerProcessesLost',
    unit: MetricUnit.Count,
    emitted: 'for each worker process that crashed, timed out or exceeded its memory; only in containers',
  },
  sourceBytes: {
    name: 'SourceBytes',
    unit: MetricUnit.Bytes,
    isDetailed: true,
    emitted: 'for each image with new thumbnails: size of the source',
  },
  thumbnailBytes: {
    name: 'ThumbnailBytes',
    unit: MetricUnit.Bytes,
    isDetailed: true,
    emitted: 'for each image with new thumbnails: total size of the thumbnails',
  },
  rejectedByCode: {
    name: 'ImagesRejected',
    unit: MetricUnit.Count,
    dimension: 'code',
    isDetailed: true,
    emitted: 'for each rejected image, by error code; about 10 codes occur',
  },
  failedByCode: {
    name: 'ImagesFailed',
    unit: MetricUnit.Count,
    dimension: 'code',
    isDetailed: true,
    emitted: 'for each failed attempt, by error code; about 10 codes occur',
  },
  served: {
    name: 'ThumbnailsServed',
    unit: MetricUnit.Count,
    dimension: 'format',
    isDetailed: true,
    emitted: 'for each thumbnail in a response of the HTTP API, by format; at most 5 formats',
  },
} as const satisfies Readonly<Record<string, RuntimeMetric>>;
