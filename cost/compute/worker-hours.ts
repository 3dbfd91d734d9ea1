import type { Bound } from '../range';
import { HOUR_SECONDS, MONTH_HOURS, taskSeconds, type WorkerLoad } from './compute-model';

/** Default of the prop `scaleInDelay`, in seconds. */
const SCALE_IN_SECONDS = 300;
/** Time in seconds from the start of a task until the task processes images. */
const START_SECONDS = 60;
/** Default of the prop `backlogPerTask` for tasks with 1 vCPU: number of messages per task. */
const BACKLOG_PER_TASK = 100;
/** Default of the prop `maxCapacity`: maximum number of tasks. */
const MAX_TASKS = 10;

/**
 * Returns the total hours of all worker tasks, and the hours in which at least one task runs.
 *
 * - Batches: a batch starts one task per {@link BACKLOG_PER_TASK} images. After the last image, each task waits for
 *   `scaleInDelay`.
 * - Spread: uploads arrive at random times, with exponentially distributed gaps. A task stops if no image arrives for
 *   `scaleInDelay`, and the next image starts a new task.
 *
 * @param extraIdleSeconds time in seconds for which AWS bills the capacity of a task after the task stops
 */
export function workerHours(
  { images, arrivals, work }: WorkerLoad,
  bound: Bound,
  extraIdleSeconds = 0,
): { all: number; first: number } {
  const busy = (images * taskSeconds(work, bound)) / HOUR_SECONDS;
  const idleSeconds = SCALE_IN_SECONDS + extraIdleSeconds;
  if (images === 0) {
    return { all: 0, first: 0 };
  }
  if (arrivals.kind === 'batches') {
    const batches = Math.min(arrivals.perMonth, images);
    const tasks = Math.min(MAX_TASKS, Math.max(1, Math.ceil(images / batches / BACKLOG_PER_TASK)));
    const idle = (START_SECONDS + idleSeconds) / HOUR_SECONDS;
    const all = busy + batches * tasks * idle;
    return { all, first: Math.min(all / tasks, MONTH_HOURS) };
  }
  const gap = Math.exp((-images * idleSeconds) / (MONTH_HOURS * HOUR_SECONDS));
  const starts = (images * gap * START_SECONDS) / HOUR_SECONDS;
  const up = MONTH_HOURS * (1 - gap) + starts;
  return { all: Math.max(busy, up), first: Math.min(MONTH_HOURS, up) };
}
