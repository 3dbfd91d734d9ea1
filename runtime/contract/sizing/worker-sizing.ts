/** Memory in MiB of the service process without its worker processes: the measured memory under load plus a margin. */
const SERVICE_MEMORY_MIB = 192;
/** Memory in MiB for the most expensive image within the default limits. See docs/explanation/performance.md. */
export const IMAGE_MEMORY_MIB = 512;
/**
 * Measured memory in MiB of a worker process that renders a photo of 16 megapixels. With a lower memory limit, the service
 * would replace the worker process after every photo of this size.
 */
export const MIN_WORKER_MEMORY_MIB = 256;

/**
 * Returns the default number of worker processes of a container.
 *
 * With enough memory for the most expensive image in every process, the result is the number of CPUs plus one. The additional
 * process reads and writes object stores while the other processes render.
 *
 * @param cpus number of CPUs, 1 or more
 * @param memoryMiB memory of the container in MiB
 */
export function workerProcessesFor(cpus: number, memoryMiB: number): number {
  if (memoryPerWorkerMiB(cpus + 1, memoryMiB) >= IMAGE_MEMORY_MIB) {
    return cpus + 1;
  }
  return Math.max(1, Math.min(cpus, Math.floor((memoryMiB - SERVICE_MEMORY_MIB) / MIN_WORKER_MEMORY_MIB)));
}

/** Returns the memory in MiB for each worker process: equal parts of the memory that the service process leaves. */
export function memoryPerWorkerMiB(workerProcesses: number, memoryMiB: number): number {
  return Math.floor((memoryMiB - SERVICE_MEMORY_MIB) / workerProcesses);
}
