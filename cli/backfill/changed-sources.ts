import type { CoreSettings } from '../../runtime/contract';
import { Pipeline } from '../../runtime/pipeline';
import type { ObjectStore } from '../../runtime/storage';
import { filterOf, type Filters } from './filters';

/** Object stores and settings of a backfill. */
export interface ChangedSourcesOptions {
  readonly source: ObjectStore;
  readonly thumbnails: ObjectStore;
  readonly settings: CoreSettings;
  readonly filters: Filters;
}

/**
 * Compares the object stores with `Pipeline.changedKeys`, and returns the reported keys that the filters select. The
 * thumbnail sets of these keys may be out of date. Keeps one listing entry for each source in memory.
 *
 * @throws ObjectStoreError if an object store rejects a listing
 */
export async function changedSources(options: ChangedSourcesOptions): Promise<string[]> {
  const { source, thumbnails, settings, filters } = options;
  const { prefix = settings.sourceLocation.prefix, suffixes = [], since } = filters;
  const earlier = new Set<string>();
  const listing = new Pipeline({
    source: since === undefined ? source : collectingEarlier(source, new Date(since), earlier),
    thumbnails,
    settings: { ...settings, sourceLocation: { ...settings.sourceLocation, prefix } },
  });
  const hasSuffix = filterOf({ suffixes });
  const keys: string[] = [];
  for await (const key of listing.changedKeys()) {
    if (!earlier.has(key) && hasSuffix({ key, lastModified: new Date() })) {
      keys.push(key);
    }
  }
  return keys;
}

/**
 * Returns an object store that also adds the keys of listed objects to `earlier` if they were last modified before
 * `time`. The filter `since` requires these keys, because the comparison of the object stores returns no modification
 * times.
 */
function collectingEarlier(store: ObjectStore, time: Date, earlier: Set<string>): ObjectStore {
  return {
    head: (key) => store.head(key),
    version: (key) => store.version(key),
    get: (key, options) => store.get(key, options),
    put: (key, body, options) => store.put(key, body, options),
    delete: (keys) => store.delete(keys),
    check: () => store.check(),
    async *list(options) {
      for await (const object of store.list(options)) {
        if (object.lastModified < time) {
          earlier.add(object.key);
        }
        yield object;
      }
    },
  };
}
