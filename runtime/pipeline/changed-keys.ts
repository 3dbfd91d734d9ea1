import type { CoreSettings } from '../contract';
import type { ListedObject, ObjectStore } from '../storage';
import { mapParallel } from './concurrency/parallel';
import type { Requirements } from './thumbnail-set/requirements';
import { storedFolders, type StoredFolder } from './thumbnail-set/stored-folders';
import { MANIFEST_FILE, thumbnailSetFolder, sourceKeyOf } from './thumbnail-set/thumbnail-keys';
import type { ThumbnailSets } from './thumbnail-set/thumbnail-sets';

/** Manifests that are read at once. */
const CONCURRENCY = 32;

/** What the comparison of both stores needs. */
export interface Comparison {
  readonly source: ObjectStore;
  readonly thumbnails: ObjectStore;
  readonly settings: Pick<CoreSettings, 'sourceLocation' | 'thumbnailLocation'>;
  readonly sets: ThumbnailSets;
  readonly requirements: Requirements;
  readonly isServed: (key: string) => boolean;
}

/**
 * The keys whose sets need a look: sources that have none or may have changed since, and sets whose source is gone. Both
 * stores are listed once and each manifest is read once; sources are not read. What it holds in memory is one entry for
 * each source, and no image.
 */
export async function* changedKeys(comparison: Comparison): AsyncGenerator<string> {
  const { source, thumbnails, settings, isServed } = comparison;
  const { prefix } = settings.thumbnailLocation;
  const sources = new Map<string, ListedObject>();
  for await (const object of source.list({ prefix: settings.sourceLocation.prefix })) {
    if (isServed(object.key)) {
      sources.set(thumbnailSetFolder(prefix, object.key), object);
    }
  }
  for await (const folders of groupsOf(storedFolders(thumbnails.list({ prefix })), CONCURRENCY)) {
    const keys = await mapParallel(folders, CONCURRENCY, (folder) => {
      const object = sources.get(folder.name);
      sources.delete(folder.name);
      return object ? changedSource(comparison, folder, object) : lostSource(comparison, folder);
    });
    yield* keys.filter((key) => key !== undefined);
  }
  for (const { key } of sources.values()) {
    yield key;
  }
}

/** The key of a source whose set is not sure to be what it asks for. */
async function changedSource(
  { sets, requirements }: Comparison,
  { files }: StoredFolder,
  { key, etag, lastModified }: ListedObject,
): Promise<string | undefined> {
  const written = files.get(MANIFEST_FILE)?.lastModified;
  // A listing does not show metadata. A new focal point makes the source newer than its manifest.
  if (!written || written <= lastModified) {
    return key;
  }
  const manifest = await sets.manifest(key);
  const etags = new Map(Array.from(files, ([file, object]) => [file, object.etag]));
  const isCurrent =
    manifest &&
    requirements.agreement({ manifest, files: etags }, { ...manifest.source, etag }) &&
    requirements.leftovers(files.keys(), manifest.status).length === 0;
  return isCurrent ? undefined : key;
}

/** The key of a source that is not there, but has a set. */
async function lostSource({ sets, settings, isServed }: Comparison, folder: StoredFolder): Promise<string | undefined> {
  const key =
    sourceKeyOf(settings.thumbnailLocation.prefix, folder.name) ?? (await sets.manifestIn(folder.name))?.source.key;
  return key !== undefined && isServed(key) ? key : undefined;
}

async function* groupsOf<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const item of items) {
    if (group.push(item) === size) {
      yield group;
      group = [];
    }
  }
  yield group;
}
