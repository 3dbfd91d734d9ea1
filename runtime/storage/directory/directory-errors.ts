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

/** Returns whether an error of the file system has one of several codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && codes.includes(code);
}

/** Returns whether an error means that a path does not contain a regular file. For example, a socket results in ENXIO. */
function isMissingFile(error: unknown): boolean {
  return hasCode(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'ENXIO');
}

/** Returns the result of an operation on a path. Returns undefined if the path does not exist. */
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
 * Converts an error of the file system to an {@link ObjectStoreError}. Returns other errors unchanged.
 *
 * @param doing description of the operation, for the error message `cannot ${doing}: …`
 */
export function toObjectStoreError(error: unknown, doing: string): unknown {
  if (error instanceof ObjectStoreError || !types.isNativeError(error) || !('syscall' in error)) {
    return error;
  }
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  const kind = CODES[code ?? ''] ?? 'storage-unavailable';
  const advice = ADVICE[kind];
  // Node.js appends the system call and the path. The message omits the path, because it can be an internal path in
  // /proc/self/fd.
  const [reason] = message.split(`, ${syscall}`);
  return new ObjectStoreError(kind, `cannot ${doing}: ${reason}${advice ? ` (${advice})` : ''}`, { cause: error });
}
