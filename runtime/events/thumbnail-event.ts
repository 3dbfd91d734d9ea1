import * as v from 'valibot';
import { EVENT_VERSION } from '../contract';
import { jsonSchemaOf, manifestSchemas, type Manifest } from '../pipeline';

/** Maximum size of the `detail` of an event in bytes. EventBridge accepts events of up to 256 KB, including the envelope. */
const MAX_DETAIL_BYTES = 200_000;

const bucket = v.optional(
  v.pipe(v.string(), v.minLength(1), v.description('Name of the bucket; missing if the object store is a directory')),
);
const base = {
  version: v.pipe(v.literal(EVENT_VERSION), v.description('Version of the event format')),
  pipeline: v.pipe(v.string(), v.description('Service name of the pipeline, as in its metrics and logs')),
  time: v.pipe(
    v.string(),
    v.isoTimestamp(),
    v.description(
      'Time of the manifest; for removed thumbnails, time of the event. The event with the latest time is current',
    ),
  ),
};
const SOURCE = 'Source of the thumbnails';
const STATUS = 'Final state of the thumbnail set: ready, rejected or removed';
const source = v.pipe(v.object({ ...manifestSchemas.source.entries, bucket }), v.description(SOURCE));
const manifest = v.pipe(
  v.object({
    bucket,
    key: v.pipe(v.string(), v.minLength(1), v.description('Key of the manifest in the thumbnail bucket')),
    etag: v.pipe(v.string(), v.description('ETag of the manifest. Events with equal ETags are equal')),
  }),
  v.description('Manifest of the thumbnail set'),
);

const ready = v.object({
  ...base,
  status: v.pipe(v.literal('ready'), v.description(STATUS)),
  source,
  manifest,
  image: manifestSchemas.ready.entries.image,
  thumbHash: manifestSchemas.ready.entries.thumbHash,
  dominantColor: manifestSchemas.ready.entries.dominantColor,
  thumbnails: v.optional(
    v.pipe(
      manifestSchemas.ready.entries.thumbnails,
      v.description(
        'Stored files of all thumbnails. Missing if the event would exceed 200,000 bytes; then read the manifest',
      ),
    ),
  ),
});

const rejected = v.object({
  ...base,
  status: v.pipe(v.literal('rejected'), v.description(STATUS)),
  source,
  manifest,
  rejection: manifestSchemas.rejected.entries.rejection,
});

const removed = v.object({
  ...base,
  status: v.pipe(v.literal('removed'), v.description(STATUS)),
  source: v.pipe(v.object({ key: manifestSchemas.source.entries.key, bucket }), v.description(SOURCE)),
});

/** Schema of the events. An event is the `detail` in EventBridge and the `data` in a CloudEvent. */
export const thumbnailEventSchema = v.variant('status', [ready, rejected, removed]);

/** Returns the JSON schema of the events. */
export function eventSchema(): object {
  return { title: 'Thumbnail event', ...jsonSchemaOf(thumbnailEventSchema) };
}

/** Event that describes the final state of a thumbnail set. */
export type ThumbnailEvent = Readonly<v.InferOutput<typeof thumbnailEventSchema>>;

/** Values of an event that the manifest does not contain. */
export interface EventContext {
  readonly pipeline: string;
  readonly time: Date;
  /** Name of the source bucket. Undefined for a source directory. */
  readonly sourceBucket: string | undefined;
  readonly manifest: { readonly bucket: string | undefined; readonly key: string; readonly etag: string };
}

/** Returns the event for a manifest. */
export function eventOfManifest(stored: Manifest, context: EventContext): ThumbnailEvent {
  const common = {
    ...baseOf(context),
    source: { ...bucketOf(context.sourceBucket), ...stored.source },
    manifest: {
      ...bucketOf(context.manifest.bucket),
      key: context.manifest.key,
      etag: context.manifest.etag,
    },
  };
  if (stored.status === 'rejected') {
    return { ...common, status: 'rejected', rejection: stored.rejection };
  }
  const { image, thumbHash, dominantColor, thumbnails } = stored;
  const event = { ...common, status: 'ready' as const, image, thumbHash, dominantColor };
  const complete = { ...event, thumbnails };
  return Buffer.byteLength(JSON.stringify(complete)) > MAX_DETAIL_BYTES ? event : complete;
}

/** Returns the event for the removal of the thumbnails of a deleted source. */
export function eventOfRemoval(key: string, context: Omit<EventContext, 'manifest'>): ThumbnailEvent {
  return { ...baseOf(context), status: 'removed', source: { ...bucketOf(context.sourceBucket), key } };
}

function baseOf({ pipeline, time }: Pick<EventContext, 'pipeline' | 'time'>) {
  return { version: EVENT_VERSION, pipeline, time: time.toISOString() } as const;
}

function bucketOf(name: string | undefined): { readonly bucket?: string } {
  return name === undefined ? {} : { bucket: name };
}
