import { asError, Observer } from '../runtime/program/observer';
import type { ServiceLog } from './service';

/** Name of the metric: child processes that crashed, hung or took too much memory. */
export const WORKER_PROCESSES_LOST = 'WorkerProcessesLost';

/** What the container writes, beside what the functions do: of its children, its queue, and its own beginning and end. */
export class ServiceObserver extends Observer implements ServiceLog {
  /** What the work has to say that is not about one image. */
  public readonly work: ServiceLog['work'] = {
    ...this.batchLog,
    queueFailed: (error) => this.logger.error('the queue did not do what it was asked', { error }),
    givenUp: (key, thrown) => {
      this.logger.error('gave up an image until the stores are compared again', { key, error: asError(thrown) });
    },
    reconciledAll: (report) => this.logger.info('compared the stores', { ...report }),
    reconcileAllFailed: (thrown) => this.logger.error('cannot compare the stores', { error: asError(thrown) }),
  };

  /** {@inheritDoc PoolLog.replaced} */
  public readonly replaced: ServiceLog['replaced'] = (child) => {
    if (child.reason === 'spent') {
      this.logger.info('replaced a child process after its job', { ...child });
    } else {
      this.logger.error('lost a child process', { ...child });
      this.count(WORKER_PROCESSES_LOST);
    }
  };

  /** {@inheritDoc PoolLog.notStarted} */
  public readonly notStarted: ServiceLog['notStarted'] = (error) => {
    this.logger.error('cannot start a child process, it is tried again', { error });
  };

  /** {@inheritDoc ServiceLog.ready} */
  public readonly ready: ServiceLog['ready'] = (thrown) => {
    if (thrown === undefined) {
      this.logger.info('the service can do its work again');
    } else {
      this.logger.error('the service cannot do its work', { error: asError(thrown) });
    }
  };

  /** Takes note of the beginning. */
  public started(facts: Readonly<Record<string, string | number | readonly number[]>>): void {
    this.logger.info('the service runs', { ...facts });
  }

  /** Takes note of the signal to end. */
  public stopping(signal: string): void {
    this.logger.info('the service ends', { signal });
  }
}
