import type { ListedObject } from '../../storage';
import { isThumbnailFile, MANIFEST_FILE } from './thumbnail-keys';

/** A folder of the thumbnail store that holds files of the names that this library gives. */
export interface StoredFolder {
  /** Without a slash at the end. */
  readonly name: string;
  readonly files: ReadonlyMap<string, ListedObject>;
}

interface OpenFolder extends StoredFolder {
  readonly files: Map<string, ListedObject>;
}

/**
 * Puts a listing in the order of keys together to folders. Folders can lie in one another, and the files of the outer one
 * then stand before, between and behind those of the inner ones; a folder is whole when the first key comes that does
 * not begin with its name. So only the folders on the way to the current key are held in memory.
 */
export async function* storedFolders(listing: AsyncIterable<ListedObject>): AsyncGenerator<StoredFolder> {
  const open: OpenFolder[] = [];
  for await (const object of listing) {
    while (open.length > 0 && !object.key.startsWith(`${open.at(-1)!.name}/`)) {
      yield open.pop()!;
    }
    const slash = object.key.lastIndexOf('/');
    const file = object.key.slice(slash + 1);
    if (slash < 0 || !(file === MANIFEST_FILE || isThumbnailFile(file))) {
      continue;
    }
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
