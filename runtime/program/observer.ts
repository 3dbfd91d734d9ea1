import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { ResponseReport } from '../http';
import type { Manifest, Outcome, Reconcile } from '../pipeline';
import { correlationId } from './correlation';
import { DimensionCounts } from './dimension-counts';
import { METRICS, type RuntimeMetric } from './metrics';
import type { BatchLog } from './queue/message-batch';

/** Result of a reconciliation, for subclasses that count results. */
export interface ObservedImage {
  readonly status: Exclude<Outcome['status'], 'ignored'> | 'failed';
  /** Error code of a rejection or a failure. */
  readonly code?: string;
  readonly milliseconds: number;
}

/** Response of the HTTP API, for subclasses that count responses. */
export type ObservedResponse = Pick<ResponseReport, 'method' | 'path' | 'status'>;

type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** Emits metrics, and writes one JSON log line for each reconciled image. Log lines never contain the content of objects. */
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

  /** Enables the detailed metrics: counts by error code, counts by format, and numbers of bytes. */
  public enableDetailedMetrics(): void {
    this.isDetailed = true;
  }

  /** Adds the context of an invocation to all following log lines. */
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

  /** Logs a response. The log level is `error` for failures of the runtime, and `debug` for all other responses. */
  public readonly responded = ({ error, format, ...response }: ResponseReport): void => {
    this.observedResponse?.(response);
    if (format !== undefined) {
      this.countBy(METRICS.served, format);
    }
    if (response.status >= 500 || response.code === 'access-denied') {
      this.logger.error('request failed', { ...response, ...(error && { error }) });
    } else {
      this.logger.debug('request completed', { ...response });
    }
  };

  /** Logs unrecognized messages, events of other buckets, and the number of keys that are incomplete at the deadline. */
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
        this.add(METRICS.renderTime, milliseconds);
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
          this.countBy(METRICS.rejectedByCode, code);
          this.observedImage?.({ status: 'rejected', code, milliseconds });
        }
        return this.count(METRICS.rejected);
      case 'deleted':
        // A request for a nonexistent image also results in `deleted`, but removes no files. Such requests are neither logged
        // nor counted, because every client can send them.
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
      this.countBy(METRICS.rejectedByCode, code);
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
    this.countBy(METRICS.failedByCode, failure);
    this.observedImage?.({ status: 'failed', code: failure, milliseconds });
  }

  private addBytes(manifest: Manifest): void {
    const thumbnails = manifest.status === 'ready' ? manifest.thumbnails : [];
    const thumbnailBytes = thumbnails.reduce((sum, { bytes }) => sum + bytes, 0);
    this.add(METRICS.sourceBytes, manifest.source.bytes);
    this.add(METRICS.thumbnailBytes, thumbnailBytes);
  }

  /** Called with each counted image. A subclass can implement this method. @default - no call */
  protected observedImage?(image: ObservedImage): void;

  /** Called with each response of the HTTP API. A subclass can implement this method. @default - no call */
  protected observedResponse?(response: ObservedResponse): void;

  /** Adds 1 to a detailed metric for one value of the metric's dimension. */
  private countBy({ name, dimension }: RuntimeMetric & { readonly dimension: string }, value: string): void {
    if (this.isDetailed) {
      this.counts.add(name, dimension, value);
    }
  }

  /** Adds 1 to a metric. */
  protected count(metric: RuntimeMetric): void {
    this.add(metric, 1);
  }

  private add({ name, unit }: RuntimeMetric, value: number): void {
    this.metrics.addMetric(name, unit, value);
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
