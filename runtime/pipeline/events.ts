import * as v from 'valibot';
import { SCAN_RESULT_TYPE } from '../contract';
import { ERROR_CODES } from '../errors/error-codes';

/**
 * An object that may have been created, replaced or deleted. The type does not contain the kind of the change, because the
 * runtime reads the current state of the object.
 */
export interface ChangedObject {
  readonly bucket: string;
  readonly key: string;
  /** Whether the message reports the end of a malware scan. If the object has no tag yet, a retry is required. */
  readonly scanned?: true;
  /**
   * `true` if a worker must publish the event of the thumbnail set even if the thumbnail set is current. See
   * {@link announcementMessage}.
   */
  readonly announce?: true;
  /** Number of earlier attempts whose analysis failed. See {@link postponedMessage}. @default 0 */
  readonly failedAnalyses?: number;
}

/**
 * Error for a message that is not an S3 event. A retry cannot succeed. Therefore, the message goes to the dead-letter queue.
 */
export class EventError extends Error {
  public override readonly name = 'EventError';
  public readonly code = 'invalid-event';
  public readonly retryable = ERROR_CODES['invalid-event'].retryable;
}

/**
 * Pattern of the names of events that create, replace or delete an object. S3 omits the prefix `s3:`. Other object stores
 * include this prefix.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
 */
const EVENT_NAMES = /^(?:s3:)?(?:ObjectCreated:|ObjectRemoved:|LifecycleExpiration:|ObjectRestore:Completed$)/;
/**
 * Detail types of the EventBridge events for creating, replacing or deleting an object.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html
 */
const DETAIL_TYPES: ReadonlySet<string> = new Set(['Object Created', 'Object Deleted', 'Object Restore Completed']);

/** Schema of the properties that identify the kind of a message. */
const envelope = v.object({
  Records: v.optional(v.array(v.looseObject({ eventName: v.string() }))),
  Event: v.optional(v.string()),
  'detail-type': v.optional(v.string()),
  Type: v.optional(v.string()),
  Message: v.optional(v.string()),
});
const nonEmpty = v.pipe(v.string(), v.minLength(1));
const location = v.object({
  bucket: v.object({ name: nonEmpty }),
  object: v.object({ key: nonEmpty }),
});
const changedRecord = v.object({
  eventSource: v.optional(v.string()),
  failedAnalyses: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  s3: location,
});
/** `eventSource` of the messages from {@link announcementMessage}. The `eventSource` of S3 is `aws:s3`. */
const ANNOUNCEMENT_SOURCE = 'cdk-thumbnails';
/** `eventSource` of the messages from {@link changeMessage}. */
const FORWARDING_SOURCE = 'cdk-thumbnails:forwarding';
/** `eventSource` of the messages from {@link postponedMessage} with `announce: false`. */
const POSTPONING_SOURCE = 'cdk-thumbnails:analysis';
const changedDetail = v.object({ detail: location });
const scanResult = v.object({
  detail: v.object({ s3ObjectDetails: v.object({ bucketName: nonEmpty, objectKey: nonEmpty }) }),
});

/**
 * Returns the changed objects in the body of a message. Returns an empty array for S3's test event and for events that change
 * no object.
 *
 * The message is an S3 event notification or an EventBridge event of S3. An SNS notification can contain the message.
 *
 * @throws EventError if the message is unrecognized or malformed
 */
export function readChangedObjects(body: string): ChangedObject[] {
  const event = parseJson(body);
  const kind = parse(envelope, event);
  if (kind.Records) {
    return kind.Records.flatMap((record, index) => {
      if (!EVENT_NAMES.test(record.eventName)) {
        return [];
      }
      const { eventSource, failedAnalyses, s3 } = parse(changedRecord, record, 'Records', index);
      const key = decodeKey(s3.object.key);
      const announces = eventSource === ANNOUNCEMENT_SOURCE && { announce: true as const };
      return [{ bucket: s3.bucket.name, key, ...announces, ...(failedAnalyses !== undefined && { failedAnalyses }) }];
    });
  }
  const type = kind['detail-type'];
  if (type !== undefined) {
    if (type === SCAN_RESULT_TYPE) {
      const { bucketName, objectKey } = parse(scanResult, event).detail.s3ObjectDetails;
      return [{ bucket: bucketName, key: objectKey, scanned: true }];
    }
    if (!DETAIL_TYPES.has(type)) {
      return [];
    }
    const { bucket, object } = parse(changedDetail, event).detail;
    return [{ bucket: bucket.name, key: object.key }];
  }
  if (kind.Type === 'Notification' && kind.Message !== undefined) {
    return readChangedObjects(kind.Message);
  }
  if (kind.Event === 's3:TestEvent') {
    return [];
  }
  throw new EventError(
    `unrecognized message: ${shorten(body)}; expected an S3 event notification, an EventBridge event or an SNS notification`,
  );
}

/**
 * Returns the body of a message in the format of an S3 event notification. A worker that receives the message reconciles the
 * source. The worker then publishes the event of the thumbnail set even if the thumbnail set is current.
 */
export function announcementMessage(bucket: string, key: string): string {
  return messageOf(bucket, key, { eventSource: ANNOUNCEMENT_SOURCE, eventName: 'ObjectCreated:OnDemand' });
}

/**
 * Returns the body of a message in the format of an S3 event notification. A worker that receives the message reconciles the
 * source.
 */
export function changeMessage(bucket: string, key: string): string {
  return messageOf(bucket, key, { eventSource: FORWARDING_SOURCE, eventName: 'ObjectCreated:Forwarded' });
}

/** Properties of a key whose analysis failed. */
export interface PostponedKey {
  readonly bucket: string;
  readonly key: string;
  /** Whether a worker must publish the event of the thumbnail set. See {@link ChangedObject.announce}. */
  readonly announce: boolean;
  /** Number of attempts whose analysis failed, 1 or more. */
  readonly failedAnalyses: number;
}

/**
 * Returns the body of a message in the format of an S3 event notification. The message replaces the message of an image whose
 * analysis failed, so that the receive count starts at 1 again.
 */
export function postponedMessage({ bucket, key, announce, failedAnalyses }: PostponedKey): string {
  const eventSource = announce ? ANNOUNCEMENT_SOURCE : POSTPONING_SOURCE;
  return messageOf(bucket, key, { eventSource, eventName: 'ObjectCreated:Postponed', failedAnalyses });
}

/** Properties of a record in an S3 event notification, without the object. */
interface RecordKind {
  readonly eventSource: string;
  readonly eventName: string;
  readonly failedAnalyses?: number;
}

function messageOf(bucket: string, key: string, kind: RecordKind): string {
  const s3 = { bucket: { name: bucket }, object: { key: encodeURIComponent(key) } };
  return JSON.stringify({ Records: [{ ...kind, s3 }] });
}

/** Decodes a key in an S3 event notification. S3 percent-encodes keys, and encodes a space as `+`. */
function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch (error) {
    throw new EventError(`object key: ${shorten(encoded)} is invalid; expected percent-encoded UTF-8`, {
      cause: error,
    });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new EventError(`message: ${shorten(text)} is not valid JSON; expected an event of S3 or EventBridge`, {
      cause: error,
    });
  }
}

/**
 * Validates a value in a message.
 *
 * @param at path of the value in the message
 */
function parse<T>(schema: v.GenericSchema<unknown, T>, value: unknown, ...at: readonly (string | number)[]): T {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    const problems = parsed.issues.map(
      (issue) => `${[...at, v.getDotPath(issue) ?? []].flat().join('.') || 'message'}: ${issue.message}`,
    );
    throw new EventError(`malformed event: ${problems.join('; ')}`);
  }
  return parsed.output;
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
