import type { ForwardingSettings } from '../config/forwarding-settings';
import { RENDER_BASE_BYTES } from '../contract';
import { MemorySemaphore, render, sampleFrames } from '../engine';
import type { Capacity, Render } from '../pipeline';
import { freeBuffers } from './heap';

/** Memory in MiB that a process needs in addition to rendering: memory of the idle process, and memory for transfers. */
const BASE_MEMORY_MIB = 96;
/** Minimum memory budget in MiB for rendering. A render that exceeds the budget still runs alone. */
const MIN_RENDER_MEMORY_MIB = 32;

/** Returns the number of bytes that renders may use in a process with the given memory. */
function renderMemoryBytes(memoryMiB: number): number {
  return Math.max(MIN_RENDER_MEMORY_MIB, memoryMiB - BASE_MEMORY_MIB) * 2 ** 20;
}

/**
 * Returns the engine's `render`, with a semaphore that keeps concurrent renders within the memory of the process. Each process
 * calls this function once for all its pipelines.
 *
 * @param memoryMiB memory that the process may use
 * @param isStrict whether to reject an image that may require more than the memory for rendering; otherwise, the image is
 *   rendered alone
 */
export function renderWithinMemory(memoryMiB: number, isStrict = false): Render {
  return engineWithinMemory(memoryMiB, isStrict).render;
}

/** Functions of the engine that share the memory of a process. */
export interface EngineWithinMemory {
  readonly render: Render;
  readonly sampleFrames: typeof sampleFrames;
}

/** Returns the engine's `render` and `sampleFrames`, with one semaphore for both. See {@link renderWithinMemory}. */
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
 * @param memoryMiB memory that the process may use
 */
export function capacityOf({ fileSizeBytes, durationSeconds }: ForwardingSettings, memoryMiB: number): Capacity {
  // The memory estimate of a rendering includes the file and the base. Therefore, a larger file cannot fit.
  const forFile = Math.max(1, renderMemoryBytes(memoryMiB) - RENDER_BASE_BYTES);
  return { maxFileBytes: Math.min(fileSizeBytes ?? Infinity, forFile), maxDurationSeconds: durationSeconds };
}
