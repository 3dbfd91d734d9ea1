import { ERROR_CODES } from '../errors/error-codes';

/**
 * Limits of the images that a process can render. A capacity does not affect the thumbnails, and is not part of the
 * fingerprint.
 */
export interface Capacity {
  /** Maximum size in bytes of a source that is read into memory. */
  readonly maxFileBytes: number;
  /** Maximum duration of a rendering. @default - the limit of the settings */
  readonly maxDurationSeconds?: number | undefined;
}

/** An image beyond the capacity of the process. */
export class CapacityError extends Error {
  public override readonly name = 'CapacityError';
  public readonly code = 'out-of-memory';
  public readonly retryable = ERROR_CODES['out-of-memory'].retryable;
}

/** Codes of errors that may not occur in a process with more memory or time. */
const CAPACITY_CODES: ReadonlySet<unknown> = new Set(['out-of-memory', 'timeout']);

/** Returns whether a process with more memory or time may succeed after this error. */
export function isBeyondCapacity(error: unknown): boolean {
  return error instanceof Error && 'code' in error && CAPACITY_CODES.has(error.code);
}
