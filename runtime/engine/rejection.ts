/**
 * Why an image was refused. Stable: they stand in manifests, in HTTP problem documents and in callers' code.
 *
 * - `empty`: no bytes
 * - `too-many-bytes`, `too-many-pixels`, `too-many-frames`: over a limit
 * - `unsupported-format`: not an image, or of a format that is not served
 * - `truncated`: the end of the file is missing
 * - `corrupt`: the file breaks its own format
 * - `timeout`: over the limit of time
 * - `out-of-memory`: the decoder was refused memory
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

/** Codes whose cause may be gone at the next try: it lay in the machine and not in the file. */
const RETRYABLE: ReadonlySet<RejectionCode> = new Set(['timeout', 'out-of-memory']);

/** An image that is refused: the file's fault, or one that this machine cannot serve now. */
export class ImageRejection extends Error {
  public override readonly name = 'ImageRejection';

  public constructor(
    /** Why, for programs. */
    public readonly code: RejectionCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether the same bytes could be accepted at another time. */
  public get retryable(): boolean {
    return RETRYABLE.has(this.code);
  }
}
