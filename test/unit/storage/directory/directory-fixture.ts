import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { DirectoryObjectStore } from '../../../../runtime/storage/directory/directory-object-store';
import { all } from '../contract/listing';

/** Skips a test on Windows. */
export const onPosix = process.platform === 'win32' ? test.skip : test;

/** Options of a write without optional attributes. */
export const plain = { contentType: 'text/plain' };

/** Returns the ETag of an object with this text. */
export function digest(content: string | Buffer): string {
  return createHash('md5').update(content).digest('hex');
}

/** A {@link DirectoryObjectStore} in a temporary directory that exists for one test. */
export class DirectoryFixture {
  /** Warnings of {@link store}. */
  public readonly warnings: string[] = [];
  /** Object store in {@link root}. */
  public readonly store: DirectoryObjectStore;

  private constructor(
    /** Temporary directory outside of the root. */
    public readonly base: string,
    /** Root of the object store. */
    public readonly root: string,
  ) {
    this.store = new DirectoryObjectStore({ directory: root, onWarning: (warning) => this.warnings.push(warning) });
  }

  /** Creates an empty root. */
  public static async create(): Promise<DirectoryFixture> {
    const base = await realpath(await mkdtemp(join(tmpdir(), 'cdk-thumbnails-directory-')));
    const root = join(base, 'images');
    await mkdir(root);
    return new DirectoryFixture(base, root);
  }

  /** Deletes the temporary directory. */
  public remove(): Promise<void> {
    return rm(this.base, { recursive: true, force: true });
  }

  /** Writes a file as a user does, without the object store. Returns the path. */
  public async drop(path: string, content: string | Buffer): Promise<string> {
    const whole = join(this.root, path);
    await mkdir(dirname(whole), { recursive: true });
    await writeFile(whole, content);
    return whole;
  }

  /** Returns the keys of all objects. */
  public async keys(): Promise<string[]> {
    return (await all(this.store)).map(({ key }) => key);
  }

  /** Returns the content of an object. */
  public async text(key: string): Promise<string | undefined> {
    return (await this.store.get(key, { maxBytes: 1000 }))?.body.toString();
  }

  /** Returns the paths of all files below the root, without the files that store attributes and without temporary files. */
  public async files(): Promise<string[]> {
    const entries = await readdir(this.root, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory())
      .map((entry) => relative(this.root, join(entry.parentPath, entry.name)))
      .filter((path) => !path.startsWith('.cdk-thumbnails'))
      .sort();
  }

  /** Returns the paths of all sidecars. */
  public async sidecars(): Promise<string[]> {
    const objects = join(this.root, '.cdk-thumbnails', 'objects');
    const entries = await readdir(objects, { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  }
}
