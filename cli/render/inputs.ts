import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { DirectoryObjectStore, isLegalKey, MAX_KEY_BYTES } from '../../runtime/storage';

/** A file to render. */
export interface Input {
  /** Path for messages, relative to the working directory if the argument was. */
  readonly file: string;
  /** Absolute path of the directory that serves as object store. */
  readonly directory: string;
  /** Key of the file in that directory. */
  readonly key: string;
}

/** The files that the arguments of the command name. */
export interface Inputs {
  /** Files to render. */
  readonly files: readonly Input[];
  /** Files whose path exceeds the length of a key. */
  readonly tooLong: readonly string[];
  /** Messages about files and directories that this process cannot read. */
  readonly warnings: readonly string[];
}

/**
 * Finds the files that the arguments of the command name: files, and all files in directories. Omits the output directory, so that
 * a second run does not render the thumbnails of the first run.
 *
 * @param args paths of files and directories
 * @param out directory of the thumbnails
 * @throws Error if a path does not exist
 * @throws Error if the thumbnails of two files would have the same path
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

/** Returns the files of a directory that its object store omits because S3 does not support a key of this length. */
async function tooLongIn(arg: string): Promise<string[]> {
  if (!(await stat(arg)).isDirectory()) {
    return [];
  }
  const directory = resolve(arg);
  const store = new DirectoryObjectStore({ directory: directory });
  // Unreadable directories have a warning already.
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

/** Returns a path with all links resolved, or the absolute path if nothing exists there. */
async function resolveLinks(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}
