import { ImageRejection } from '../../engine';
import { SourceChangingError } from '../../pipeline';
import { StoreError, type StoreErrorCode } from '../../storage';
import { Problem, type ProblemCode } from './problem';

/** What a store's failure is to the client, and what may be said of it: its own message can name buckets and paths. */
const STORE_PROBLEMS: Readonly<Record<StoreErrorCode, readonly [code: ProblemCode, detail: string]>> = {
  denied: ['denied', 'the store does not let this service read the image'],
  throttled: ['throttled', 'the store turned the request away because there were too many'],
  unreachable: ['unavailable', 'the store gave no answer, or a broken one'],
  'not-found': ['unavailable', 'the store is not there'],
  'too-large': ['too-many-bytes', 'the image has more bytes than are read'],
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
  if (error instanceof StoreError) {
    const [code, detail] = STORE_PROBLEMS[error.code];
    return new Problem(code, detail, { cause: error });
  }
  if (error instanceof SourceChangingError) {
    return new Problem('changing', error.message, { cause: error });
  }
  return new Problem('internal', 'the request failed for a reason that is in the log of the service', { cause: error });
}
