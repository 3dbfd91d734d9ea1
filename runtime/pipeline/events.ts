import * as z from 'zod';

/** An object that may have changed. What happened to it is left out on purpose: it is looked at as it is now. */
export interface ChangedObject {
  readonly bucket: string;
  readonly key: string;
}

/** A message that is no event of S3. Another try gives the same, so it belongs in the dead-letter queue. */
export class EventError extends Error {
  public override readonly name = 'EventError';
  public readonly retryable = false;
}

/**
 * Events after which an object may be there, be another or be gone: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
 * S3 leaves out the `s3:`, other stores that speak its language do not.
 */
const CHANGES = /^(?:s3:)?(?:ObjectCreated:|ObjectRemoved:|LifecycleExpiration:|ObjectRestore:Completed$)/;
/** The same in EventBridge: https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html */
const CHANGE_TYPES: ReadonlySet<string> = new Set(['Object Created', 'Object Deleted', 'Object Restore Completed']);

/** A message, as far as it must be known to tell which kind it is. */
const envelope = z.object({
  Records: z.array(z.looseObject({ eventName: z.string() })).optional(),
  Event: z.string().optional(),
  'detail-type': z.string().optional(),
  Type: z.string().optional(),
  Message: z.string().optional(),
});
const place = z.object({
  bucket: z.object({ name: z.string().min(1) }),
  object: z.object({ key: z.string().min(1) }),
});
const changedRecord = z.object({ s3: place });
const changedDetail = z.object({ detail: place });

/**
 * The hints in the body of one message: an S3 notification, an EventBridge event of S3, or either of them wrapped by SNS.
 * Empty for S3's test event and for events that change no object.
 *
 * @throws EventError
 */
export function readChangedObjects(body: string): ChangedObject[] {
  const event = parseJson(body);
  const kind = check(envelope, event, 'the message');
  if (kind.Records) {
    return kind.Records.flatMap((record, index) => {
      if (!CHANGES.test(record.eventName)) {
        return [];
      }
      const { bucket, object } = check(changedRecord, record, `record ${index}`).s3;
      return [{ bucket: bucket.name, key: decodeKey(object.key) }];
    });
  }
  const type = kind['detail-type'];
  if (type !== undefined) {
    if (!CHANGE_TYPES.has(type)) {
      return [];
    }
    const { bucket, object } = check(changedDetail, event, 'the EventBridge event').detail;
    return [{ bucket: bucket.name, key: object.key }];
  }
  if (kind.Type === 'Notification' && kind.Message !== undefined) {
    return readChangedObjects(kind.Message);
  }
  if (kind.Event === 's3:TestEvent') {
    return [];
  }
  throw new EventError(
    `the message is no event of S3: allowed are S3 notifications, EventBridge events and SNS notifications of them, got ${shorten(body)}`,
  );
}

/** Decodes a key as S3 encodes it in notifications: as a form, spaces as `+`. */
function decodeKey(encoded: string): string {
  try {
    return decodeURIComponent(encoded.replaceAll('+', ' '));
  } catch (error) {
    throw new EventError(`the key is not percent-encoded UTF-8: got ${shorten(encoded)}`, { cause: error });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new EventError(`the message is not JSON: got ${shorten(text)}`, { cause: error });
  }
}

function check<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'value'}: ${message}`);
    throw new EventError(`${what} is malformed: ${problems.join('; ')}`);
  }
  return parsed.data;
}

function shorten(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
