import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { isLegalKey, MAX_KEY_BYTES } from '../../runtime/storage';
import { DirectoryObjectStore } from '../../runtime/storage/directory/directory-object-store';

/** A file to render. */
export interface Input {
  /** Path of the file in messages: relative to the working directory for a relative argument, otherwise absolute. */
  readonly file: string;
  /** Absolute path of the source directory, which the pipeline opens as an object store. */
  readonly directory: string;
  /** Key of the file in the object store of `directory`. */
  readonly key: string;
}

/** Files that the arguments of the command select. */
export interface Inputs {
  /** Files to render. */
  readonly files: readonly Input[];
  /** Files whose paths exceed the maximum length of a key. */
  readonly tooLong: readonly string[];
  /** Messages about unreadable files and directories. */
  readonly warnings: readonly string[];
}

/**
 * Finds the files that the arguments select: the given files, and all files in the given directories. Omits files in
 * the output directory, so that a second run of the command does not render the thumbnails of the first run.
 *
 * @param args paths of files and directories
 * @param out directory of the thumbnails
 * @throws Error if a path does not exist
 * @throws Error if the thumbnails of two files would have identical output paths
 */
export async function findInputs(args: readonly string[], out: string): Promise<Inputs> {
  const inputs = new Map<string, Input>();
  const tooLong = new Set<string>();
  const warnings: string[] = [];
  const results = (await resolveLinks(out)) + sep;
  const isResult = async (file: string): Promise<boolean> => `${await resolveLinks(file)}${sep}`.startsWith(results);
  for (const arg of args) {
    for await (const input of inputsOf(arg, (warning) => warnings.push(warning))) {
      if (await isResult(input.file)) {
        continue;
      }
      const other = inputs.get(input.key);
      if (other && (await resolveLinks(other.file)) !== (await resolveLinks(input.file))) {
        throw new Error(
          `${other.file} and ${input.file} have the same output path ${join(out, input.key)}; ` +
            'render them in separate runs with different output directories',
        );
      }
      inputs.set(input.key, input);
    }
    for (const file of await tooLongIn(arg)) {
      if (!(await isResult(file))) {
        tooLong.add(file);
      }
    }
  }
  return { files: [...inputs.values()], tooLong: [...tooLong], warnings };
}

/**
 * Returns the files of a directory whose paths exceed the maximum length of an S3 key. The listing of the object store omits
 * these files without a warning.
 */
async function tooLongIn(arg: string): Promise<string[]> {
  if (!(await stat(arg)).isDirectory()) {
    return [];
  }
  const directory = resolve(arg);
  const store = new DirectoryObjectStore({ directory: directory });
  // Ignores unreadable directories, because the listing of the object store has already added a warning.
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries.flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const below = relative(directory, path);
    const key = Buffer.byteLength(below) > MAX_KEY_BYTES ? (store.keyOf(path) ?? '') : below;
    return entry.isFile() && !isLegalKey(key) ? [join(arg, below)] : [];
  });
}

async function* inputsOf(arg: string, onWarning: (message: string) => void): AsyncGenerator<Input> {
  const stats = await stat(arg).catch(() => undefined);
  if (!stats) {
    throw new Error(`${arg} does not exist; expected a file or directory`);
  }
  if (!stats.isDirectory()) {
    yield { file: arg, directory: dirname(resolve(arg)), key: basename(resolve(arg)) };
    return;
  }
  const directory = resolve(arg);
  for await (const { key } of new DirectoryObjectStore({ directory: directory, onWarning }).list({ prefix: '' })) {
    yield { file: join(arg, key), directory, key };
  }
}

/** Resolves all symbolic links of a path. Returns the absolute path if the file does not exist. */
async function resolveLinks(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}
