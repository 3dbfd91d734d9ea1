import { Duration } from 'aws-cdk-lib';
import { memoryPerWorkerMiB, workerProcessesFor } from '../../../runtime/contract';
import { secondsOf } from '../../private/validation';
import type { ThumbnailWebFunctionOptions } from './thumbnail-web-function-options';

/**
 * Fixed number of CPUs and fixed memory of an execution environment:
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const [CPUS, MEMORY_MIB] = [2, 2048];
export const MAX_TIMEOUT_SECONDS = 900;
/**
 * Default maximum number of concurrent requests of an execution environment:
 * https://docs.aws.amazon.com/lambda/latest/dg/web-functions-scaling.html
 */
export const DEFAULT_CONCURRENCY = 64;
/** Timeout of a web function that renders no images. The longest operation is the deletion of an object, including retries. */
export const WRITE_TIMEOUT = Duration.seconds(30);
/** Time in seconds for waiting and transfers, in addition to the time for rendering. */
const ADDITIONAL_SECONDS = 60;

/** Number of worker processes in an execution environment. */
export const WORKER_PROCESSES = workerProcessesFor(CPUS, MEMORY_MIB);
/** Memory of each worker process in MiB, and therefore for one image. */
export const IMAGE_MEMORY_MIB = memoryPerWorkerMiB(WORKER_PROCESSES, MEMORY_MIB);

/** Finding and fix in the error for a web function that would consume a queue. */
export const NO_WORKER =
  'a web function cannot consume the queue, because it serves only HTTP requests; set api.compute to the web function, and ' +
  'set compute to ThumbnailCompute.lambda(), fargate(), ecs() or hybrid()';

/** Returns the timeout of a request. */
export function timeoutOf({ timeout }: ThumbnailWebFunctionOptions, maxDuration: Duration): Duration {
  if (timeout) {
    return timeout;
  }
  const seconds = Math.ceil(secondsOf(maxDuration) ?? MAX_TIMEOUT_SECONDS) + ADDITIONAL_SECONDS;
  return Duration.seconds(Math.min(MAX_TIMEOUT_SECONDS, seconds));
}
