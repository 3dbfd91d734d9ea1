import { ImageRejection, REJECTION_CODES } from '../../runtime/engine';
import { SourceChangingError, type Outcome } from '../../runtime/pipeline';
import { OBJECT_STORE_ERROR_CODES, ObjectStoreError } from '../../runtime/storage';

/** What the service asks of a child: to make the thumbnails of one key agree with its source. */
export interface Job {
  readonly id: number;
  readonly key: string;
  /** Make them anew even if they are what the source asks for. */
  readonly force: boolean;
}

/** What a child tells the service. All of it is JSON. */
export type WorkerReport =
  | { readonly kind: 'ready' }
  | { readonly kind: 'unable'; readonly message: string }
  | {
      readonly kind: 'done';
      readonly id: number;
      readonly outcome: Outcome;
      /** Bytes of resident memory after the job. */
      readonly rss: number;
    }
  | { readonly kind: 'failed'; readonly id: number; readonly error: SentError; readonly rss: number };

/** An error on its way between processes. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack?: string;
  readonly code?: string;
  readonly retryable?: boolean;
}

/** Anything that was thrown, so that {@link receiveError} gives it back. */
export function sendError(thrown: unknown): SentError {
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

/** The error that a child threw: of the same class where others tell it by that, else of the same name. */
export function receiveError(sent: SentError, key: string): Error {
  const error = ofItsClass(sent, key) ?? Object.assign(new Error(sent.message), withoutClass(sent));
  if (sent.stack !== undefined) {
    error.stack = sent.stack;
  }
  return error;
}

function ofItsClass({ name, code, message }: SentError, key: string): Error | undefined {
  const rejection = REJECTION_CODES.find((known) => known === code);
  const failure = OBJECT_STORE_ERROR_CODES.find((known) => known === code);
  switch (name) {
    case 'ImageRejection':
      return rejection && new ImageRejection(rejection, message);
    case 'ObjectStoreError':
      return failure && new ObjectStoreError(failure, message);
    case 'SourceChangingError':
      return new SourceChangingError(key);
    default:
      return undefined;
  }
}

function withoutClass({ name, code, retryable }: SentError): Partial<SentError> {
  return { name, ...(code !== undefined && { code }), ...(retryable !== undefined && { retryable }) };
}
