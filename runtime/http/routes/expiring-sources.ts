/** Maximum number of sources in memory. Above the maximum, the class removes the oldest source. */
const MAX_SOURCES = 1000;

/** Version of a source. */
export interface SourceVersion {
  /** Key of the source. */
  readonly key: string;
  /** See {@link ../../storage!ObjectVersion}. */
  readonly version: string;
}

interface Entry<T> {
  readonly version: string;
  readonly value: T;
  readonly expires: number;
}

/**
 * Stores a value for each source until the value expires. After a source is replaced, its earlier value no longer applies.
 */
export class ExpiringSources<T> {
  private readonly entries = new Map<string, Entry<T>>();

  /** Returns the value of a source. Returns undefined if the source has no value or the value has expired. */
  public get({ key, version }: SourceVersion): T | undefined {
    const entry = this.entries.get(key);
    return entry && entry.version === version && entry.expires > performance.now() ? entry.value : undefined;
  }

  /** Stores the value of a source for a duration in milliseconds. */
  public set({ key, version }: SourceVersion, value: T, durationMs: number): void {
    // A map keeps the position of an existing key. The deletion moves the key to the end, so that it counts as the newest.
    this.entries.delete(key);
    this.entries.set(key, { version, value, expires: performance.now() + durationMs });
    const [oldest] = this.entries.keys();
    if (oldest !== undefined && this.entries.size > MAX_SOURCES) {
      this.entries.delete(oldest);
    }
  }
}
