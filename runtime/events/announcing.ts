import type { CoreSettings } from '../contract';
import type { Outcome, Reconcile, StoredManifest } from '../pipeline';
import type { EventPublisher } from './event-publisher';
import { eventOfManifest, eventOfRemoval, type ThumbnailEvent } from './thumbnail-event';

/** Options of {@link announcing}. */
export interface AnnouncingOptions {
  readonly publisher: EventPublisher;
  /** Function that reads the manifest of a source. Returns undefined if the source has no thumbnail set. */
  readonly storedManifest: (key: string) => Promise<StoredManifest | undefined>;
  readonly settings: Pick<CoreSettings, 'storage' | 'sourceLocation' | 'thumbnailLocation'>;
  /** Name of the pipeline in events. */
  readonly pipeline: string;
  /** Function that returns the time of an event. @default - the current time */
  readonly now?: () => Date;
}

/** Maximum number of failed keys in memory. If the maximum is exceeded, the function removes the oldest key. */
const MAX_FAILED_KEYS = 10_000;

/**
 * Returns a function that reconciles a key and then publishes an event with the final state of the thumbnail set.
 *
 * If the process ends between the stored manifest and the event, the message remains in the queue. The next attempt finds the
 * thumbnail set up to date. It still publishes the event, because its caller passes `announce: true`. A retry in the same
 * process publishes the event as well, because the function remembers failed keys.
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
 * Returns the event for the stored state after an outcome. Returns undefined if the outcome changes nothing and no event of an
 * earlier attempt is missing.
 *
 * Another process can write the thumbnail set concurrently. Therefore, the event describes the stored manifest instead of the
 * outcome. The time of a removal precedes the check for a manifest, so that the event of a concurrent write is later.
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
    case 'forwarded':
      return false;
  }
}

/** Returns the name of a bucket. Returns undefined for a directory, because other machines cannot use the path. */
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
