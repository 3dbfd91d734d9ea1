import type { CoreSettings } from '../contract';
import type { Outcome, Reconcile, StoredManifest } from '../pipeline';
import type { EventPublisher } from './event-publisher';
import { eventOfManifest, eventOfRemoval, type ThumbnailEvent } from './thumbnail-event';

/** Options of {@link announcing}. */
export interface AnnouncingOptions {
  readonly publisher: EventPublisher;
  /** Reads the manifest of a source; undefined if it has no set. */
  readonly storedManifest: (key: string) => Promise<StoredManifest | undefined>;
  readonly settings: Pick<CoreSettings, 'storage' | 'sourceLocation' | 'thumbnailLocation'>;
  /** Service name of the pipeline. */
  readonly pipeline: string;
  /** @default - the current time */
  readonly now?: () => Date;
}

/** Maximum number of failed keys in memory. The oldest key leaves first. */
const MAX_FAILED_KEYS = 10_000;

/**
 * Returns a function that reconciles a key and then publishes an event of its final state.
 *
 * The event follows the manifest and precedes the end of the call, after which a message is deleted. A process that ends
 * between manifest and event leaves its message in the queue. The next attempt finds a current set, and publishes the event
 * because of `announce`. An attempt after a failure in this process also publishes it.
 */
export function announcing(reconcile: Reconcile, options: AnnouncingOptions): Reconcile {
  const failed = new Set<string>();
  return async (key, { announce = false, ...others } = {}) => {
    const isRepetition = announce || failed.has(key);
    try {
      const outcome = await reconcile(key, others);
      const event = await eventOf(outcome, isRepetition, options);
      if (event) {
        await options.publisher.publish(event);
        failed.delete(key);
      }
      return outcome;
    } catch (error) {
      addBounded(failed, key);
      throw error;
    }
  };
}

/**
 * Returns the event of the state that is stored after an outcome; undefined if an earlier attempt published it or nothing
 * changed.
 *
 * Another process can write the set meanwhile. The event therefore describes the stored manifest, and the time of a removal
 * is taken before the check for a manifest.
 */
async function eventOf(
  outcome: Outcome,
  isRepetition: boolean,
  { settings, pipeline, storedManifest, now = () => new Date() }: AnnouncingOptions,
): Promise<ThumbnailEvent | undefined> {
  if (!isRepetition && !isChange(outcome)) {
    return undefined;
  }
  const time = now();
  const { sourceLocation, thumbnailLocation } = settings;
  const sourceBucket = bucketOf(settings, sourceLocation.name);
  const stored = outcome.status === 'ignored' ? undefined : await storedManifest(outcome.key);
  if (stored) {
    const { manifest, key, etag, lastModified } = stored;
    const bucket = bucketOf(settings, thumbnailLocation.name);
    return eventOfManifest(manifest, { pipeline, time: lastModified, sourceBucket, manifest: { bucket, key, etag } });
  }
  return outcome.status === 'deleted' ? eventOfRemoval(outcome.key, { pipeline, time, sourceBucket }) : undefined;
}

function isChange(outcome: Outcome): boolean {
  switch (outcome.status) {
    case 'made':
    case 'rejected':
      return true;
    case 'deleted':
      return outcome.removed > 0;
    case 'unchanged':
    case 'ignored':
      return false;
  }
}

/** Directories are paths of a machine, which mean nothing to the receivers of events. */
function bucketOf({ storage }: Pick<CoreSettings, 'storage'>, name: string): string | undefined {
  return storage === 's3' ? name : undefined;
}

function addBounded(keys: Set<string>, key: string): void {
  keys.delete(key);
  keys.add(key);
  const [oldest] = keys;
  if (oldest !== undefined && keys.size > MAX_FAILED_KEYS) {
    keys.delete(oldest);
  }
}
