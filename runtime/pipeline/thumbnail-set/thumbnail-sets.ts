import type { Format, CoreSettings } from '../../contract';
import type { RenderedThumbnail } from '../../engine';
import type { ObjectStore, StoredObject } from '../../storage';
import { mapParallel } from '../concurrency/parallel';
import { getUpTo } from '../get-up-to';
import type { Manifest, ManifestSource, ManifestThumbnail } from './manifest';
import { parseManifest, serializeManifest } from './manifest-schema';
import { isMarked, MARKER, SOURCE_ETAG } from './marker';
import { fileName, isThumbnailFile, MANIFEST_FILE, thumbnailSetFolder } from './thumbnail-keys';

/** Requests to the store at once, for one set. */
const CONCURRENCY = 8;
/** More than the largest manifest: 50 thumbnails in 5 formats of a key of 1024 bytes, percent-encoded in the srcsets. */
const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;

/** What lies in a set's folder under names that this library gives. */
export interface StoredSet {
  /** Undefined when there is none that can be read. */
  readonly manifest: Manifest | undefined;
  /** ETags by file name. */
  readonly files: ReadonlyMap<string, string>;
}

/** The sets in the thumbnail store. Neither reads nor removes anything but files of the names that this library gives. */
export class ThumbnailSets {
  public constructor(
    private readonly store: ObjectStore,
    private readonly settings: Pick<CoreSettings, 'thumbnailLocation' | 'cacheControl'>,
  ) {}

  /** The set of a source as it is stored. */
  public async read(sourceKey: string): Promise<StoredSet> {
    const [manifest, files] = await Promise.all([this.manifest(sourceKey), this.files(sourceKey)]);
    return { manifest, files };
  }

  /** The manifest of a source; undefined when there is none that can be read. */
  public async manifest(sourceKey: string): Promise<Manifest | undefined> {
    return this.manifestIn(this.folder(sourceKey));
  }

  /** The manifest in a folder; undefined when there is none that can be read and belongs there. */
  public async manifestIn(folder: string): Promise<Manifest | undefined> {
    const object = await getUpTo(this.store, `${folder}/${MANIFEST_FILE}`, MAX_MANIFEST_BYTES);
    const manifest = object && parseManifest(object.body);
    return manifest && this.folder(manifest.source.key) === folder ? manifest : undefined;
  }

  /** A thumbnail; undefined when there is none of this definition. */
  public async thumbnail(
    sourceKey: string,
    name: string,
    format: Format,
    definition: string,
  ): Promise<StoredObject | undefined> {
    const object = await this.store.get(this.key(sourceKey, fileName(name, format)), { maxBytes: Infinity });
    return object?.metadata[MARKER] === definition ? object : undefined;
  }

  /** Stores a thumbnail and tells how the manifest lists it. */
  public async putThumbnail(
    source: ManifestSource,
    { name, format, contentType, width, height, frames, body }: RenderedThumbnail,
    definition: string,
  ): Promise<ManifestThumbnail> {
    const key = this.key(source.key, fileName(name, format));
    const { etag } = await this.store.put(key, body, {
      contentType,
      cacheControl: this.settings.cacheControl,
      metadata: { [MARKER]: definition, [SOURCE_ETAG]: source.etag },
    });
    return { name, format, contentType, width, height, frames, bytes: body.length, key, etag };
  }

  /** Stores a manifest. Caches must ask whether it is still the same. */
  public async putManifest(manifest: Manifest): Promise<void> {
    await this.store.put(this.key(manifest.source.key, MANIFEST_FILE), serializeManifest(manifest), {
      contentType: 'application/json',
      cacheControl: 'no-cache',
      metadata: { [MARKER]: manifest.fingerprint },
    });
  }

  /** Removes those of the files that this library wrote, the manifest before all others, and tells how many. */
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

  private async files(sourceKey: string): Promise<Map<string, string>> {
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
