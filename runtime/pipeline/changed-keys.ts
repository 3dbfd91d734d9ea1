import type { CoreSettings } from '../contract';
import type { ListedObject, ObjectStore } from '../storage';
import { mapParallel } from './concurrency/parallel';
import { describedSourceOf, type DesiredSet } from './thumbnail-set/desired-set';
import { storedFolders, type StoredFolder } from './thumbnail-set/stored-folders';
import { MANIFEST_FILE, sourceKeyOf, thumbnailSetFolder } from './thumbnail-set/thumbnail-keys';
import type { ThumbnailSets } from './thumbnail-set/thumbnail-sets';

/** Maximum number of manifests that the comparison reads concurrently. */
const CONCURRENCY = 32;

/** Options of a comparison of both object stores. */
export interface ComparisonOptions {
  readonly source: ObjectStore;
  readonly thumbnails: ObjectStore;
  readonly settings: Pick<CoreSettings, 'sourceLocation' | 'thumbnailLocation'>;
  readonly sets: ThumbnailSets;
  readonly desiredOf: (key: string) => DesiredSet;
  readonly isServed: (key: string) => boolean;
}

/**
 * Returns the keys whose thumbnail sets may be outdated. These keys belong to sources without a thumbnail set, to possibly
 * changed sources and to deleted sources with a thumbnail set.
 *
 * The comparison lists both object stores once, reads each manifest once, and reads no source. The memory contains one listing
 * entry for each source.
 */
export async function* changedKeys(options: ComparisonOptions): AsyncGenerator<string> {
  const { source, thumbnails, settings, isServed } = options;
  const { prefix } = settings.thumbnailLocation;
  const sources = new Map<string, ListedObject>();
  for await (const object of source.list({ prefix: settings.sourceLocation.prefix })) {
    if (isServed(object.key)) {
      sources.set(thumbnailSetFolder(prefix, object.key), object);
    }
  }
  for await (const folders of batchesOf(storedFolders(thumbnails.list({ prefix })), CONCURRENCY)) {
    const keys = await mapParallel(folders, CONCURRENCY, (folder) => {
      const object = sources.get(folder.name);
      sources.delete(folder.name);
      return object ? changedSource(options, folder, object) : deletedSource(options, folder);
    });
    yield* keys.filter((key) => key !== undefined);
  }
  for (const { key } of sources.values()) {
    yield key;
  }
}

/** Returns the key of a source. Returns undefined if the thumbnail set of the source is certainly current. */
async function changedSource(
  { sets, desiredOf }: ComparisonOptions,
  { files }: StoredFolder,
  { key, etag, lastModified }: ListedObject,
): Promise<string | undefined> {
  const written = files.get(MANIFEST_FILE)?.lastModified;
  // A listing does not contain metadata such as the focal point, but `lastModified` changes with it. Therefore, a source that
  // is newer than its manifest may have changed, even if its ETag is the same.
  if (!written || written <= lastModified) {
    return key;
  }
  const manifest = await sets.manifest(key);
  if (!manifest) {
    return key;
  }
  const etags = new Map(Array.from(files, ([file, object]) => [file, object.etag]));
  const { source, warnings } = describedSourceOf(manifest);
  const desired = desiredOf(key);
  const isCurrent =
    desired.currentManifest({ manifest, files: etags }, { source: { ...source, etag }, warnings }) &&
    desired.obsoleteFiles(files.keys(), manifest.status).length === 0;
  return isCurrent ? undefined : key;
}

/** Returns the source key of a thumbnail set without a source. Returns undefined if the pipeline does not serve the key. */
async function deletedSource(
  { sets, settings, isServed }: ComparisonOptions,
  { name }: StoredFolder,
): Promise<string | undefined> {
  const key = sourceKeyOf(settings.thumbnailLocation.prefix, name) ?? (await sets.manifestIn(name))?.source.key;
  return key !== undefined && isServed(key) ? key : undefined;
}

async function* batchesOf<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    if (batch.push(item) === size) {
      yield batch;
      batch = [];
    }
  }
  yield batch;
}
