import type { ListedObject } from '../../storage';
import { isSetFile } from './thumbnail-keys';

/** A folder in the object store of the thumbnails. The files are manifests and thumbnails, according to their names. */
export interface StoredFolder {
  /** Key prefix without a trailing slash. */
  readonly name: string;
  readonly files: ReadonlyMap<string, ListedObject>;
}

interface OpenFolder extends StoredFolder {
  readonly files: Map<string, ListedObject>;
}

/**
 * Groups the objects of a sorted listing by folder.
 *
 * Folders can be nested. The listing then contains files of the outer folder before, between and after the files of inner
 * folders. A folder is complete at the first key that does not start with the name of the folder. Therefore, the function keeps
 * only the folders of the current key in memory.
 */
export async function* storedFolders(listing: AsyncIterable<ListedObject>): AsyncGenerator<StoredFolder> {
  const open: OpenFolder[] = [];
  for await (const object of listing) {
    while (open.length > 0 && !object.key.startsWith(`${open.at(-1)!.name}/`)) {
      yield open.pop()!;
    }
    if (!isSetFile(object.key)) {
      continue;
    }
    const slash = object.key.lastIndexOf('/');
    const file = object.key.slice(slash + 1);
    const name = object.key.slice(0, slash);
    let folder = open.at(-1);
    if (folder?.name !== name) {
      folder = { name, files: new Map() };
      open.push(folder);
    }
    folder.files.set(file, object);
  }
  yield* open.reverse();
}
