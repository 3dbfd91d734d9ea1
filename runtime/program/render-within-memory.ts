import { MemorySemaphore, render } from '../engine';
import type { Render } from '../pipeline';
import { freeBuffers } from './heap';

/** Memory in MiB that a process needs besides rendering: when idle, and for transfers. */
const BASE_MEMORY_MIB = 96;
/** Minimum memory budget in MiB for rendering. A render that exceeds the budget still runs alone. */
const MIN_RENDER_MEMORY_MIB = 32;

/**
 * Returns the engine's `render`, with a semaphore that keeps concurrent renders within the memory of the process. Each
 * process calls this once, for all its pipelines.
 *
 * @param memoryMiB memory that the process may use
 */
export function renderWithinMemory(memoryMiB: number): Render {
  const forRendering = Math.max(MIN_RENDER_MEMORY_MIB, memoryMiB - BASE_MEMORY_MIB);
  const memorySemaphore = new MemorySemaphore(forRendering * 2 ** 20, memoryMiB * 2 ** 20);
  return async (source, options) => {
    try {
      return await render(source, { ...options, memorySemaphore });
    } finally {
      freeBuffers();
    }
  };
}
