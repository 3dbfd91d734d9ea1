import { writeFileSync } from 'node:fs';
import type { Pipeline } from '../../runtime/pipeline';
import { serializeError, type Job, type WorkerReport } from './protocol';

/**
 * Runs a worker process: opens the pipeline, reports `ready`, and processes jobs sequentially. The process ends when the
 * service kills the process or disconnects.
 *
 * @param openPipeline opens the pipeline; the worker process reports a rejection as `start-failed`
 */
export async function runWorker(openPipeline: () => Promise<Pick<Pipeline, 'reconcile'>>): Promise<void> {
  // Ctrl+C sends a signal to every process of the group. This process ignores the signal, because the service ends its worker
  // processes.
  process.on('SIGINT', ignore).on('SIGTERM', ignore);
  // The process ends with SIGKILL, because a hanging decoder thread would block a regular exit.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  raiseOutOfMemoryScore();
  try {
    const pipeline = await openPipeline();
    process.on('message', (job: Job) => void runJob(pipeline, job).then(send));
    send({ kind: 'ready' });
  } catch (error) {
    send({ kind: 'start-failed', message: error instanceof Error ? error.message : String(error) });
  }
}

async function runJob(
  pipeline: Pick<Pipeline, 'reconcile'>,
  { id, key, force, rejectsUnanalyzed = false }: Job,
): Promise<WorkerReport> {
  try {
    const outcome = await pipeline.reconcile(key, { force, rejectsUnanalyzed });
    return { kind: 'done', id, outcome, rssBytes: process.memoryUsage.rss() };
  } catch (error) {
    return { kind: 'failed', id, error: serializeError(error), rssBytes: process.memoryUsage.rss() };
  }
}

function send(report: WorkerReport): void {
  // The callback ignores the error of a report that is sent after the end of the service. The event `disconnect` then ends this
  // process.
  process.send?.(report, undefined, undefined, ignore);
}

/** Makes the kernel end a worker process instead of the service process when a container runs out of memory. */
function raiseOutOfMemoryScore(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '500');
  } catch {
    // The system is not Linux or denies the change. The kernel then selects a process by memory size, which is usually
    // a worker process.
  }
}

function ignore(): void {}
