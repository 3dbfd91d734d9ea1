import { ERROR_CODES } from '../errors/error-codes';

/** Code of a failed analysis. */
export type AnalysisErrorCode = 'analysis-throttled' | 'analysis-unavailable';

/** Codes of failed analyses. */
export const ANALYSIS_ERROR_CODES: readonly AnalysisErrorCode[] = ['analysis-throttled', 'analysis-unavailable'];

/** Error for an image whose analysis failed. The image is neither accepted nor rejected. A later attempt can succeed. */
export class AnalysisError extends Error {
  public override readonly name = 'AnalysisError';
  public readonly retryable = ERROR_CODES['analysis-unavailable'].retryable;

  public constructor(
    public readonly code: AnalysisErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
