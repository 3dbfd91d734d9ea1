import type { ThumbnailEvent } from '../../../runtime/events';
import { thumbnailSetFolder } from '../../../runtime/pipeline/thumbnail-set/thumbnail-keys';
import type { MemoryObjectStore, StoreHook } from '../../support/aws/memory-store';

/** A final state that no event reports, or that the latest event contradicts. */
export interface MissingEvent {
  readonly key: string;
  readonly expected: string;
  /** States of the events of the key, the latest last. */
  readonly events: readonly string[];
}

/** Events of a soak, in the order in which the receiver accepted them. */
export class EventLog {
  /** Events that were published before their manifest was stored. */
  public readonly premature: ThumbnailEvent[] = [];
  private readonly byKey = new Map<string, ThumbnailEvent[]>();
  /** ETags of every manifest that was ever stored, by its key. */
  private readonly manifests = new Map<string, Set<string>>();

  public constructor(
    private readonly thumbnails: () => MemoryObjectStore,
    private readonly prefix: string,
  ) {}

  /** Hook of the object store that records manifests. */
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

  /** Returns the keys whose final state differs from the event with the latest time. */
  public missing(keys: readonly string[]): MissingEvent[] {
    return keys.flatMap((key) => {
      const events = (this.byKey.get(key) ?? []).toSorted((one, other) => (one.time < other.time ? -1 : 1));
      const manifestKey = `${thumbnailSetFolder(this.prefix, key)}/manifest.json`;
      const stored = this.thumbnails().objects.get(manifestKey);
      const expected = stored?.etag ?? 'removed';
      const states = events.map((event) => (event.status === 'removed' ? 'removed' : event.manifest.etag));
      // A source that was deleted before it had a set needs no event.
      const needsEvent = this.manifests.has(manifestKey);
      return needsEvent && states.at(-1) !== expected ? [{ key, expected, events: states }] : [];
    });
  }
}
