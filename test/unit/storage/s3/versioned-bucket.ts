import { CopyObjectCommand, DeleteObjectCommand, S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { type AwsClientStub, mockClient } from 'aws-sdk-client-mock';

/** Version of an object. */
export interface FakeVersion {
  readonly versionId: string | undefined;
  readonly etag: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** State of versioning: `null` for objects that are older than the versioning of their bucket. */
export type Versioning = 'none' | 'enabled' | 'null';

/**
 * Buckets that support the conditions of CopyObject and DeleteObject requests. The callback `before` runs before each request, so
 * that a test can change the buckets.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html
 */
export class FakeVersionedBuckets {
  /** Versions of each object by `bucket/key`, the newest version last. A delete marker is undefined. */
  public readonly objects = new Map<string, (FakeVersion | undefined)[]>();
  public readonly client = new S3Client({ region: 'eu-west-1' });
  public readonly stub: AwsClientStub<S3Client>;
  public before: (command: 'copy' | 'delete') => void = () => undefined;
  private nextVersion = 1;

  public constructor(private readonly versioning: Versioning) {
    this.stub = mockClient(this.client);
    this.stub.on(CopyObjectCommand).callsFake((input: CopyObjectCommand['input']) => {
      this.before('copy');
      return this.copy(input);
    });
    this.stub.on(DeleteObjectCommand).callsFake((input: DeleteObjectCommand['input']) => {
      this.before('delete');
      return this.delete(input);
    });
  }

  /** Writes an object. */
  public put(path: string, etag: string, tags: Readonly<Record<string, string>> = {}): void {
    const version = { etag, tags, versionId: this.newVersionId() };
    const earlier = this.versioning === 'enabled' ? (this.objects.get(path) ?? []) : [];
    this.objects.set(path, [...earlier, version]);
  }

  /** Returns the current version. */
  public current(path: string): FakeVersion | undefined {
    return this.objects.get(path)?.at(-1);
  }

  private newVersionId(): string | undefined {
    return { none: undefined, enabled: `v${this.nextVersion++}`, null: 'null' }[this.versioning];
  }

  private copy({ CopySource, CopySourceIfMatch, Bucket, Key }: CopyObjectCommand['input']): object {
    const source = this.current(decodeURIComponent(CopySource!));
    if (!source) {
      throw failure('NoSuchKey', 404);
    }
    if (CopySourceIfMatch !== `"${source.etag}"`) {
      throw failure('PreconditionFailed', 412);
    }
    this.put(`${Bucket}/${Key}`, source.etag, source.tags);
    return source.versionId === undefined ? {} : { CopySourceVersionId: source.versionId };
  }

  private delete({ Bucket, Key, VersionId, IfMatch }: DeleteObjectCommand['input']): object {
    const path = `${Bucket}/${Key}`;
    const versions = this.objects.get(path) ?? [];
    if (VersionId !== undefined) {
      this.objects.set(
        path,
        versions.filter((version) => version?.versionId !== VersionId),
      );
      return {};
    }
    const current = this.current(path);
    if (IfMatch !== undefined && !current) {
      throw failure('NoSuchKey', 404);
    }
    if (IfMatch !== undefined && IfMatch !== `"${current!.etag}"`) {
      throw failure('PreconditionFailed', 412);
    }
    this.objects.set(path, this.versioning === 'none' ? [] : [...versions, undefined]);
    return {};
  }
}

/** Creates an error of S3. */
export function failure(name: string, httpStatusCode: number): S3ServiceException {
  return new S3ServiceException({ name, message: name, $fault: 'client', $metadata: { httpStatusCode } });
}
