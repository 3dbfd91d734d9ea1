import {
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  ListObjectVersionsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { StorageKind } from '../../runtime/contract';
import { openObjectStore } from '../../runtime/storage';
import { createS3Client } from '../../runtime/storage/s3/s3-client';

/** An object, or one version of an object in a versioned bucket. */
export interface ErasableObject {
  readonly key: string;
  /** Id of the version; undefined without versioning. */
  readonly versionId?: string | undefined;
  /** Size in bytes; 0 for a delete marker. */
  readonly bytes: number;
}

/** Object that the command could not delete, with the reason. */
export interface EraseFailure {
  readonly key: string;
  readonly reason: string;
}

/** Bucket or directory from which the command `erase` deletes objects with all versions. */
export interface ErasableLocation {
  readonly isVersioned: boolean;
  /** Lists the objects with a prefix. In a versioned bucket, lists all versions and delete markers. */
  list(prefix: string): AsyncIterable<ErasableObject>;
  /** Deletes up to 1,000 objects. Returns the objects that were not deleted. */
  delete(objects: readonly ErasableObject[]): Promise<EraseFailure[]>;
  close(): void;
}

/**
 * Opens a bucket or directory.
 *
 * @throws Error if the request for the versioning state of the bucket fails
 */
export async function openErasableLocation(kind: StorageKind, name: string): Promise<ErasableLocation> {
  if (kind === 's3') {
    const client = createS3Client();
    if (await hasVersions(client, name)) {
      return versionedBucket(client, name);
    }
    client.destroy();
  }
  const store = await openObjectStore(kind, name);
  return {
    isVersioned: false,
    list: (prefix) => store.list({ prefix }),
    delete: async (objects) => {
      try {
        await store.delete(objects.map(({ key }) => key));
        return [];
      } catch (error) {
        return objects.map(({ key }) => ({ key, reason: (error as Error).message }));
      }
    },
    close: () => undefined,
  };
}

/**
 * Returns whether versioning of a bucket is enabled or suspended. Returns false if an S3-compatible service does not support
 * the request.
 */
async function hasVersions(client: S3Client, Bucket: string): Promise<boolean> {
  try {
    return (await client.send(new GetBucketVersioningCommand({ Bucket }))).Status !== undefined;
  } catch (error) {
    if ((error as Error).name === 'NotImplemented') {
      return false;
    }
    throw error;
  }
}

function versionedBucket(client: S3Client, Bucket: string): ErasableLocation {
  return {
    isVersioned: true,
    async *list(Prefix) {
      let marker: { readonly KeyMarker?: string | undefined; readonly VersionIdMarker?: string | undefined } = {};
      for (;;) {
        const page = await client.send(new ListObjectVersionsCommand({ Bucket, Prefix, ...marker }));
        for (const { Key: key = '', VersionId: versionId, Size: bytes = 0 } of page.Versions ?? []) {
          yield { key, versionId, bytes };
        }
        for (const { Key: key = '', VersionId: versionId } of page.DeleteMarkers ?? []) {
          yield { key, versionId, bytes: 0 };
        }
        if (page.IsTruncated !== true) {
          return;
        }
        marker = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
      }
    },
    delete: async (objects) => {
      const Objects = objects.map(({ key: Key, versionId: VersionId }) => ({ Key, VersionId }));
      const command = new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } });
      const { Errors = [] } = await client.send(command);
      return Errors.map(({ Key: key = '', Code = '', Message = '' }) => ({ key, reason: `${Code}: ${Message}` }));
    },
    close: () => client.destroy(),
  };
}
