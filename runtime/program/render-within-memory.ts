import { readMachine } from '../config/machine';
import { SERVICE_VARIABLES } from '../contract';
import { MemorySemaphore, render } from '../engine';
import type { Render } from '../pipeline';
import { freeBuffers } from './heap';

/** MiB that a process has before it renders anything, and as much again for what else it does meanwhile. */
const IDLE = 96;
/** MiB below which the budget does not go: one image at a time is always tried. */
const LEAST = 32;

/**
 * MiB of memory that a process may take: what it was told (MEMORY_LIMIT_MIB, which the container's program gives its children),
 * else what its function has, else what its container or machine has.
 */
export function memoryOf(environment: Readonly<Record<string, string | undefined>>): number {
  const told = [environment[SERVICE_VARIABLES.memoryLimitMiB], environment['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']];
  const first = told.map(Number).find((mebibytes) => Number.isSafeInteger(mebibytes) && mebibytes > 0);
  return first ?? readMachine().memory;
}

/**
 * The engine's rendering, let in by memory: what is rendered at once in this process takes no more than the process has.
 * One for each process, whatever number of pipelines it has.
 *
 * @param memory MiB that the process may take
 */
export function renderWithinMemory(memory: number): Render {
  const memorySemaphore = new MemorySemaphore(Math.max(LEAST, memory - IDLE) * 2 ** 20, memory * 2 ** 20);
  return async (source, options) => {
    try {
      return await render(source, { ...options, memorySemaphore });
    } finally {
      freeBuffers();
    }
  };
}
