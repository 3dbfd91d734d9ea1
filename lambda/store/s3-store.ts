import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { createPresignedPost } from '@aws-sdk/s3-presigned-post';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { checkKey, compareKeys, showKey } from './key';
import { checkMetadataNames } from './metadata';
import { createS3Client, type S3ClientOptions } from './s3-client';
import { fromDeleteError, isMissingObject, statusOf, toStoreError } from './s3-errors';
import { decodeMetadata, encodeMetadata } from './s3-metadata';
import {
  type ListedObject,
  type ListOptions,
  type ObjectHead,
  type PresigningStore,
  type PutOptions,
  StoreError,
  type StoredObject,
  type UploadTerms,
} from './store';

/** Which bucket, and how to reach it. */
export interface S3StoreOptions extends S3ClientOptions {
  /** Its name, or the ARN of an access point. */
  readonly bucket: string;
  /** Used in place of a client of the store's own; the other options are without effect then. */
  readonly client?: S3Client;
}

/** Most keys that one DeleteObjects takes. */
const DELETE_BATCH = 1000;
/** What S3 replaces in the key of a form by the name of the file, which its sender chooses. */
const FILENAME = '${filename}';
/** Characters that XML 1.0 has no way to write, so that a key with one cannot be named in a DeleteObjects. */
const NOT_IN_XML = /[^\t\n\r\x20-\ufffd]/;

/** Objects in a bucket of S3, or of a service that speaks as S3 does. */
export class S3Store implements PresigningStore {
  private readonly bucket: string;
  private readonly client: S3Client;

  public constructor(options: S3StoreOptions) {
    this.bucket = options.bucket;
    this.client = options.client ?? createS3Client(options);
  }

  /** {@inheritDoc Store.head} */
  public async head(key: string): Promise<ObjectHead | undefined> {
    checkKey(key);
    try {
      return this.toHead(key, await this.client.send(new HeadObjectCommand({ Bucket: this.bucket, Key: key })));
    } catch (error) {
      const status = statusOf(error) ?? 0;
      if (status < 400 || status >= 500 || status === 429) throw toStoreError(error, this.reading(key));
    }
    // The answer to a HEAD has no body that could say why, and a bucket that is gone must not pass for an object that is.
    const output = await this.open(key);
    if (output === undefined) return undefined;
    bodyOf(output).destroy();
    return this.toHead(key, output);
  }

  /** {@inheritDoc Store.get} */
  public async get(key: string, { maxBytes }: { readonly maxBytes: number }): Promise<StoredObject | undefined> {
    checkKey(key);
    const output = await this.open(key);
    if (output === undefined) return undefined;
    try {
      const body = await readBody(bodyOf(output), output.ContentLength, maxBytes, this.reading(key));
      return { ...this.toHead(key, output), bytes: body.length, body };
    } catch (error) {
      throw toStoreError(error, this.reading(key));
    }
  }

  /** {@inheritDoc Store.put} */
  public async put(key: string, body: Buffer, options: PutOptions): Promise<{ readonly etag: string }> {
    checkKey(key);
    const { contentType, cacheControl, metadata = {} } = options;
    checkMetadataNames(metadata);
    const doing = `write ${this.name(key)}`;
    try {
      const { ETag } = await this.client.send(
        new PutObjectCommand({
          Bucket: this.bucket,
          Key: key,
          Body: body,
          ContentType: contentType,
          ...(cacheControl === undefined ? {} : { CacheControl: cacheControl }),
          Metadata: encodeMetadata(metadata),
        }),
      );
      return { etag: this.unquote(ETag) };
    } catch (error) {
      throw toStoreError(error, doing);
    }
  }

  /** {@inheritDoc Store.delete} */
  public async delete(keys: readonly string[]): Promise<void> {
    keys.forEach(checkKey);
    const unique = [...new Set(keys)];
    const failures: StoreError[] = [];
    const inXml = unique.filter((key) => !NOT_IN_XML.test(key));
    for (let start = 0; start < inXml.length; start += DELETE_BATCH) {
      failures.push(...(await this.deleteBatch(inXml.slice(start, start + DELETE_BATCH))));
    }
    for (const key of unique.filter((each) => NOT_IN_XML.test(each))) failures.push(...(await this.deleteOne(key)));
    const [first] = failures;
    if (first === undefined) return;
    if (failures.length === 1) throw first;
    throw new StoreError(
      first.code,
      `${failures.length} of ${unique.length} objects remain; the first: ${first.message}`,
      {
        cause: new AggregateError(failures),
      },
    );
  }

  /**
   * {@inheritDoc Store.list}
   *
   * @throws StoreError `unreachable` where the bucket lists in another order (a directory bucket does): who compares two
   * listings would take objects for missing.
   */
  public async *list({ prefix, shallow = false }: ListOptions): AsyncIterable<ListedObject> {
    let token: string | undefined;
    let last = '';
    do {
      const page = await this.listPage({ prefix, shallow, token });
      for (const { Key = '', Size = 0, ETag, LastModified = new Date(0) } of page.Contents ?? []) {
        const key = this.decode(Key, page);
        if (compareKeys(key, last) <= 0) throw this.outOfOrder(last, key);
        last = key;
        yield { key, bytes: Size, etag: this.unquote(ETag), lastModified: LastModified };
      }
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
      if (page.IsTruncated && token === undefined) {
        throw new StoreError(
          'unreachable',
          `cannot ${this.listing(prefix)}: a page is cut, and nothing says where to go on`,
        );
      }
    } while (token !== undefined);
  }

  /** {@inheritDoc Store.check} */
  public async check(): Promise<void> {
    await this.listPage({ prefix: '', shallow: false, maxKeys: 1 });
  }

  /** {@inheritDoc PresigningStore.presignGet} */
  public async presignGet(key: string, { seconds }: { readonly seconds: number }): Promise<string> {
    checkKey(key);
    const command = new GetObjectCommand({ Bucket: this.bucket, Key: key });
    try {
      return await getSignedUrl(this.client, command, { expiresIn: seconds });
    } catch (error) {
      throw toStoreError(error, `sign a URL of ${this.name(key)}`);
    }
  }

  /** {@inheritDoc PresigningStore.presignPost} */
  public async presignPost({ key, contentType, bytes, metadata = {}, seconds }: UploadTerms): Promise<{
    readonly url: string;
    readonly fields: Readonly<Record<string, string>>;
  }> {
    checkKey(key);
    checkMetadataNames(metadata);
    const ofObject = Object.entries(encodeMetadata(metadata)).map(([name, value]) => [`x-amz-meta-${name}`, value]);
    const fields = { 'Content-Type': contentType, ...(Object.fromEntries(ofObject) as Record<string, string>) };
    if (key.includes(FILENAME)) {
      throw new StoreError(
        'invalid-key',
        `${showKey(key)} cannot be uploaded by a form: S3 replaces ${FILENAME} in it`,
      );
    }
    try {
      return await createPresignedPost(this.client, {
        Bucket: this.bucket,
        Key: key,
        Fields: fields,
        Conditions: [['content-length-range', bytes, bytes]],
        Expires: seconds,
      });
    } catch (error) {
      throw toStoreError(error, `sign an upload of ${this.name(key)}`);
    }
  }

  private async open(key: string): Promise<GetObjectCommandOutput | undefined> {
    try {
      return await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }));
    } catch (error) {
      if (isMissingObject(error)) return undefined;
      throw toStoreError(error, this.reading(key));
    }
  }

  private async listPage(options: {
    readonly prefix: string;
    readonly shallow: boolean;
    readonly token?: string | undefined;
    readonly maxKeys?: number;
  }): Promise<ListObjectsV2CommandOutput> {
    try {
      return await this.client.send(
        new ListObjectsV2Command({
          Bucket: this.bucket,
          Prefix: options.prefix,
          EncodingType: 'url',
          ...(options.shallow ? { Delimiter: '/' } : {}),
          ...(options.token === undefined ? {} : { ContinuationToken: options.token }),
          ...(options.maxKeys === undefined ? {} : { MaxKeys: options.maxKeys }),
        }),
      );
    } catch (error) {
      throw toStoreError(error, this.listing(options.prefix));
    }
  }

  private decode(key: string, { EncodingType }: ListObjectsV2CommandOutput): string {
    // Asked for, because a bare XML document cannot hold every key; not every service does it.
    if (EncodingType !== 'url') return key;
    try {
      return decodeURIComponent(key.replaceAll('+', ' '));
    } catch (error) {
      throw toStoreError(error, `list the bucket ${this.bucket}: it wrote a key as ${showKey(key)}`);
    }
  }

  private async deleteBatch(keys: readonly string[]): Promise<StoreError[]> {
    try {
      const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
      const { Errors = [] } = await this.client.send(new DeleteObjectsCommand({ Bucket: this.bucket, Delete }));
      return Errors.filter(({ Code }) => Code !== 'NoSuchKey').map(({ Key = '', Code, Message }) =>
        fromDeleteError(Code, Message, `delete ${this.name(Key)}`),
      );
    } catch (error) {
      throw toStoreError(error, `delete ${keys.length} objects in the bucket ${this.bucket}`);
    }
  }

  private async deleteOne(key: string): Promise<StoreError[]> {
    try {
      await this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key }));
      return [];
    } catch (error) {
      return isMissingObject(error) ? [] : [toStoreError(error, `delete ${this.name(key)}`)];
    }
  }

  private toHead(key: string, output: GetObjectCommandOutput | HeadObjectCommandOutput): ObjectHead {
    return {
      key,
      bytes: output.ContentLength ?? 0,
      etag: this.unquote(output.ETag),
      lastModified: output.LastModified ?? new Date(0),
      contentType: output.ContentType,
      cacheControl: output.CacheControl,
      metadata: decodeMetadata(output.Metadata ?? {}),
    };
  }

  private unquote(etag: string | undefined): string {
    const bare = etag?.replace(/^(?:W\/)?"|"$/g, '');
    if (bare) return bare;
    throw new StoreError('unreachable', `the bucket ${this.bucket} gave an object without an ETag`);
  }

  private outOfOrder(last: string, key: string): StoreError {
    return new StoreError(
      'unreachable',
      `the bucket ${this.bucket} does not list its keys in the order of their bytes: ${showKey(key)} came after ` +
        `${showKey(last)}; use a general purpose bucket`,
    );
  }

  private name(key: string): string {
    return `${showKey(key)} in the bucket ${this.bucket}`;
  }

  private reading(key: string): string {
    return `read ${this.name(key)}`;
  }

  private listing(prefix: string): string {
    return `list the bucket ${this.bucket}${prefix ? ` below ${showKey(prefix)}` : ''}`;
  }
}

function bodyOf(output: GetObjectCommandOutput): Readable {
  if (output.Body instanceof Readable) return output.Body;
  throw new TypeError('the AWS SDK gave a body that is no stream of Node.js');
}

/** All bytes of a stream; ends it and throws when there are more than `maxBytes`. */
async function readBody(
  stream: Readable,
  length: number | undefined,
  maxBytes: number,
  doing: string,
): Promise<Buffer> {
  const tooLarge = (bytes: string): StoreError =>
    new StoreError('too-large', `cannot ${doing}: it has ${bytes} bytes, at most ${maxBytes} are taken`);
  if (length !== undefined && length > maxBytes) {
    stream.destroy();
    throw tooLarge(String(length));
  }
  // Put in its place at once where the length is known: a large image is not held twice.
  const whole = length === undefined ? undefined : Buffer.allocUnsafe(length);
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop early destroys the stream, and its connection with it.
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw tooLarge('more');
    if (whole) chunk.copy(whole, bytes - chunk.length);
    else chunks.push(chunk);
  }
  if (bytes === length && whole) return whole;
  if (length === undefined) return Buffer.concat(chunks, bytes);
  throw new StoreError('unreachable', `cannot ${doing}: ${bytes} of ${length} bytes came`);
}
