import * as z from 'zod';
import { EVENT_VERSION } from '../contract';
import { manifestSchemas, type Manifest } from '../pipeline';

/** Maximum size of the `detail` of an event in bytes. EventBridge accepts events of up to 256 KB, including the envelope. */
const MAX_DETAIL_BYTES = 200_000;

const bucket = z.string().min(1).optional().describe('Name of the bucket; missing if the object store is a directory');
const base = {
  version: z.literal(EVENT_VERSION).describe('Version of the event format'),
  pipeline: z.string().describe('Service name of the pipeline, as in its metrics and logs'),
  time: z.iso
    .datetime()
    .describe(
      'Time of the manifest; for removed thumbnails, time of the event. The event with the latest time is current',
    ),
};
const SOURCE = 'Source of the thumbnails';
const STATUS = 'Final state of the thumbnail set: ready, rejected or removed';
const source = manifestSchemas.source.extend({ bucket }).describe(SOURCE);
const manifest = z
  .object({
    bucket,
    key: z.string().min(1).describe('Key of the manifest in the thumbnail bucket'),
    etag: z.string().describe('ETag of the manifest. Events with equal ETags are equal'),
  })
  .describe('Manifest of the thumbnail set');

const ready = z.object({
  ...base,
  status: z.literal('ready').describe(STATUS),
  source,
  manifest,
  image: manifestSchemas.ready.shape.image,
  thumbHash: manifestSchemas.ready.shape.thumbHash,
  dominantColor: manifestSchemas.ready.shape.dominantColor,
  thumbnails: manifestSchemas.ready.shape.thumbnails
    .optional()
    .describe(
      'Stored files of all thumbnails. Missing if the event would exceed 200,000 bytes; then read the manifest',
    ),
});

const rejected = z.object({
  ...base,
  status: z.literal('rejected').describe(STATUS),
  source,
  manifest,
  rejection: manifestSchemas.rejected.shape.rejection,
});

const removed = z.object({
  ...base,
  status: z.literal('removed').describe(STATUS),
  source: manifestSchemas.source.pick({ key: true }).extend({ bucket }).describe(SOURCE),
});

/** Schema of the events. An event is the `detail` in EventBridge and the `data` in a CloudEvent. */
export const thumbnailEventSchema = z.discriminatedUnion('status', [ready, rejected, removed]);

/** Returns the JSON schema of the events. */
export function eventSchema(): object {
  return { title: 'Thumbnail event', ...z.toJSONSchema(thumbnailEventSchema, { io: 'input' }) };
}

/** Event that describes the final state of a thumbnail set. */
export type ThumbnailEvent = Readonly<z.output<typeof thumbnailEventSchema>>;

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
