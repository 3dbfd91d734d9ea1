import type { CoreSettings, Format } from '../../contract';
import type { RenderedThumbnail } from '../../engine';
import { ObjectStoreError, type ObjectHead, type ObjectStore, type StoredObject } from '../../storage';
import { mapParallel } from '../concurrency/parallel';
import {
  parseManifest,
  serializeManifest,
  type Manifest,
  type ManifestSource,
  type ManifestThumbnail,
} from './manifest';
import { fileName, isThumbnailFile, MANIFEST_FILE, thumbnailSetFolder } from './thumbnail-keys';

/**
 * Name of the metadata that marks every object that this library writes. For a thumbnail, the value is the
 * hash of its settings. For a manifest, the value is the fingerprint.
 *
 * Marked objects are never sources. In the object store of the thumbnails, the pipeline deletes only marked objects.
 */
const MARKER = 'cdk-thumbnails';
/** Name of the thumbnail metadata that contains the ETag of the source. */
const SOURCE_ETAG = 'cdk-thumbnails-source';

/** Maximum number of concurrent requests to the object store for one thumbnail set. */
const CONCURRENCY = 8;
/**
 * Maximum size of a manifest in bytes. Even a manifest with 50 thumbnails in 5 formats and a key of 1024 bytes is smaller.
 */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** A manifest with the attributes of the object that contains the manifest. */
export interface StoredManifest extends Pick<ObjectHead, 'key' | 'etag' | 'lastModified'> {
  readonly manifest: Manifest;
}

/** Stored thumbnail set of a source. */
export interface StoredSet {
  /** Manifest of the thumbnail set. Undefined if the manifest is missing or unreadable. */
  readonly manifest: Manifest | undefined;
  /** ETags of the stored files by file name. */
  readonly files: ReadonlyMap<string, string>;
}

/** Properties that a stored thumbnail must have. */
interface ExpectedThumbnail {
  /** Hash of the settings of the thumbnail. */
  readonly thumbnailHash: string;
  /** ETag of the source. If undefined, the source can have any ETag. */
  readonly sourceEtag: string | undefined;
}

/** Reads and writes thumbnail sets. Ignores files whose names are not those of a manifest or a thumbnail. */
export class ThumbnailSets {
  public constructor(
    private readonly store: ObjectStore,
    private readonly settings: Pick<CoreSettings, 'thumbnailLocation' | 'cacheControl'>,
  ) {}

  /** Returns the stored thumbnail set of a source. */
  public async read(sourceKey: string): Promise<StoredSet> {
    const [manifest, files] = await Promise.all([this.manifest(sourceKey), this.files(sourceKey)]);
    return { manifest, files };
  }

  /** Returns the manifest of a source. Returns undefined if the manifest is missing or unreadable. */
  public async manifest(sourceKey: string): Promise<Manifest | undefined> {
    return this.manifestIn(this.folder(sourceKey));
  }

  /**
   * Returns the manifest in a folder. Returns undefined if the manifest is missing or unreadable, or if its source belongs to
   * another folder.
   */
  public async manifestIn(folder: string): Promise<Manifest | undefined> {
    return (await this.storedManifestIn(folder))?.manifest;
  }

  /** Returns the manifest of a source with the attributes of its object. Returns undefined without a readable manifest. */
  public async storedManifest(sourceKey: string): Promise<StoredManifest | undefined> {
    return this.storedManifestIn(this.folder(sourceKey));
  }

  private async storedManifestIn(folder: string): Promise<StoredManifest | undefined> {
    const object = await getUpTo(this.store, `${folder}/${MANIFEST_FILE}`, MAX_MANIFEST_BYTES);
    const manifest = object && parseManifest(object.body);
    if (!manifest || this.folder(manifest.source.key) !== folder) {
      return undefined;
    }
    const { key, etag, lastModified } = object;
    return { manifest, key, etag, lastModified };
  }

  /** Returns a thumbnail. Returns undefined if the thumbnail is missing, or if its settings or its source are different. */
  public async thumbnail(
    sourceKey: string,
    name: string,
    format: Format,
    { thumbnailHash, sourceEtag }: ExpectedThumbnail,
  ): Promise<StoredObject | undefined> {
    const object = await this.store.get(this.key(sourceKey, fileName(name, format)), { maxBytes: Infinity });
    const isExpected =
      object?.metadata[MARKER] === thumbnailHash &&
      (sourceEtag === undefined || object.metadata[SOURCE_ETAG] === sourceEtag);
    return isExpected ? object : undefined;
  }

  /** Stores a thumbnail. Returns the entry of the thumbnail for the manifest. */
  public async putThumbnail(
    source: ManifestSource,
    { name, format, contentType, width, height, frames, body }: RenderedThumbnail,
    thumbnailHash: string,
  ): Promise<ManifestThumbnail> {
    const key = this.key(source.key, fileName(name, format));
    const { etag } = await this.store.put(key, body, {
      contentType,
      cacheControl: this.settings.cacheControl,
      metadata: { [MARKER]: thumbnailHash, [SOURCE_ETAG]: source.etag },
    });
    return { name, format, contentType, width, height, frames, bytes: body.length, key, etag };
  }

  /** Stores a manifest with a `Cache-Control` header that requires revalidation. Returns the ETag of the manifest. */
  public async putManifest(manifest: Manifest): Promise<string> {
    const { etag } = await this.store.put(this.key(manifest.source.key, MANIFEST_FILE), serializeManifest(manifest), {
      contentType: 'application/json',
      cacheControl: 'no-cache',
      metadata: { [MARKER]: manifest.fingerprint },
    });
    return etag;
  }

  /** Deletes marked files, first the manifest and then the thumbnails. Returns the number of deleted objects. */
  public async remove(sourceKey: string, files: Iterable<string>): Promise<number> {
    const heads = await mapParallel(files, CONCURRENCY, (file) => this.store.head(this.key(sourceKey, file)));
    const keys = heads.filter((head) => head !== undefined && isMarked(head)).map((head) => head!.key);
    const manifest = this.key(sourceKey, MANIFEST_FILE);
    for (const group of [keys.filter((key) => key === manifest), keys.filter((key) => key !== manifest)]) {
      if (group.length > 0) {
        await this.store.delete(group);
      }
    }
    return keys.length;
  }

  /** Returns the ETags of the files of a thumbnail set by file name. */
  public async files(sourceKey: string): Promise<Map<string, string>> {
    const prefix = this.key(sourceKey, '');
    const files = new Map<string, string>();
    for await (const { key, etag } of this.store.list({ prefix, shallow: true })) {
      const file = key.slice(prefix.length);
      if (file === MANIFEST_FILE || isThumbnailFile(file)) {
        files.set(file, etag);
      }
    }
    return files;
  }

  private key(sourceKey: string, file: string): string {
    return `${this.folder(sourceKey)}/${file}`;
  }

  private folder(sourceKey: string): string {
    return thumbnailSetFolder(this.settings.thumbnailLocation.prefix, sourceKey);
  }
}

/** Returns whether the metadata of an object contains the marker of this library. */
export function isMarked(object: Pick<ObjectHead, 'metadata'>): boolean {
  return MARKER in object.metadata;
}

/** Returns an object. Returns undefined if the object does not exist or has more than `maxBytes` bytes. */
export async function getUpTo(store: ObjectStore, key: string, maxBytes: number): Promise<StoredObject | undefined> {
  try {
    return await store.get(key, { maxBytes });
  } catch (error) {
    if (error instanceof ObjectStoreError && error.code === 'file-too-large') {
      return undefined;
    }
    throw error;
  }
}
