import { readdirSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { DirectoryObjectStore, isLegalKey, MAX_KEY_BYTES, openObjectStore } from '../../runtime/storage';

/** A file that is to be rendered. */
export interface Input {
  /** As a person would name it: what was said on the command line, and the path below it. */
  readonly file: string;
  /** Absolute path of the folder below which the file lies. */
  readonly folder: string;
  /** Its key in that folder. */
  readonly key: string;
}

/** The files that are meant by words on the command line. */
export interface Inputs {
  readonly files: readonly Input[];
  /** Files that no object can stand for, because their path is longer than a key may be. */
  readonly tooLong: readonly string[];
}

/**
 * The files that are meant by words on the command line: files themselves, and all that lie below folders. What lies
 * below the folder for the results is left out, so that a second run does not take the first one's thumbnails for photos.
 *
 * @param out folder that the thumbnails go to
 * @throws Error when something is not there, or two files would have their thumbnails in the same place
 */
export async function findInputs(words: readonly string[], out: string): Promise<Inputs> {
  const inputs = new Map<string, Input>();
  const tooLong = new Set<string>();
  const results = real(out) + sep;
  for (const word of words) {
    for await (const input of inputsOf(word)) {
      if (`${real(input.file)}${sep}`.startsWith(results)) {
        continue;
      }
      const other = inputs.get(input.key);
      if (other && real(other.file) !== real(input.file)) {
        throw new Error(
          `the thumbnails of ${other.file} and ${input.file} would both go to ${join(out, input.key)}; render them apart`,
        );
      }
      inputs.set(input.key, input);
    }
    for (const file of tooLongBelow(word)) {
      if (!real(file).startsWith(results)) {
        tooLong.add(file);
      }
    }
  }
  return { files: [...inputs.values()], tooLong: [...tooLong] };
}

/** Files below a folder that its store does not list, since S3 could not hold an object by their path. */
function tooLongBelow(word: string): string[] {
  if (!statSync(word).isDirectory()) {
    return [];
  }
  const folder = resolve(word);
  const store = new DirectoryObjectStore({ directory: folder });
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const below = relative(folder, path);
    const key = Buffer.byteLength(below) > MAX_KEY_BYTES ? (store.keyOf(path) ?? '') : below;
    return entry.isFile() && !isLegalKey(key) ? [join(word, below)] : [];
  });
}

async function* inputsOf(word: string): AsyncGenerator<Input> {
  const stats = statSync(word, { throwIfNoEntry: false });
  if (!stats) {
    throw new Error(`there is no file or folder ${word}`);
  }
  if (!stats.isDirectory()) {
    yield { file: word, folder: dirname(resolve(word)), key: basename(resolve(word)) };
    return;
  }
  const folder = resolve(word);
  for await (const { key } of (await openObjectStore('directory', folder)).list({ prefix: '' })) {
    yield { file: join(word, key), folder, key };
  }
}

/** Where a path leads, whatever links are on the way; the path itself where there is nothing yet. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return resolve(path);
  }
}
