import { types } from 'node:util';
import { ObjectStoreError, type ObjectStoreErrorCode } from '../object-store';

const CODES: Readonly<Record<string, ObjectStoreErrorCode>> = {
  EACCES: 'access-denied',
  EPERM: 'access-denied',
  EROFS: 'access-denied',
  EILSEQ: 'invalid-key',
  ENAMETOOLONG: 'invalid-key',
};

const ADVICE: Readonly<Partial<Record<ObjectStoreErrorCode, string>>> = {
  'access-denied': 'grant the user of this process access to it',
  'invalid-key': 'the file system does not support paths of this length or with these characters',
};

/** Returns whether a file system error has one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && codes.includes(code);
}

/** Returns whether an error means that no regular file exists at the path. ENXIO: the path is a socket. */
function isMissingFile(error: unknown): boolean {
  return hasCode(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'ENXIO');
}

/** Returns the result of an operation on a path, or undefined if the path does not exist. */
export async function ifPresent<Result>(promise: Promise<Result>): Promise<Result | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (isMissingFile(error)) {
      return undefined;
    }
    throw error;
  }
}

/**
 * Converts a file system error to an {@link ObjectStoreError}. Returns other errors unchanged.
 *
 * @param doing completes the sentence "cannot …"
 */
export function toObjectStoreError(error: unknown, doing: string): unknown {
  if (error instanceof ObjectStoreError || !types.isNativeError(error) || !('syscall' in error)) {
    return error;
  }
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  const kind = CODES[code ?? ''] ?? 'storage-unavailable';
  const advice = ADVICE[kind];
  // Node.js appends the system call and the path, which may be one of /proc/self/fd.
  const [reason] = message.split(`, ${syscall}`);
  return new ObjectStoreError(kind, `cannot ${doing}: ${reason}${advice ? ` (${advice})` : ''}`, { cause: error });
}
