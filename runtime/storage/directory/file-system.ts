import * as fs from 'node:fs';
import { promisify } from 'node:util';

// The file system, by calls that are over when they return. What libuv's pool does waits for one of its four threads, which
// may all be busy with pictures, and a look at a file costs 100 µs there, of which the look itself takes 5: a new image is
// some fifty of them. Only what can take long waits in the pool: objects' bytes, their way to the disk, and directories,
// which hold any number of files.

/** What a file system says of a file, times to the nanosecond. A link is not followed. */
export const lstat = promised((path: string) => fs.lstatSync(path, { bigint: true }));
/** The same, with times in milliseconds; a link is followed. */
export const stat = promised((path: string) => fs.statSync(path));
/** A path without links, and each name as the file system has it. */
export const realpath = promised((path: string) => fs.realpathSync.native(path));
/** Makes one directory. */
export const mkdir = promised((path: string) => fs.mkdirSync(path));
/** Gives a file another name, in one step. */
export const rename = promised((from: string, to: string) => fs.renameSync(from, to));
/** Removes a file. */
export const unlink = promised((path: string) => fs.unlinkSync(path));
/** Removes an empty directory. */
export const rmdir = promised((path: string) => fs.rmdirSync(path));
/** The text in a small file. */
export const readText = promised((path: string) => fs.readFileSync(path, 'utf8'));
/** Writes a small file that is not there yet. */
export const writeText = promised((path: string, text: string) => fs.writeFileSync(path, text, { flag: 'wx' }));
/** Opens a file. */
export const open = promised((path: string, flags: string | number) => new OpenFile(fs.openSync(path, flags)));

const read = promisify(fs.read);
const write = promisify(fs.write);
const fsync = promisify(fs.fsync);

/** A file that is open. */
export class OpenFile {
  /** What the file system says of it now. */
  public readonly stat = promised(() => fs.fstatSync(this.descriptor, { bigint: true }));
  /** Gives it back to the system. */
  public readonly close = promised(() => fs.closeSync(this.descriptor));

  public constructor(private readonly descriptor: number) {}

  /** Fills a buffer from a place of it on with what stands at a place of the file, and tells how many bytes there were: 0 at the end. */
  public async read(buffer: Buffer, offset: number, position: number): Promise<number> {
    const { bytesRead } = await read(this.descriptor, buffer, offset, buffer.length - offset, position);
    return bytesRead;
  }

  /** Appends all of these bytes. */
  public async write(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      at += (await write(this.descriptor, bytes, at, bytes.length - at)).bytesWritten;
    }
  }

  /** Resolves when a power cut could not take away what was written. */
  public async sync(): Promise<void> {
    await fsync(this.descriptor);
  }
}

/** A call whose error is a rejection, as that of a call that takes time. */
function promised<Arguments extends unknown[], Result>(
  call: (...values: Arguments) => Result,
): (...values: Arguments) => Promise<Result> {
  return (...values) => new Promise((resolve) => resolve(call(...values)));
}
