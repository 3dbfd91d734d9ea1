import { Annotations } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/**
 * Warns if an image within the limits can take more memory than available, because the runtime rejects such an image.
 *
 * @param finding the prop, its value and the available memory, for the message
 * @param availableMiB memory for one image
 * @param imageMemoryMiB memory that an image can take; undefined for no warning
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
