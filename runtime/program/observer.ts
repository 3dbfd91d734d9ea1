import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import type { Context } from 'aws-lambda';
import type { ResponseReport } from '../http';
import type { Outcome, Reconcile } from '../pipeline';
import type { BatchLog } from './message-batch';

/** Names of the metrics. Namespace and the dimension `service` come from POWERTOOLS_METRICS_NAMESPACE and POWERTOOLS_SERVICE_NAME. */
export const METRICS = {
  /** Images whose thumbnails were made. */
  made: 'ImagesMade',
  /** Images whose thumbnails were there already. */
  unchanged: 'ImagesUnchanged',
  /** Images that were refused for good. */
  rejected: 'ImagesRejected',
  /** Images that are gone, and whose thumbnails were removed. */
  deleted: 'ImagesDeleted',
  /** Tries that ended with an error. */
  failed: 'ImagesFailed',
  /** Milliseconds from the look at the source to the manifest, of images whose thumbnails were made. */
  renderTime: 'RenderTime',
} as const;

/** What the doors write: one line of JSON for each image that was worked on, and counts. Never what objects hold. */
export class Observer {
  public constructor(
    protected readonly logger: Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'addContext'> = new Logger(),
    protected readonly metrics: Pick<
      Metrics,
      'addMetric' | 'hasStoredMetrics' | 'publishStoredMetrics'
    > = new Metrics(),
  ) {}

  /** Lets every line of an invocation say which one it is of. */
  public begin(context: Context): void {
    this.logger.addContext(context);
  }

  /** Writes the counts of an invocation. */
  public end(): void {
    if (this.metrics.hasStoredMetrics()) {
      this.metrics.publishStoredMetrics();
    }
  }

  /** Returns a function that reconciles, and logs and counts each outcome. */
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

  /** Takes note of an answer: those that are this program's fault stand out, the others are for whoever looks closely. */
  public readonly responded = ({ error, ...answer }: ResponseReport): void => {
    if (answer.status >= 500 || answer.code === 'access-denied') {
      this.logger.error('answered with an error', { ...answer, ...(error && { error }) });
    } else {
      this.logger.debug('answered', { ...answer });
    }
  };

  /** What the work on a batch has to say. */
  public readonly batchLog: BatchLog = {
    malformed: ({ messageId }, error) => {
      this.logger.error('a message is no event of S3', { messageId, error: asError(error) });
    },
    foreign: (bucket, key) => this.logger.warn('a message is about another bucket', { bucket, key }),
    deadlineExceeded: (keys) => this.logger.warn('the time is over, the rest comes again', { keys: keys.length }),
  };

  private reconciled(outcome: Outcome, milliseconds: number): void {
    const { key, status } = outcome;
    const entry = { key, status, milliseconds };
    switch (outcome.status) {
      case 'made':
        this.logger.info('made the thumbnails of an image', { ...entry });
        this.count(METRICS.made);
        this.metrics.addMetric(METRICS.renderTime, MetricUnit.Milliseconds, milliseconds);
        return;
      case 'unchanged':
        this.logger.info('the thumbnails of an image are what they should be', { ...entry });
        return this.count(METRICS.unchanged);
      case 'rejected':
        this.logger.warn('refused an image', {
          ...entry,
          ...(outcome.manifest.status === 'rejected' && { code: outcome.manifest.rejection.code }),
        });
        return this.count(METRICS.rejected);
      case 'deleted':
        // Nobody is interested in an image that was never there: anyone can ask the API for one.
        if (outcome.removed > 0) {
          this.logger.info('removed the thumbnails of an image', { ...entry, removed: outcome.removed });
          this.count(METRICS.deleted);
        }
        return;
      case 'ignored':
        this.logger.debug('left a key alone', { ...entry });
    }
  }

  private threw(key: string, thrown: unknown, milliseconds: number): void {
    const error = asError(thrown);
    const code = 'code' in error ? error.code : undefined;
    if (code === 'shutting-down') {
      this.logger.info('left an image for later, because the process is about to end', { key });
      return;
    }
    this.logger.error('failed to make the thumbnails of an image', {
      key,
      status: 'failed',
      ...(typeof code === 'string' && { code }),
      milliseconds,
      error,
    });
    this.count(METRICS.failed);
  }

  /** Counts one of what the name says. */
  protected count(name: string): void {
    this.metrics.addMetric(name, MetricUnit.Count, 1);
  }
}

/** What was thrown, as an error. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
