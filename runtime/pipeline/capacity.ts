import { ERROR_CODES } from '../errors/error-codes';

/**
 * Limits of the images that a process can render. A capacity does not affect the content of thumbnails. Therefore, the
 * fingerprint of a thumbnail set does not include the capacity.
 */
export interface Capacity {
  /** Maximum size in bytes of a source that the process reads into memory. */
  readonly maxFileBytes: number;
  /** Maximum duration of a rendering in seconds. @default - `limits.maxDurationSeconds` of the thumbnails */
  readonly maxDurationSeconds?: number | undefined;
}

/** Error for an image that exceeds the capacity of the process. */
export class CapacityError extends Error {
  public override readonly name = 'CapacityError';
  public readonly code = 'out-of-memory';
  public readonly retryable = ERROR_CODES['out-of-memory'].retryable;
}

/** Codes of errors that more memory or a longer time limit can prevent. */
const CAPACITY_CODES: ReadonlySet<unknown> = new Set(['out-of-memory', 'timeout']);

/** Returns whether a process with more memory or a longer time limit can succeed after an error. */
export function isBeyondCapacity(error: unknown): boolean {
  return error instanceof Error && 'code' in error && CAPACITY_CODES.has(error.code);
}
