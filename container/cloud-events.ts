import { HTTP, type CloudEventV1, type Headers } from 'cloudevents';
import * as v from 'valibot';
import { EventError, readChangedObjects, type ChangedObject } from '../runtime/pipeline';

/**
 * Types of Cloud Storage events that create, replace or delete an object.
 *
 * @see https://cloud.google.com/eventarc/docs/event-types#cloud-storage
 */
const GOOGLE_TYPE = /^google\.cloud\.storage\.object\.v1\.(finalized|deleted|archived|metadataUpdated)$/;
/**
 * Types of Blob Storage events that create, replace or delete a blob, in the CloudEvents schema of Event Grid.
 *
 * @see https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage
 */
const AZURE_TYPE = /^Microsoft\.Storage\.Blob(Created|Deleted|Renamed)$/;
/**
 * Types of S3 events that the adapters of CloudEvents and Knative send. The data of each event is an S3 notification, a single
 * record of an S3 notification, or an EventBridge event.
 *
 * @see https://github.com/cloudevents/spec/blob/main/cloudevents/adapters/aws-s3.md
 */
const S3_TYPE = /(?:^|\.)(?:amazon|amazonaws|aws)[.-]s3(?:\.|$)|^com\.amazonaws\.s3\.|^aws\.s3\b/i;

const googleData = v.object({ bucket: v.pipe(v.string(), v.minLength(1)), name: v.pipe(v.string(), v.minLength(1)) });
const azureSubject = v.pipe(
  v.string(),
  v.regex(/^\/blobServices\/[^/]+\/containers\/[^/]+\/blobs\/.+/s, 'expected /blobServices/…/containers/…/blobs/…'),
);
const azureRename = v.object({ sourceUrl: v.pipe(v.string(), v.url()) });

/**
 * Reads the changed objects of an HTTP request. The request contains CloudEvents in the binary, structured or batched mode, or
 * a message that {@link readChangedObjects} accepts. Returns an empty array for events that change no object.
 *
 * @see https://github.com/cloudevents/spec/blob/main/cloudevents/bindings/http-protocol-binding.md
 * @param headers headers of the request, with names in lower case
 * @throws EventError if the event is not recognized or malformed
 */
export function readHttpEvent(headers: Readonly<Record<string, string>>, body: string): ChangedObject[] {
  const isCloudEvent = 'ce-type' in headers || /^application\/cloudevents/i.test(headers['content-type'] ?? '');
  return isCloudEvent ? cloudEventsOf(headers, body).flatMap(objectsOf) : readChangedObjects(body);
}

function cloudEventsOf(headers: Headers, body: string): CloudEventV1<unknown>[] {
  try {
    return [HTTP.toEvent<unknown>({ headers, body })].flat();
  } catch (error) {
    throw new EventError(`malformed CloudEvent: ${(error as Error).message}`, { cause: error });
  }
}

function objectsOf({ type, subject, data }: CloudEventV1<unknown>): ChangedObject[] {
  if (GOOGLE_TYPE.test(type)) {
    const { bucket, name } = parse(googleData, jsonOf(data), 'data');
    return [{ bucket, key: name }];
  }
  if (AZURE_TYPE.test(type)) {
    const changed = blobOf(parse(azureSubject, subject, 'subject'));
    return type === 'Microsoft.Storage.BlobRenamed' ? [changed, renamedFrom(changed.bucket, jsonOf(data))] : [changed];
  }
  if (S3_TYPE.test(type)) {
    const content = jsonOf(data);
    const isRecord = typeof content === 'object' && content !== null && 's3' in content;
    return readChangedObjects(JSON.stringify(isRecord ? { Records: [content] } : content));
  }
  if (/^(?:google\.cloud\.storage|Microsoft\.Storage)\./.test(type)) {
    return [];
  }
  throw new EventError(
    `type: ${JSON.stringify(type)} is not supported; expected an event of Amazon S3, Google Cloud Storage or Azure Blob Storage`,
  );
}

/** Returns the container and key in `/blobServices/default/containers/CONTAINER/blobs/KEY`. */
function blobOf(subject: string): ChangedObject {
  const [, bucket = '', key = ''] = /\/containers\/([^/]+)\/blobs\/(.+)$/s.exec(subject) ?? [];
  return { bucket, key };
}

/** Returns the previous key of a renamed blob. The event contains the key as part of a percent-encoded URL. */
function renamedFrom(container: string, data: unknown): ChangedObject {
  const { pathname } = new URL(parse(azureRename, data, 'data').sourceUrl);
  const prefix = `/${container}/`;
  return { bucket: container, key: decodeURIComponent(pathname.slice(pathname.indexOf(prefix) + prefix.length)) };
}

/**
 * Returns the data of an event as a JSON value. The CloudEvents SDK returns text if it does not know the content type of an
 * event in the binary mode.
 */
function jsonOf(data: unknown): unknown {
  if (typeof data !== 'string') {
    return data;
  }
  try {
    return JSON.parse(data);
  } catch (error) {
    throw new EventError('data: expected a JSON object', { cause: error });
  }
}

function parse<T>(schema: v.GenericSchema<unknown, T>, value: unknown, field: string): T {
  const parsed = v.safeParse(schema, value);
  if (!parsed.success) {
    const problems = parsed.issues.map(
      (issue) => `${[field, v.getDotPath(issue) ?? []].flat().join('.')}: ${issue.message}`,
    );
    throw new EventError(`malformed CloudEvent: ${problems.join('; ')}`);
  }
  return parsed.output;
}
