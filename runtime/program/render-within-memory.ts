import type { ForwardingSettings } from '../config/forwarding-settings';
import { RENDER_BASE_BYTES } from '../contract';
import { MemorySemaphore, render, sampleFrames } from '../engine';
import type { Capacity, Render } from '../pipeline';
import { freeBuffers } from './heap';

/** Memory in MiB that a process uses without rendering: at idle, and for the requests to the object stores. */
const BASE_MEMORY_MIB = 96;
/** Minimum memory budget in MiB for all concurrent renders. A render that exceeds the budget runs alone. */
const MIN_RENDER_MEMORY_MIB = 32;

/** Returns the memory in bytes that all concurrent renders of a process may use together. */
function renderMemoryBytes(memoryMiB: number): number {
  return Math.max(MIN_RENDER_MEMORY_MIB, memoryMiB - BASE_MEMORY_MIB) * 2 ** 20;
}

/**
 * Returns the engine's `render` with a semaphore. The semaphore limits the memory of concurrent renders. Each process must call
 * this function only once, so that all pipelines of the process share the semaphore.
 *
 * @param memoryMiB memory in MiB that the process may use
 * @param isStrict if true, the returned function rejects an image whose estimated memory exceeds the limit. If false, the
 *   function renders such an image alone.
 */
export function renderWithinMemory(memoryMiB: number, isStrict = false): Render {
  return engineWithinMemory(memoryMiB, isStrict).render;
}

/** Functions of the engine that share the memory of a process. */
export interface EngineWithinMemory {
  readonly render: Render;
  readonly sampleFrames: typeof sampleFrames;
}

/** Returns the engine's `render` and `sampleFrames` with a shared semaphore. See {@link renderWithinMemory}. */
export function engineWithinMemory(memoryMiB: number, isStrict = false): EngineWithinMemory {
  const forRendering = renderMemoryBytes(memoryMiB);
  const memorySemaphore = new MemorySemaphore(forRendering, isStrict ? forRendering : memoryMiB * 2 ** 20);
  const freeing = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } finally {
      freeBuffers();
    }
  };
  return {
    render: (source, options) => freeing(render(source, { ...options, memorySemaphore })),
    sampleFrames: (source, options) => freeing(sampleFrames(source, { ...options, memorySemaphore })),
  };
}

/**
 * Returns the capacity of a process that forwards images.
 *
 * @param memoryMiB memory in MiB that the process may use
 */
export function capacityOf({ fileSizeBytes, durationSeconds }: ForwardingSettings, memoryMiB: number): Capacity {
  // The memory estimate of a rendering includes the file and RENDER_BASE_BYTES. Therefore, a file that is larger than `forFile`
  // always exceeds the memory for rendering.
  const forFile = Math.max(1, renderMemoryBytes(memoryMiB) - RENDER_BASE_BYTES);
  return { maxFileBytes: Math.min(fileSizeBytes ?? Infinity, forFile), maxDurationSeconds: durationSeconds };
}
