/** Memory in MiB of the service process without its worker processes: the value measured under load, plus a margin. */
const SERVICE_MEMORY_MIB = 192;
/** Memory in MiB of the most expensive image within the default limits: docs/explanation/performance.md. */
export const IMAGE_MEMORY_MIB = 512;
/**
 * Measured memory in MiB of a worker process that renders a photo of 16 megapixels. With a lower limit, the service
 * would replace the process after every such photo.
 */
export const MIN_WORKER_MEMORY_MIB = 256;

/**
 * Returns the default number of worker processes of a container.
 *
 * If the memory suffices for the most expensive image in every process, the result is the number of processors plus one. The
 * additional process transfers data while the other processes render.
 *
 * @param cpus processors, 1 or more
 * @param memoryMiB memory of the container
 */
export function workerProcessesFor(cpus: number, memoryMiB: number): number {
  if (memoryPerWorkerMiB(cpus + 1, memoryMiB) >= IMAGE_MEMORY_MIB) {
    return cpus + 1;
  }
  return Math.max(1, Math.min(cpus, Math.floor((memoryMiB - SERVICE_MEMORY_MIB) / MIN_WORKER_MEMORY_MIB)));
}

/** Returns the share of the container's memory in MiB for each worker process. */
export function memoryPerWorkerMiB(workerProcesses: number, memoryMiB: number): number {
  return Math.floor((memoryMiB - SERVICE_MEMORY_MIB) / workerProcesses);
}
