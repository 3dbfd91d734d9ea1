/** Version of a file. */
export interface FileVersion {
  /** ETag of the bytes. */
  readonly etag: string;
  /** Identity of the version; undefined if a later change of the file can result in the same identity. */
  readonly identity?: string | undefined;
}

/** Caches one value for each key. A value applies only to the version of the file that has the same identity. */
export class VersionCache<Value> {
  private readonly entries = new Map<string, { readonly identity: string; readonly value: Value }>();

  /** @param maxEntries maximum number of values; the cache discards the least recently used value */
  public constructor(private readonly maxEntries: number) {}

  /** Returns the value for a version; undefined if the cache contains no value for the version. */
  public get(key: string, identity: string): Value | undefined {
    const entry = this.entries.get(key);
    if (entry?.identity !== identity) {
      return undefined;
    }
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.value;
  }

  /** Replaces the value for a key. */
  public set(key: string, identity: string, value: Value): void {
    this.entries.delete(key);
    this.entries.set(key, { identity, value });
    if (this.entries.size <= this.maxEntries) {
      return;
    }
    const [oldest] = this.entries.keys();
    if (oldest !== undefined) {
      this.entries.delete(oldest);
    }
  }
}
