/**
 * Codes of rejected images. They are part of manifests, HTTP problem documents and the public API, and never change.
 *
 * - `empty-file`: the file has no bytes
 * - `file-too-large`, `too-many-pixels`, `too-many-frames`: the image exceeds a limit
 * - `unsupported-format`: the file is not an image, or its format or a feature of its format is not supported
 * - `truncated`: the end of the file is missing
 * - `corrupt`: the file violates its format
 * - `timeout`: rendering exceeds the time limit
 * - `out-of-memory`: rendering needs more memory than is available
 */
export const REJECTION_CODES = [
  'empty-file',
  'file-too-large',
  'too-many-pixels',
  'too-many-frames',
  'unsupported-format',
  'truncated',
  'corrupt',
  'timeout',
  'out-of-memory',
] as const;
/** One of {@link REJECTION_CODES}. */
export type RejectionCode = (typeof REJECTION_CODES)[number];

/** Codes that depend on the state of the machine, so that a retry can succeed. */
const RETRYABLE: ReadonlySet<RejectionCode> = new Set(['timeout', 'out-of-memory']);

/** Error for an image that is rejected. */
export class ImageRejection extends Error {
  public override readonly name = 'ImageRejection';

  public constructor(
    /** Stable reason. */
    public readonly code: RejectionCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether the same bytes can succeed in a later attempt. */
  public get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}
