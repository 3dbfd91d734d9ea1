import type { ObjectHead } from '../../storage';

/** Maximum number of sources in memory. The oldest source is removed first. */
const MAX_SOURCES = 1000;

/** A source in one state. */
export type SourceState = Pick<ObjectHead, 'key' | 'etag'>;

interface Entry<T> {
  readonly etag: string;
  readonly value: T;
  readonly expires: number;
}

/** Stores one value for each source until the value expires. A replaced source has another ETag, and therefore no value. */
export class ExpiringSources<T> {
  private readonly entries = new Map<string, Entry<T>>();

  /** Returns the value of a source; undefined if the source has no value or the value has expired. */
  public get({ key, etag }: SourceState): T | undefined {
    const entry = this.entries.get(key);
    return entry && entry.etag === etag && entry.expires > performance.now() ? entry.value : undefined;
  }

  /** Sets the value of a source for a duration. */
  public set({ key, etag }: SourceState, value: T, durationMs: number): void {
    // Deletes the entry first, because a map does not move an existing key to the end.
    this.entries.delete(key);
    this.entries.set(key, { etag, value, expires: performance.now() + durationMs });
    const [oldest] = this.entries.keys();
    if (oldest !== undefined && this.entries.size > MAX_SOURCES) {
      this.entries.delete(oldest);
    }
  }
}
