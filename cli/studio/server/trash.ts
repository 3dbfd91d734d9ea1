import type { DirectoryObjectStore, ObjectStore } from '../../../runtime/storage';

/** Options of {@link Trash}. */
export interface TrashOptions {
  readonly source: ObjectStore;
  /** Directory of the deleted images. */
  readonly store: DirectoryObjectStore;
  /** Maximum size of an image in bytes. */
  readonly maxBytes: number;
}

const UNKNOWN_TYPE = 'application/octet-stream';

/** Directory that keeps deleted images with their metadata until the next start of the studio. */
export class Trash {
  public constructor(private readonly options: TrashOptions) {}

  /** Permanently deletes all images in the trash. */
  public async empty(): Promise<void> {
    const { store } = this.options;
    await store.create();
    const keys: string[] = [];
    for await (const { key } of store.list({ prefix: '' })) {
      keys.push(key);
    }
    await store.delete(keys);
  }

  /** Moves an image to the trash. Returns whether the image existed. */
  public delete(key: string): Promise<boolean> {
    return this.move(key, this.options.source, this.options.store);
  }

  /**
   * Restores an image from the trash. Does not replace an existing image with the same key. Returns whether the trash contained
   * the image.
   */
  public async restore(key: string): Promise<boolean> {
    const { source, store } = this.options;
    return (await source.head(key)) === undefined && (await this.move(key, store, source));
  }

  private async move(key: string, from: ObjectStore, to: ObjectStore): Promise<boolean> {
    // Accepts files of any size, because users can also delete files that exceed the limit of the pipeline.
    const object = await from.get(key, {
      maxBytes: Math.max(this.options.maxBytes, (await from.head(key))?.bytes ?? 0),
    });
    if (!object) {
      return false;
    }
    const { body, contentType = UNKNOWN_TYPE, metadata } = object;
    await to.put(key, body, { contentType, metadata });
    await from.delete([key]);
    return true;
  }
}
