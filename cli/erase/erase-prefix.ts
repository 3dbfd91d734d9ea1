import type { CoreSettings } from '../../runtime/contract';
import { isSetFile, Pipeline } from '../../runtime/pipeline';
import { openObjectStore } from '../../runtime/storage';
import {
  openErasableLocation,
  type ErasableLocation,
  type ErasableObject,
  type EraseFailure,
} from './erasable-location';

/** Numbers of objects below a key prefix in one bucket or directory. */
export interface ErasedObjects {
  /** Name of the bucket or directory. */
  readonly location: string;
  /** Key prefix in the bucket or directory. */
  readonly prefix: string;
  readonly isVersioned: boolean;
  /** Number of keys: of sources in the source location, or of thumbnails and manifests in the thumbnail location. */
  readonly keys: number;
  /** Number of objects. A versioned bucket counts each version and each delete marker as an object. */
  readonly objects: number;
  readonly bytes: number;
  /** Number of objects below the prefix that do not belong to the pipeline. The command does not delete these objects. */
  readonly others: number;
  /** Up to five of the keys, as examples. */
  readonly examples: readonly string[];
}

/** Maximum number of example keys. */
const EXAMPLES = 5;
/** Number of objects per request. */
const BATCH = 1000;
/**
 * Maximum number of passes over a bucket or directory. Each pass deletes the objects that workers have written since the
 * previous pass.
 */
const MAX_PASSES = 3;

/** Lists and deletes the sources and thumbnails of a pipeline below a key prefix. */
export class ErasePrefix {
  private constructor(private readonly parts: readonly Part[]) {}

  /**
   * Opens the buckets or directories of a pipeline.
   *
   * @param prefix prefix of source keys
   * @throws Error if a bucket or directory cannot be opened
   */
  public static async open(settings: CoreSettings, prefix: string): Promise<ErasePrefix> {
    const { storage, sourceLocation, thumbnailLocation } = settings;
    const [source, thumbnails] = await Promise.all([
      openObjectStore(storage, sourceLocation.name),
      openObjectStore(storage, thumbnailLocation.name),
    ]);
    const pipeline = new Pipeline({ source, thumbnails, settings });
    const [sources, files] = await Promise.all([
      openErasableLocation(storage, sourceLocation.name),
      openErasableLocation(storage, thumbnailLocation.name),
    ]);
    // Deletes the sources first, so that workers create no new thumbnails during the deletion.
    return new ErasePrefix([
      { location: sources, name: sourceLocation.name, prefix, isErased: (key) => pipeline.serves(key) },
      { location: files, name: thumbnailLocation.name, prefix: thumbnailLocation.prefix + prefix, isErased: isSetFile },
    ]);
  }

  /** Counts the objects without deleting them. */
  public async count(): Promise<{ readonly sources: ErasedObjects; readonly thumbnails: ErasedObjects }> {
    const [sources, thumbnails] = await Promise.all(this.parts.map(countPart));
    return { sources: sources!, thumbnails: thumbnails! };
  }

  /**
   * Deletes the sources, thumbnails and manifests.
   *
   * @returns the number of deleted objects, and the objects that were not deleted
   */
  public async erase(): Promise<{ readonly deleted: number; readonly failures: readonly EraseFailure[] }> {
    let deleted = 0;
    for (const part of this.parts) {
      for (let pass = 0; pass < MAX_PASSES; pass++) {
        const result = await erasePart(part);
        deleted += result.deleted;
        if (result.failures.length > 0) {
          return { deleted, failures: result.failures };
        }
        if (result.deleted === 0) {
          break;
        }
      }
    }
    return { deleted, failures: [] };
  }

  public close(): void {
    this.parts.forEach(({ location }) => location.close());
  }
}

interface Part {
  readonly location: ErasableLocation;
  readonly name: string;
  readonly prefix: string;
  readonly isErased: (key: string) => boolean;
}

async function countPart({ location, name, prefix, isErased }: Part): Promise<ErasedObjects> {
  const keys = new Set<string>();
  let [objects, bytes, others] = [0, 0, 0];
  for await (const object of location.list(prefix)) {
    if (isErased(object.key)) {
      keys.add(object.key);
      objects += 1;
      bytes += object.bytes;
    } else {
      others += 1;
    }
  }
  const examples = [...keys].slice(0, EXAMPLES);
  const { isVersioned } = location;
  return { location: name, prefix, isVersioned, keys: keys.size, objects, bytes, others, examples };
}

async function erasePart({ location, prefix, isErased }: Part): Promise<{ deleted: number; failures: EraseFailure[] }> {
  let deleted = 0;
  const failures: EraseFailure[] = [];
  let batch: ErasableObject[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) {
      const failed = await location.delete(batch);
      deleted += batch.length - failed.length;
      failures.push(...failed);
      batch = [];
    }
  };
  for await (const object of location.list(prefix)) {
    if (isErased(object.key) && batch.push(object) === BATCH) {
      await flush();
    }
  }
  await flush();
  return { deleted, failures };
}
