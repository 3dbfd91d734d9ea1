import { writeFileSync } from 'node:fs';
import type { Pipeline } from '../../runtime/pipeline';
import { sendError, type WorkerReport, type Job } from './protocol';
import { testHooks } from './test-hooks';

/**
 * The whole life of a child: it makes what it needs, says that it is ready, and works on one job after the other until its
 * parent ends it or is gone itself.
 *
 * @param assemble makes the pipeline; what it throws is told to the parent
 */
export async function runWorker(assemble: () => Promise<Pick<Pipeline, 'reconcile'>>): Promise<void> {
  // Ctrl+C in a terminal goes to every process of the group; when a child ends is for the parent to say.
  process.on('SIGINT', ignore).on('SIGTERM', ignore);
  // Without a parent nobody waits for the result, and a thread that hangs in a decoder would keep the process alive.
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  offerToTheOutOfMemoryKiller();
  try {
    const pipeline = await assemble();
    const hook = testHooks(process.env);
    process.on('message', (job: Job) => void work(pipeline, job, hook).then(report));
    report({ kind: 'ready' });
  } catch (error) {
    report({ kind: 'unable', message: error instanceof Error ? error.message : String(error) });
  }
}

async function work(
  pipeline: Pick<Pipeline, 'reconcile'>,
  { id, key, force }: Job,
  hook: (key: string) => void,
): Promise<WorkerReport> {
  try {
    hook(key);
    const outcome = await pipeline.reconcile(key, { force });
    return { kind: 'done', id, outcome, rss: process.memoryUsage.rss() };
  } catch (error) {
    return { kind: 'failed', id, error: sendError(error), rss: process.memoryUsage.rss() };
  }
}

function report(message: WorkerReport): void {
  // The parent may be gone by now: then there is nobody to tell, and the end of the channel ends this process.
  process.send?.(message, undefined, undefined, ignore);
}

/** When a container runs out of memory, the kernel ends a process: it had better be a child than the one that holds the work. */
function offerToTheOutOfMemoryKiller(): void {
  try {
    writeFileSync('/proc/self/oom_score_adj', '500');
  } catch {
    // Not Linux, or not allowed: the kernel chooses by size, which mostly comes to the same.
  }
}

function ignore(): void {}
