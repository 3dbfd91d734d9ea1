import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import S3Object from 's3rver/lib/models/object';
import FilesystemStore from 's3rver/lib/stores/filesystem';

/** Parameters of a listing. */
export interface Listing {
  readonly prefix?: string;
  readonly delimiter?: string;
  readonly startAfter?: string;
  readonly maxKeys?: number;
}

const HEX_KEY = 's3rver-key-in-hex:';

/** Encodes a key for the router of s3rver, which responds 404 to keys with empty segments such as `a//b` and `/a`. */
export function toRoutableKey(key: string): string {
  return /^[^/]+(?:\/[^/]+)*\/?$/.test(key) ? key : HEX_KEY + Buffer.from(key).toString('hex');
}

/** Decodes the result of {@link toRoutableKey}. */
export function fromRoutableKey(key: string): string {
  return key.startsWith(HEX_KEY) ? Buffer.from(key.slice(HEX_KEY.length), 'hex').toString() : key;
}

/**
 * Keeps the objects of s3rver in memory. Buckets, bucket configurations and parts of uploads remain in the directory of s3rver.
 *
 * The file system store of s3rver has three defects. A key over 240 bytes terminates the process with ENAMETOOLONG. PUT
 * responds before the bytes are on disk. Listings have the order of directories instead of the order of keys.
 */
export class MemoryObjects extends FilesystemStore {
  private readonly buckets = new Map<string, Map<string, S3Object<Buffer>>>();

  public async putObject(object: S3Object): Promise<{ size: number; md5: string }> {
    const body = Buffer.isBuffer(object.content) ? object.content : await buffer(object.content);
    const md5 = createHash('md5').update(body).digest('hex');
    this.keep(object.bucket, object.key, body, { ...object.metadata, etag: JSON.stringify(md5) });
    return { size: body.length, md5 };
  }

  public getObject(
    bucket: string,
    routableKey: string,
    { start = 0, end = Infinity }: { start?: number; end?: number } = {},
  ): S3Object<Readable | undefined> | null {
    const object = this.find(bucket, routableKey);
    if (!object) {
      return null;
    }
    const range = { start, end: Math.min(end, Math.max(0, object.size - 1)) };
    const content = start <= range.end ? Readable.from(object.content.subarray(start, range.end + 1)) : undefined;
    const result = new S3Object(bucket, object.key, content, object.metadata);
    if (start > 0 || end !== Infinity) {
      result.range = range;
    }
    return result;
  }

  public existsObject(bucket: string, routableKey: string): boolean {
    return this.find(bucket, routableKey) !== undefined;
  }

  public deleteObject(bucket: string, routableKey: string): void {
    this.buckets.get(bucket)?.delete(fromRoutableKey(routableKey));
  }

  public copyObject(
    bucket: string,
    routableKey: string,
    toBucket: string,
    toRoutable: string,
    metadata?: Readonly<Record<string, string>>,
  ): Record<string, string> {
    const source = this.find(bucket, routableKey);
    // s3rver converts ENOENT to NoSuchKey.
    if (!source) {
      throw Object.assign(new Error(`no object ${routableKey}`), { code: 'ENOENT' });
    }
    const { etag = '' } = source.metadata;
    return this.keep(toBucket, toRoutable, source.content, { ...(metadata ?? source.metadata), etag }).metadata;
  }

  public listObjects(
    bucket: string,
    { prefix = '', delimiter = '', startAfter = '', maxKeys = Infinity }: Listing,
  ): { objects: S3Object<Buffer>[]; commonPrefixes: string[]; isTruncated: boolean } {
    const after = Buffer.from(startAfter);
    const objects: S3Object<Buffer>[] = [];
    const commonPrefixes = new Set<string>();
    const sorted = [...(this.buckets.get(bucket) ?? [])]
      .map(([key, object]) => ({ key, bytes: Buffer.from(key), object }))
      .sort((a, b) => Buffer.compare(a.bytes, b.bytes));
    for (const { key, bytes, object } of sorted) {
      if (!key.startsWith(prefix) || Buffer.compare(bytes, after) <= 0) {
        continue;
      }
      const cut = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
      if (cut >= 0) {
        commonPrefixes.add(key.slice(0, cut + delimiter.length));
      } else if (objects.length === maxKeys) {
        return { objects, commonPrefixes: [...commonPrefixes], isTruncated: true };
      } else {
        objects.push(object);
      }
    }
    return { objects, commonPrefixes: [...commonPrefixes], isTruncated: false };
  }

  public override async deleteBucket(bucket: string): Promise<void> {
    this.buckets.delete(bucket);
    await super.deleteBucket(bucket);
  }

  public override reset(): void {
    this.buckets.clear();
    super.reset();
  }

  private find(bucket: string, routableKey: string): S3Object<Buffer> | undefined {
    return this.buckets.get(bucket)?.get(fromRoutableKey(routableKey));
  }

  private keep(
    bucket: string,
    routableKey: string,
    body: Buffer,
    metadata: Readonly<Record<string, string>>,
  ): S3Object<Buffer> {
    const key = fromRoutableKey(routableKey);
    const object = new S3Object(bucket, key, body, {
      ...metadata,
      'last-modified': new Date().toUTCString(),
      'content-length': String(body.length),
    });
    const objects = this.buckets.get(bucket) ?? new Map<string, S3Object<Buffer>>();
    this.buckets.set(bucket, objects.set(key, object));
    return object;
  }
}
