import { ImageRejection } from '../../engine';
import { SourceChangingError } from '../../pipeline';
import { ObjectStoreError, type ObjectStoreErrorCode } from '../../storage';
import { Problem, type ProblemCode } from './problem';

/** What a store's failure is to the client, and what may be said of it: its own message can name buckets and paths. */
const STORE_PROBLEMS: Readonly<Record<ObjectStoreErrorCode, readonly [code: ProblemCode, detail: string]>> = {
  'access-denied': ['access-denied', 'the store does not let this service read the image'],
  'storage-throttled': ['storage-throttled', 'the store turned the request away because there were too many'],
  'storage-unavailable': ['storage-unavailable', 'the store gave no answer, or a broken one'],
  'storage-not-found': ['storage-unavailable', 'the store is not there'],
  'file-too-large': ['file-too-large', 'the image has more bytes than are read'],
  'invalid-key': ['invalid-key', 'the store cannot hold an object of this key'],
};

/** The problem that any thrown value is to the client. What is not known says nothing of its inside. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) {
    return error;
  }
  if (error instanceof ImageRejection) {
    return new Problem(error.code, error.message, { cause: error });
  }
  if (error instanceof ObjectStoreError) {
    const [code, detail] = STORE_PROBLEMS[error.code];
    return new Problem(code, detail, { cause: error });
  }
  if (error instanceof SourceChangingError) {
    return new Problem('source-changed', error.message, { cause: error });
  }
  return new Problem('internal-error', 'the request failed for a reason that is in the log of the service', {
    cause: error,
  });
}
