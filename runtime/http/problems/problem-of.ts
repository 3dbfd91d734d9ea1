import { AnalysisError } from '../../analysis';
import { ImageRejection } from '../../engine';
import { SourceChangingError } from '../../pipeline';
import { ObjectStoreError, type ObjectStoreErrorCode } from '../../storage';
import { Problem } from './problem';

/** Details of problems by object store error. The details omit the messages, which can contain names of buckets and paths. */
const STORAGE_DETAILS: Readonly<Record<ObjectStoreErrorCode, string>> = {
  'access-denied': 'The object store denied access to the image.',
  archived: 'The image is archived. It must be restored before its thumbnails can be created.',
  'not-scanned': 'The malware scan of the image has not ended.',
  'storage-throttled': 'The object store throttled the request.',
  'storage-unavailable': 'The object store did not respond, or returned an error.',
  'storage-not-found': 'The bucket or directory does not exist.',
  'file-too-large': 'The image exceeds the maximum file size.',
  'invalid-key': 'The object store does not support this key.',
};

/** Returns the problem for a thrown value. An unexpected error results in the code `internal-error` without details. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) {
    return error;
  }
  if (error instanceof ImageRejection) {
    return new Problem(error.code, error.message, { cause: error });
  }
  if (error instanceof ObjectStoreError) {
    return new Problem(error.code, STORAGE_DETAILS[error.code], { cause: error });
  }
  if (error instanceof AnalysisError) {
    // The detail omits the message, because the message can contain the name of a function or the origin of an endpoint.
    return new Problem(error.code, 'The analysis of the image failed temporarily.', { cause: error });
  }
  if (error instanceof SourceChangingError) {
    return new Problem('source-changed', error.message, { cause: error });
  }
  return new Problem('internal-error', 'The request failed unexpectedly. The log of the service contains the error.', {
    cause: error,
  });
}
