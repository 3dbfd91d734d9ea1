/** Version of a file. */
export interface FileVersion {
  /** ETag of the bytes. */
  readonly etag: string;
  /** Identity of the version. Undefined if a later change of the file can result in the same identity. */
  readonly identity?: string | undefined;
}

/** Caches one value for each key. The value belongs to one version of the file. */
export class VersionCache<Value> {
  private readonly entries = new Map<string, { readonly identity: string; readonly value: Value }>();

  /** @param maxEntries maximum number of values. Above the maximum, the cache discards the least recently used value. */
  public constructor(private readonly maxEntries: number) {}

  /** Returns the value for a version of a file. Returns undefined if the cache contains no value for the version. */
  public get(key: string, identity: string): Value | undefined {
    const entry = this.entries.get(key);
    if (entry?.identity !== identity) {
      return undefined;
    }
    this.entries.delete(key);
    this.entries.set(key, entry);
    return entry.value;
  }

  /** Stores the value for a version of a file. Replaces an earlier value for the key. */
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
