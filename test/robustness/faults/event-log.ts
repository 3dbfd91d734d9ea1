import type { ThumbnailEvent } from '../../../runtime/events';
import { thumbnailSetFolder } from '../../../runtime/pipeline/thumbnail-set/thumbnail-keys';
import type { MemoryObjectStore, StoreHook } from '../../support/aws/memory-store';

/** A key whose latest event does not report its final state. */
export interface MissingEvent {
  readonly key: string;
  readonly expected: string;
  /** States that the events of the key report, in chronological order. */
  readonly events: readonly string[];
}

/** Events of a soak test, in the order in which the receiver accepted the events. */
export class EventLog {
  /** Events that were published before their manifest was stored. */
  public readonly premature: ThumbnailEvent[] = [];
  private readonly byKey = new Map<string, ThumbnailEvent[]>();
  /** ETags of all stored versions of each manifest, by manifest key. */
  private readonly manifests = new Map<string, Set<string>>();

  public constructor(
    private readonly thumbnails: () => MemoryObjectStore,
    private readonly prefix: string,
  ) {}

  /** Records the ETag of each manifest that the object store stores. */
  public readonly hook: StoreHook = ({ operation, key }, moment) => {
    if (operation === 'put' && moment === 'answered' && key.endsWith('/manifest.json')) {
      const etags = this.manifests.get(key) ?? new Set();
      this.manifests.set(key, etags.add(this.thumbnails().objects.get(key)!.etag));
    }
  };

  public get size(): number {
    return [...this.byKey.values()].reduce((sum, { length }) => sum + length, 0);
  }

  /** Accepts an event. */
  public accept(event: ThumbnailEvent): void {
    if (event.status !== 'removed' && !this.manifests.get(event.manifest.key)?.has(event.manifest.etag)) {
      this.premature.push(event);
    }
    const { key } = event.source;
    this.byKey.set(key, [...(this.byKey.get(key) ?? []), event]);
  }

  /** Returns the keys whose latest event does not report the final state. */
  public missing(keys: readonly string[]): MissingEvent[] {
    return keys.flatMap((key) => {
      const events = (this.byKey.get(key) ?? []).toSorted((one, other) => (one.time < other.time ? -1 : 1));
      const manifestKey = `${thumbnailSetFolder(this.prefix, key)}/manifest.json`;
      const stored = this.thumbnails().objects.get(manifestKey);
      const expected = stored?.etag ?? 'removed';
      const states = events.map((event) => (event.status === 'removed' ? 'removed' : event.manifest.etag));
      // A source needs no event if it was deleted before its first thumbnail set was stored.
      const needsEvent = this.manifests.has(manifestKey);
      return needsEvent && states.at(-1) !== expected ? [{ key, expected, events: states }] : [];
    });
  }
}
