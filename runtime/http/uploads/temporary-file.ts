import { randomUUID } from 'node:crypto';
import { type FileHandle, open, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Problem } from '../problems/problem';

/** Prefix of the names of temporary files. */
export const TEMPORARY_PREFIX = 'cdk-thumbnails-upload-';

/**
 * A temporary file that the operating system deletes when the process ends, even after a crash. For this purpose, the class
 * unlinks the file as soon as it is open.
 */
export class TemporaryFile {
  private constructor(
    /** The open file. */
    public readonly handle: FileHandle,
  ) {}

  /**
   * Creates an empty file that only this user can read.
   *
   * @param directory directory of the file. The default is the temporary directory of the operating system.
   * @throws Problem with code `storage-unavailable` if the directory is full or not writable
   */
  public static async create(directory = tmpdir()): Promise<TemporaryFile> {
    const path = join(directory, TEMPORARY_PREFIX + randomUUID());
    let handle: FileHandle | undefined;
    try {
      handle = await open(path, 'wx+', 0o600);
      await unlink(path);
      return new TemporaryFile(handle);
    } catch (error) {
      await handle?.close();
      throw notStored(error);
    }
  }

  /**
   * Appends bytes to the file.
   *
   * @throws Problem with code `storage-unavailable` if the disk is full
   */
  public async append(bytes: Uint8Array): Promise<void> {
    try {
      await this.handle.writeFile(bytes);
    } catch (error) {
      throw notStored(error);
    }
  }

  /** Deletes the file. */
  public close(): Promise<void> {
    return this.handle.close();
  }
}

function notStored(error: unknown): Problem {
  const detail = 'The temporary directory cannot store the file. Check its free space and its permissions.';
  return new Problem('storage-unavailable', detail, { cause: error });
}
