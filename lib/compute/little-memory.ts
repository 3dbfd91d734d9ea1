import { Annotations, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { memoryPerWorkerMiB } from '../../runtime/contract';

/**
 * Warns if an image within the limits can require more than the available memory. The runtime rejects such an image.
 *
 * @param finding start of the message: the prop, its value and the available memory
 * @param availableMiB available memory for one image in MiB
 * @param imageMemoryMiB maximum memory in MiB that an image requires; no warning if undefined
 */
export function warnOfLittleMemory(
  scope: Construct,
  finding: string,
  availableMiB: number,
  imageMemoryMiB: number | undefined,
): void {
  if (imageMemoryMiB === undefined || availableMiB >= imageMemoryMiB) {
    return;
  }
  Annotations.of(scope).addWarningV2(
    'cdk-thumbnails:littleMemory',
    `${finding}, but images within limits can take ${imageMemoryMiB} MiB. Increase the memory, or decrease ` +
      'limits.maxFileSize, limits.maxPixels or limits.maxProgressivePixels.',
  );
}

/**
 * Warns if an image within the limits can require more memory than a worker process of a container has.
 *
 * @param memoryLimitMiB memory of the container in MiB; no warning for a token
 * @param workerProcesses number of worker processes of the container; no warning if undefined
 * @param imageMemoryMiB maximum memory in MiB that an image requires; no warning if undefined
 */
export function warnOfLittleContainerMemory(
  scope: Construct,
  memoryLimitMiB: number,
  workerProcesses: number | undefined,
  imageMemoryMiB: number | undefined,
): void {
  if (workerProcesses === undefined || Token.isUnresolved(memoryLimitMiB)) {
    return;
  }
  const available = memoryPerWorkerMiB(workerProcesses, memoryLimitMiB);
  warnOfLittleMemory(
    scope,
    `memoryLimitMiB: ${memoryLimitMiB} leaves ${available} MiB for one image`,
    available,
    imageMemoryMiB,
  );
}
