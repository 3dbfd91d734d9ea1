import type { CoreSettings } from '../contract';
import type { ObjectHead, ObjectStore } from '../storage';
import { settingsByKey } from './key-settings';
import { servedKeys } from './served-keys';
import { describeSource, DesiredSet } from './thumbnail-set/desired-set';
import type { Manifest } from './thumbnail-set/manifest';
import { thumbnailSetFolder } from './thumbnail-set/thumbnail-keys';
import { isMarked, ThumbnailSets } from './thumbnail-set/thumbnail-sets';

/** Values of {@link SetState}. */
export const SET_STATES = ['current', 'outdated', 'missing', 'leftover', 'absent', 'ignored'] as const;
/**
 * State of a thumbnail set.
 *
 * - `current`: The thumbnail set matches its source and the settings.
 * - `outdated`: The thumbnail set belongs to an earlier source or to other settings.
 * - `missing`: The source exists, but has no thumbnail set.
 * - `leftover`: The source does not exist, but files of its thumbnail set exist.
 * - `absent`: Neither the source nor a thumbnail set exists.
 * - `ignored`: The pipeline does not process the key.
 */
export type SetState = (typeof SET_STATES)[number];

/** State of a source key in both object stores. */
export interface KeyInspection {
  readonly key: string;
  readonly state: SetState;
  /** Attributes of the source. Undefined if the source does not exist. */
  readonly source: ObjectHead | undefined;
  /** Stored manifest, current or outdated. Undefined if the manifest is missing or unreadable. */
  readonly manifest: Manifest | undefined;
  /** Folder of the thumbnail set, without a trailing slash. */
  readonly folder: string;
  /** ETags of the stored files of the thumbnail set, by file name. */
  readonly files: Readonly<Record<string, string>>;
}

/**
 * Compares a thumbnail set with its source and the settings. The function reads no images and writes no objects.
 *
 * @throws ObjectStoreError if a request to an object store fails
 */
export async function inspectKey(
  { source, thumbnails }: { readonly source: ObjectStore; readonly thumbnails: ObjectStore },
  settings: CoreSettings,
  key: string,
): Promise<KeyInspection> {
  const [head, set] = await Promise.all([source.head(key), new ThumbnailSets(thumbnails, settings).read(key)]);
  return {
    key,
    state: stateOf(),
    source: head,
    manifest: set.manifest,
    folder: thumbnailSetFolder(settings.thumbnailLocation.prefix, key),
    files: Object.fromEntries(set.files),
  };

  function stateOf(): SetState {
    if (!servedKeys(settings)(key) || (head && isMarked(head))) {
      return 'ignored';
    }
    if (!head) {
      return set.files.size > 0 ? 'leftover' : 'absent';
    }
    if (!set.manifest) {
      return 'missing';
    }
    const desired = new DesiredSet(settingsByKey(settings)(key));
    const isCurrent =
      desired.currentManifest(set, describeSource(head)) !== undefined &&
      desired.obsoleteFiles(set.files.keys(), set.manifest.status).length === 0;
    return isCurrent ? 'current' : 'outdated';
  }
}
