import { CopyObjectCommand, DeleteObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { checkKey, showKey } from '../object-key';
import { type Call, callWithTimeout } from './s3-call';
import { createS3Client, sendingTime } from './s3-client';
import { statusOf, toObjectStoreError } from './s3-errors';
import { CALL_TIMEOUT } from './s3-object-store';

/** Version id of objects that were written while their bucket had no versioning. */
const NULL_VERSION = 'null';

/** A key in a bucket. */
export interface ObjectLocation {
  readonly bucket: string;
  readonly key: string;
}

/** State of an object to move. */
export interface MovedObject extends ObjectLocation {
  /** ETag without quotes. An object with another ETag is not moved. */
  readonly etag: string;
  readonly bytes: number;
}

/**
 * Result of a move.
 *
 * - `moved`: the object is at its destination, and its source version no longer exists
 * - `replaced`: the object was replaced or deleted before the copy or during the copy. The new object is unchanged. A copy of
 *   the earlier object can be at the destination.
 */
export type MoveResult = 'moved' | 'replaced';

/** Moves objects between buckets, with their metadata and tags. */
export class S3Mover {
  public constructor(
    private readonly client: S3Client = createS3Client(),
    private readonly callTimeout: number = CALL_TIMEOUT,
  ) {}

  /**
   * Copies an object, and then deletes the copied version. Both requests are conditional. Therefore, the move neither copies
   * nor deletes a new upload to the key. A repeated move after an interruption has the same result.
   *
   * @throws ObjectStoreError if S3 rejects a request for any other reason
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

  /** Copies the current version. Returns the id of the copied version; undefined if the bucket has no versions. */
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
    // S3 responds after it has copied the bytes.
    const duration = sendingTime(bytes);
    const output = await this.call(doing, duration, ({ abortSignal }) =>
      this.client.send(command, { abortSignal, requestTimeout: this.callTimeout + duration }),
    );
    return output.CopySourceVersionId;
  }

  /** Deletes a version, or the object if it still has the same ETag. */
  private async delete(
    { bucket, key, etag }: MovedObject,
    versionId: string | undefined,
    doing: string,
  ): Promise<void> {
    // A version never changes. An upload can replace the null version. Therefore, the deletion of the null version depends on
    // the ETag.
    const condition =
      versionId === undefined || versionId === NULL_VERSION ? { IfMatch: `"${etag}"` } : { VersionId: versionId };
    const command = new DeleteObjectCommand({ Bucket: bucket, Key: key, ...condition });
    await this.call(doing, 0, ({ abortSignal }) => this.client.send(command, { abortSignal }));
  }

  private call<T>(doing: string, more: number, send: (call: Call) => Promise<T>): Promise<T> {
    return callWithTimeout({ doing, timeout: this.callTimeout + more }, send);
  }
}
