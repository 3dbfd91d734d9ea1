import type { ObjectHead } from '../../storage';

/** Maximum number of sources in memory. Above the maximum, the class removes the oldest source. */
const MAX_SOURCES = 1000;

/** A source with the ETag of its current content. */
export type SourceState = Pick<ObjectHead, 'key' | 'etag'>;

interface Entry<T> {
  readonly etag: string;
  readonly value: T;
  readonly expires: number;
}

/**
 * Stores a value for each source until the value expires. A replaced source has no value, because the new ETag is different.
 */
export class ExpiringSources<T> {
  private readonly entries = new Map<string, Entry<T>>();

  /** Returns the value of a source. Returns undefined if the source has no value or the value has expired. */
  public get({ key, etag }: SourceState): T | undefined {
    const entry = this.entries.get(key);
    return entry && entry.etag === etag && entry.expires > performance.now() ? entry.value : undefined;
  }

  /** Stores the value of a source for a duration in milliseconds. */
  public set({ key, etag }: SourceState, value: T, durationMs: number): void {
    // Without the deletion, an existing key would keep its early position in the map. The class removes early keys first.
    this.entries.delete(key);
    this.entries.set(key, { etag, value, expires: performance.now() + durationMs });
    const [oldest] = this.entries.keys();
    if (oldest !== undefined && this.entries.size > MAX_SOURCES) {
      this.entries.delete(oldest);
    }
  }
}
