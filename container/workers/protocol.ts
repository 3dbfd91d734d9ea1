import { ANALYSIS_ERROR_CODES, AnalysisError } from '../../runtime/analysis';
import { ImageRejection, REJECTION_CODES } from '../../runtime/engine';
import { SourceChangingError, type Outcome } from '../../runtime/pipeline';
import { OBJECT_STORE_ERROR_CODES, ObjectStoreError } from '../../runtime/storage';

/** Message from the service to a worker process: reconcile one source key. */
export interface Job {
  readonly id: number;
  readonly key: string;
  /** Render even if the thumbnail set is current. */
  readonly force: boolean;
  /** Whether to reject the image if its analysis fails. @default false */
  readonly rejectsUnanalyzed?: boolean;
}

/** Message from a worker process to the service. All values are JSON. */
export type WorkerReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'start-failed'; readonly message: string }
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly outcome: Outcome;
      /** Resident memory of the worker process after the job, in bytes. */
      readonly rssBytes: number;
    }
  | { readonly kind: 'failed'; readonly id: number; readonly error: SerializedError; readonly rssBytes: number };

/** Error as a JSON value. */
export interface SerializedError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  readonly retryable?: boolean;
}

/** Returns the JSON form of any thrown value. {@link deserializeError} restores the value. */
export function serializeError(thrown: unknown): SerializedError {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const { name, message, stack } = error;
  return {
    name,
    message,
    ...(stack !== undefined && { stack }),
    ...('code' in error && typeof error.code === 'string' && { code: error.code }),
    ...('retryable' in error && typeof error.retryable === 'boolean' && { retryable: error.retryable }),
  };
}

/**
 * Restores an error of a worker process. Errors that callers identify with `instanceof` have their original class. All others
 * are of class `Error`, with the original name, code and `retryable` flag.
 *
 * @param key source key of the job
 */
export function deserializeError(serialized: SerializedError, key: string): Error {
  const error = knownError(serialized, key) ?? unknownError(serialized);
  if (serialized.stack !== undefined) {
    error.stack = serialized.stack;
  }
  return error;
}

function knownError({ name, code, message }: SerializedError, key: string): Error | undefined {
  const rejection = REJECTION_CODES.find((known) => known === code);
  const failedAnalysis = ANALYSIS_ERROR_CODES.find((known) => known === code);
  const failure = OBJECT_STORE_ERROR_CODES.find((known) => known === code);
  switch (name) {
    case 'ImageRejection':
      return rejection && new ImageRejection(rejection, message);
    case 'ObjectStoreError':
      return failure && new ObjectStoreError(failure, message);
    case 'AnalysisError':
      return failedAnalysis && new AnalysisError(failedAnalysis, message);
    case 'SourceChangingError':
      return new SourceChangingError(key);
    default:
      return undefined;
  }
}

function unknownError({ name, message, code, retryable }: SerializedError): Error {
  const fields = { name, ...(code !== undefined && { code }), ...(retryable !== undefined && { retryable }) };
  return Object.assign(new Error(message), fields);
}
