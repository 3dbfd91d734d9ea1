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
  'access-denied': 'give the user that runs this the right to it',
  'invalid-key': 'this file system cannot hold a path that long or of these characters',
};

/** Characters of the file system's own message that are passed on. */
const MAX_MESSAGE = 400;

/** Whether an error of the file system has one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === 'string' && codes.includes(code);
}

/** Whether an error says that there is nothing by this path, nor could be. */
export function isMissingFile(error: unknown): boolean {
  return hasCode(error, 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP');
}

/** A promise's result; undefined where there is nothing by the path that it works on. */
export async function ifThere<Result>(promise: Promise<Result>): Promise<Result | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (isMissingFile(error)) {
      return undefined;
    }
    throw error;
  }
}

/** What an error of the file system means to a store's caller. `doing` completes «cannot …». */
export function toObjectStoreError(error: unknown, doing: string): unknown {
  if (error instanceof ObjectStoreError || !types.isNativeError(error) || !('syscall' in error)) {
    return error;
  }
  const { code } = error as NodeJS.ErrnoException;
  const kind = CODES[code ?? ''] ?? 'storage-unavailable';
  const advice = ADVICE[kind];
  // A path can have thousands of characters.
  const said = error.message.length > MAX_MESSAGE ? `${error.message.slice(0, MAX_MESSAGE)}…` : error.message;
  return new ObjectStoreError(kind, `cannot ${doing}: ${said}${advice ? ` (${advice})` : ''}`, { cause: error });
}
