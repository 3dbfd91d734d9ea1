import { ERROR_CODES, errorCodeDetails, type ErrorCode } from '../errors/error-codes';

/** Code of a rejected image: an error code of the kind `image`. */
export type RejectionCode = {
  [Code in ErrorCode]: (typeof ERROR_CODES)[Code]['kind'] extends 'image' ? Code : never;
}[ErrorCode];

/**
 * Codes of rejected images. Manifests, HTTP problem documents and the public API contain these codes. A code never changes.
 */
export const REJECTION_CODES = Object.keys(ERROR_CODES).filter(
  (code) => ERROR_CODES[code as ErrorCode].kind === 'image',
) as [RejectionCode, ...RejectionCode[]];

/** Error for an image that the engine rejects. */
export class ImageRejection extends Error {
  public override readonly name = 'ImageRejection';

  public constructor(
    /** Stable code of the reason. */
    public readonly code: RejectionCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }

  /** Whether a later attempt with the same bytes can succeed. */
  public get retryable(): boolean {
    return errorCodeDetails(this.code).retryable;
  }
}
