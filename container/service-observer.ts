import { METRICS } from '../runtime/program/metrics';
import { asError, Observer, type ObservedImage, type ObservedResponse } from '../runtime/program/observer';
import type { PrometheusMetrics } from './prometheus-metrics';
import type { ServiceLog } from './start-service';

/**
 * Logger and metrics of the service. Extends {@link Observer} with the events of worker processes and triggers, and with the
 * start and stop of the service.
 */
export class ServiceObserver extends Observer implements ServiceLog {
  private prometheus: PrometheusMetrics | undefined;

  /** {@inheritDoc ServiceLog.trigger} */
  public readonly trigger: ServiceLog['trigger'] = {
    ...this.batchLog,
    queueFailed: (error) => this.logger.error('request to the queue failed', { error }),
    gaveUp: (key, thrown) => {
      this.logger.error('gave up an image until the next comparison of the object stores', {
        key,
        error: asError(thrown),
      });
    },
    reconciledAll: (report) => this.logger.info('compared the object stores', { ...report }),
    reconcileAllFailed: (thrown) => {
      this.logger.error('failed to compare the object stores', { error: asError(thrown) });
    },
    notWatched: (error) => this.logger.warn('cannot watch a file or directory', { error }),
    watchIncomplete: (error, intervalSeconds) => {
      this.logger.warn('cannot watch all source files; comparing the object stores at an interval', {
        error,
        intervalSeconds,
      });
    },
  };

  /** {@inheritDoc WorkerPoolLog.replaced} */
  public readonly replaced: ServiceLog['replaced'] = (worker) => {
    if (worker.reason === 'recycled') {
      this.logger.info('recycled a worker process', { ...worker });
    } else {
      this.logger.error('lost a worker process', { ...worker });
      this.count(METRICS.workerProcessesLost);
      this.prometheus?.workerLost();
    }
  };

  /** {@inheritDoc WorkerPoolLog.startFailed} */
  public readonly startFailed: ServiceLog['startFailed'] = (error) => {
    this.logger.error('failed to start a worker process; retrying', { error });
  };

  /** {@inheritDoc ServiceLog.eventRejected} */
  public readonly eventRejected: ServiceLog['eventRejected'] = ({ code, status, message, cause }) => {
    const fields = { code, status, detail: message, ...(cause !== undefined && { error: asError(cause) }) };
    if (status >= 500) {
      this.logger.error('failed to receive an event', fields);
    } else {
      this.logger.warn('rejected an event', fields);
    }
  };

  /** {@inheritDoc ServiceLog.readinessChanged} */
  public readonly readinessChanged: ServiceLog['readinessChanged'] = (thrown) => {
    if (thrown === undefined) {
      this.logger.info('service is ready again');
    } else {
      this.logger.error('service is not ready', { error: asError(thrown) });
    }
  };

  /**
   * Adds Prometheus metrics. After this call, the observer also counts images, responses and lost worker processes in these
   * metrics.
   */
  public countIn(metrics: PrometheusMetrics): void {
    this.prometheus = metrics;
  }

  protected override observedImage(image: ObservedImage): void {
    this.prometheus?.image(image);
  }

  protected override observedResponse(response: ObservedResponse): void {
    this.prometheus?.response(response);
  }

  /** Logs that the service has started. */
  public started(fields: Readonly<Record<string, string | number | readonly number[]>>): void {
    this.logger.info('service started', { ...fields });
  }

  /** Logs that the service is stopping because of a signal. */
  public stopping(signal: string): void {
    this.logger.info('service is stopping', { signal });
  }
}
