import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { ResponseReport } from '../http';
import type { Manifest, Outcome, Reconcile } from '../pipeline';
import { correlationId } from './correlation';
import { DimensionCounts } from './dimension-counts';
import type { BatchLog } from './queue/message-batch';

/**
 * Names of the metrics. POWERTOOLS_METRICS_NAMESPACE sets the namespace. POWERTOOLS_SERVICE_NAME sets the dimension
 * `service`.
 */
const METRICS = {
  /** Number of images whose thumbnails were created. */
  made: 'ImagesMade',
  /** Number of images whose thumbnails were current. */
  unchanged: 'ImagesUnchanged',
  /** Images that were rejected. */
  rejected: 'ImagesRejected',
  /** Number of deleted images whose thumbnails were deleted. */
  deleted: 'ImagesDeleted',
  /** Number of images that were forwarded to workers with more memory or time. */
  forwarded: 'ImagesForwarded',
  /** Attempts that failed. */
  failed: 'ImagesFailed',
  /** Milliseconds from reading the source to writing the manifest, for images whose thumbnails were created. */
  renderTime: 'RenderTime',
  /** Size in bytes of sources whose thumbnails were created. Only with detailed metrics. */
  sourceBytes: 'SourceBytes',
  /** Size in bytes of created thumbnails. Only with detailed metrics. */
  thumbnailBytes: 'ThumbnailBytes',
  /** Number of thumbnails in HTTP responses, with the dimension `format`. Only with detailed metrics. */
  served: 'ThumbnailsServed',
} as const;

/** Result of a reconciliation for metrics. */
export interface ObservedImage {
  readonly status: Exclude<Outcome['status'], 'ignored'> | 'failed';
  /** Error code of a rejection or a failure. */
  readonly code?: string;
  readonly milliseconds: number;
}

/** Response of the HTTP API for metrics. */
export type ObservedResponse = Pick<ResponseReport, 'method' | 'path' | 'status'>;

type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Writes one JSON log line per reconciled image, and metrics. It never logs the content of objects. */
export class Observer {
  protected readonly logger: Pick<Logger, LogLevel>;
  private readonly counts = new DimensionCounts();
  private isDetailed = false;

  public constructor(
    private readonly contextLogger: Pick<Logger, LogLevel | 'addContext'> = new Logger(),
    protected readonly metrics: Pick<
      Metrics,
      'addMetric' | 'hasStoredMetrics' | 'publishStoredMetrics' | 'singleMetric'
    > = new Metrics(),
  ) {
    this.logger = withCorrelation(contextLogger);
  }

  /** Emits the detailed metrics: counts by error code and by format, and byte counts. */
  public enableDetailedMetrics(): void {
    this.isDetailed = true;
  }

  /** Adds the context of an invocation to its log lines. */
  public begin(context: Context): void {
    this.contextLogger.addContext(context);
  }

  /** Publishes the metrics of an invocation. */
  public end(): void {
    if (this.metrics.hasStoredMetrics()) {
      this.metrics.publishStoredMetrics();
    }
    this.counts.publish(this.metrics);
  }

  /** Returns a function that reconciles a key, and then logs and counts the outcome. */
  public watch(reconcile: Reconcile): Reconcile {
    return async (key, options) => {
      const start = performance.now();
      const milliseconds = (): number => Math.round(performance.now() - start);
      try {
        const outcome = await reconcile(key, options);
        this.reconciled(outcome, milliseconds());
        return outcome;
      } catch (error) {
        this.threw(key, error, milliseconds());
        throw error;
      }
    };
  }

  /** Logs a response: failures of the runtime as errors, all other responses at the level `debug`. */
  public readonly responded = ({ error, format, ...response }: ResponseReport): void => {
    this.observedResponse?.(response);
    if (format !== undefined) {
      this.countBy(METRICS.served, 'format', format);
    }
    if (response.status >= 500 || response.code === 'access-denied') {
      this.logger.error('request failed', { ...response, ...(error && { error }) });
    } else {
      this.logger.debug('request completed', { ...response });
    }
  };

  /** Logs messages without a key of this pipeline, and keys that were not completed. */
  public readonly batchLog: BatchLog = {
    malformed: ({ messageId }, error) => {
      this.logger.error('unrecognized message', { messageId, error: asError(error) });
    },
    foreign: (bucket, key) => this.logger.warn('event of another bucket', { bucket, key }),
    deadlineExceeded: (keys) =>
      this.logger.warn('deadline exceeded, remaining keys are retried', { keys: keys.length }),
  };

  private reconciled(outcome: Outcome, milliseconds: number): void {
    const { key, status } = outcome;
    const entry = { key, status, milliseconds };
    switch (outcome.status) {
      case 'made':
        this.logger.info('thumbnails created', { ...entry });
        this.count(METRICS.made);
        this.observedImage?.({ status: 'made', milliseconds });
        this.metrics.addMetric(METRICS.renderTime, MetricUnit.Milliseconds, milliseconds);
        if (this.isDetailed) {
          this.addBytes(outcome.manifest);
        }
        return;
      case 'unchanged':
        this.logger.info('thumbnails are current', { ...entry });
        this.observedImage?.({ status: 'unchanged', milliseconds });
        return this.count(METRICS.unchanged);
      case 'rejected':
        this.logger.warn('image rejected', {
          ...entry,
          ...(outcome.manifest.status === 'rejected' && { code: outcome.manifest.rejection.code }),
        });
        if (outcome.manifest.status === 'rejected') {
          const { code } = outcome.manifest.rejection;
          this.countBy(METRICS.rejected, 'code', code);
          this.observedImage?.({ status: 'rejected', code, milliseconds });
        }
        return this.count(METRICS.rejected);
      case 'deleted':
        // Requests for nonexistent images are neither logged nor counted, because every client can send such requests.
        if (outcome.removed > 0) {
          this.logger.info('thumbnails deleted', { ...entry, removed: outcome.removed });
          this.count(METRICS.deleted);
          this.observedImage?.({ status: 'deleted', milliseconds });
        }
        return;
      case 'forwarded':
        this.logger.info('image forwarded', { ...entry });
        return this.count(METRICS.forwarded);
      case 'ignored':
        this.logger.debug('key ignored', { ...entry });
    }
  }

  private threw(key: string, thrown: unknown, milliseconds: number): void {
    const error = asError(thrown);
    const code = 'code' in error ? error.code : undefined;
    if (code === 'shutting-down') {
      this.logger.info('image postponed, process is shutting down', { key });
      return;
    }
    if ('retryable' in error && error.retryable === false && typeof code === 'string') {
      this.logger.warn('image rejected', { key, status: 'rejected', code, milliseconds, error });
      this.count(METRICS.rejected);
      this.countBy(METRICS.rejected, 'code', code);
      this.observedImage?.({ status: 'rejected', code, milliseconds });
      return;
    }
    this.logger.error('image failed', {
      key,
      status: 'failed',
      ...(typeof code === 'string' && { code }),
      milliseconds,
      error,
    });
    this.count(METRICS.failed);
    const failure = typeof code === 'string' ? code : 'internal-error';
    this.countBy(METRICS.failed, 'code', failure);
    this.observedImage?.({ status: 'failed', code: failure, milliseconds });
  }

  private addBytes(manifest: Manifest): void {
    const thumbnails = manifest.status === 'ready' ? manifest.thumbnails : [];
    const thumbnailBytes = thumbnails.reduce((sum, { bytes }) => sum + bytes, 0);
    this.metrics.addMetric(METRICS.sourceBytes, MetricUnit.Bytes, manifest.source.bytes);
    this.metrics.addMetric(METRICS.thumbnailBytes, MetricUnit.Bytes, thumbnailBytes);
  }

  /** Receives each counted image. @default - no receiver */
  protected observedImage?(image: ObservedImage): void;

  /** Receives each response of the HTTP API. @default - no receiver */
  protected observedResponse?(response: ObservedResponse): void;

  /** Adds 1 to a detailed metric. */
  private countBy(name: string, dimension: string, value: string): void {
    if (this.isDetailed) {
      this.counts.add(name, dimension, value);
    }
  }

  /** Adds 1 to a metric. */
  protected count(name: string): void {
    this.metrics.addMetric(name, MetricUnit.Count, 1);
  }
}

/** Returns a logger that adds the correlation id of the current work to each line. */
function withCorrelation(logger: Pick<Logger, LogLevel>): Pick<Logger, LogLevel> {
  const correlated =
    (level: LogLevel): Logger[LogLevel] =>
    (message, ...extra) => {
      const id = correlationId();
      logger[level](message, ...((id === undefined ? extra : [...extra, { correlation_id: id }]) as typeof extra));
    };
  return {
    debug: correlated('debug'),
    info: correlated('info'),
    warn: correlated('warn'),
    error: correlated('error'),
  };
}

/** Returns a thrown value as an error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
