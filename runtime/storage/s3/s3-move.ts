import { CopyObjectCommand, DeleteObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { checkKey, showKey } from '../object-key';
import { type Call, callWithTimeout } from './s3-call';
import { createS3Client, sendingTime } from './s3-client';
import { statusOf, toObjectStoreError } from './s3-errors';
import { CALL_TIMEOUT } from './s3-object-store';

/** Version id of an object that S3 stored while the bucket had no versioning. */
const NULL_VERSION = 'null';

/** A key in a bucket. */
export interface ObjectLocation {
  readonly bucket: string;
  readonly key: string;
}

/** An object to move, with its expected ETag and size. */
export interface MovedObject extends ObjectLocation {
  /** ETag without quotes. The mover does not move an object with a different ETag. */
  readonly etag: string;
  readonly bytes: number;
}

/**
 * Result of a move.
 *
 * - `moved`: The object is at its destination. The source version no longer exists.
 * - `replaced`: Another writer replaced or deleted the object before the end of the move. The new object is unchanged. A copy
 *   of the earlier object can be at the destination.
 */
export type MoveResult = 'moved' | 'replaced';

/** Moves objects between buckets. A moved object keeps its metadata and tags. */
export class S3Mover {
  public constructor(
    private readonly client: S3Client = createS3Client(),
    private readonly callTimeout: number = CALL_TIMEOUT,
  ) {}

  /**
   * Copies an object, and then deletes the copied version. Both requests are conditional, so that the move does not affect an
   * object that another writer uploads to the same key. An interrupted move can be repeated.
   *
   * @throws ObjectStoreError if S3 rejects a request for a reason other than a replaced object
   */
  public async move(object: MovedObject, destination: ObjectLocation): Promise<MoveResult> {
    const doing = `move ${showKey(object.key)} in the bucket ${object.bucket} to ${showKey(destination.key)} in the bucket ${destination.bucket}`;
    checkKey(object.key);
    checkKey(destination.key);
    try {
      const versionId = await this.copy(object, destination, doing);
      await this.delete(object, versionId, doing);
      return 'moved';
    } catch (error) {
      const failure = toObjectStoreError(error, doing);
      const status = statusOf(error);
      if (status === 412 || (status === 404 && failure.code !== 'storage-not-found')) {
        return 'replaced';
      }
      throw failure;
    }
  }

  /** Copies the current version. Returns the id of the copied version. Returns undefined if the bucket has no versions. */
  private async copy(
    { bucket, key, etag, bytes }: MovedObject,
    destination: ObjectLocation,
    doing: string,
  ): Promise<string | undefined> {
    const command = new CopyObjectCommand({
      CopySource: `${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`,
      CopySourceIfMatch: `"${etag}"`,
      Bucket: destination.bucket,
      Key: destination.key,
      MetadataDirective: 'COPY',
      TaggingDirective: 'COPY',
    });
    // S3 copies the bytes before the response. Therefore, the timeout depends on the size.
    const duration = sendingTime(bytes);
    const output = await this.call(doing, duration, ({ abortSignal }) =>
      this.client.send(command, { abortSignal, requestTimeout: this.callTimeout + duration }),
    );
    return output.CopySourceVersionId;
  }

  /** Deletes a version of an object. In a bucket without versioning, deletes the object if its ETag is unchanged. */
  private async delete(
    { bucket, key, etag }: MovedObject,
    versionId: string | undefined,
    doing: string,
  ): Promise<void> {
    // A version with an id never changes, but an upload can replace the null version. Therefore, only the deletion of the null
    // version requires the ETag as a condition.
    const condition =
      versionId === undefined || versionId === NULL_VERSION ? { IfMatch: `"${etag}"` } : { VersionId: versionId };
    const command = new DeleteObjectCommand({ Bucket: bucket, Key: key, ...condition });
    await this.call(doing, 0, ({ abortSignal }) => this.client.send(command, { abortSignal }));
  }

  private call<T>(doing: string, more: number, send: (call: Call) => Promise<T>): Promise<T> {
    return callWithTimeout({ doing, timeout: this.callTimeout + more }, send);
  }
}
