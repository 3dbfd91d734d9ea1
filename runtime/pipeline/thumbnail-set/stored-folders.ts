import type { ListedObject } from '../../storage';
import { isSetFile } from './thumbnail-keys';

/** A folder in the object store of the thumbnails, with the files whose names are those of a manifest or a thumbnail. */
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
 * Folders can be nested, and the files of inner and outer folders alternate. The listing is sorted. Therefore, a folder is
 * complete at the first key outside of the folder, and only the folders of the current key are in memory.
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
