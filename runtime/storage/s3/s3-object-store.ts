import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
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
import { checkKey, compareKeys, showKey } from '../object-key';
import {
  checkMetadataNames,
  type ListedObject,
  type ListOptions,
  type ObjectHead,
  type ObjectVersion,
  type PresigningObjectStore,
  type TaggedObjectStore,
  type PutOptions,
  ObjectStoreError,
  type StoredObject,
  type UploadTerms,
} from '../object-store';
import { bodyOf, readBody } from './s3-body';
import { type Call, callWithTimeout, waitBeforeRetry } from './s3-call';
import { CLIENT_DEFAULTS, createS3Client, type S3ClientOptions, sendingTime } from './s3-client';
import { fromDeleteError, isMissingObject, statusOf, toObjectStoreError } from './s3-errors';
import { decodeMetadata, encodeMetadata } from './s3-metadata';

/** Options of {@link S3ObjectStore}. */
export interface S3ObjectStoreOptions extends S3ClientOptions {
  /** Name of the bucket, or ARN of an access point. */
  readonly bucket: string;
  /**
   * S3 client of the object store. The connection settings in the options do not apply to this client.
   *
   * @default - a new client with the connection settings in the options
   */
  readonly client?: S3Client;
  /**
   * Timeout of a call in milliseconds. The timeout includes all attempts and the delays before retries. The timeout does not
   * include the upload of a body.
   *
   * @default 20000
   */
  readonly callTimeout?: number;
}

/**
 * Default timeout of a call in milliseconds. It is shorter than the 29 seconds within which the API function must respond.
 */
export const CALL_TIMEOUT = 20_000;
/**
 * Maximum number of attempts to read a body. The AWS SDK itself does not retry a request whose response has already started.
 */
const BODY_TRIES = 3;
/** Delay in milliseconds before the second attempt to read a body. The delay doubles with each further attempt. */
const BODY_DELAY = 100;

/** Maximum number of keys in a DeleteObjects request. */
const DELETE_BATCH = 1000;
/** Placeholder that S3 replaces in the key of a form. The replacement is a file name that the client selects. */
const FILENAME = '${filename}';
/** Pattern of characters that XML 1.0 does not support. A DeleteObjects request cannot contain a key with such a character. */
const NOT_IN_XML = /[^\t\n\r\x20-\ufffd]/;

/** An object store in a bucket of Amazon S3 or of an S3-compatible service. */
export class S3ObjectStore implements PresigningObjectStore, TaggedObjectStore {
  private readonly bucket: string;
  private readonly client: S3Client;
  private readonly callTimeout: number;
  private readonly requestTimeout: number;

  public constructor(options: S3ObjectStoreOptions) {
    this.bucket = options.bucket;
    this.client = options.client ?? createS3Client(options);
    this.callTimeout = options.callTimeout ?? CALL_TIMEOUT;
    this.requestTimeout = options.requestTimeout ?? CLIENT_DEFAULTS.requestTimeout;
  }

  /** {@inheritDoc ObjectStore.head} */
  public async head(key: string): Promise<ObjectHead | undefined> {
    checkKey(key);
    const command = new HeadObjectCommand({ Bucket: this.bucket, Key: key });
    const doing = this.reading(key);
    try {
      return this.toHead(key, await this.request(doing, (options) => this.client.send(command, options)));
    } catch (error) {
      const status = statusOf(error) ?? 0;
      if (status < 400 || status >= 500 || status === 429) {
        throw toObjectStoreError(error, doing);
      }
    }
    // Only the response to a GET request contains an error code, which distinguishes a missing object from a missing bucket.
    return this.call(doing, async (call) => {
      const output = await this.open(key, call);
      if (output === undefined) {
        return undefined;
      }
      bodyOf(output).destroy();
      return this.toHead(key, output);
    });
  }

  /** {@inheritDoc ObjectStore.version} */
  public version(key: string): Promise<ObjectVersion | undefined> {
    return this.head(key);
  }

  /** {@inheritDoc ObjectStore.get} */
  public async get(key: string, { maxBytes }: { readonly maxBytes: number }): Promise<StoredObject | undefined> {
    checkKey(key);
    const doing = this.reading(key);
    for (let tries = 1; ; tries++) {
      const response = { started: false };
      try {
        return await this.call(doing, async (call) => {
          const output = await this.open(key, call);
          if (output === undefined) {
            return undefined;
          }
          response.started = true;
          call.responded();
          const body = await readBody(bodyOf(output), { length: output.ContentLength, maxBytes, doing });
          return { ...this.toHead(key, output), bytes: body.length, body };
        });
      } catch (error) {
        const failure = toObjectStoreError(error, doing);
        if (!response.started || failure.code !== 'storage-unavailable' || tries === BODY_TRIES) {
          throw failure;
        }
      }
      await waitBeforeRetry(BODY_DELAY * 2 ** (tries - 1), doing);
    }
  }

  /** {@inheritDoc TaggedObjectStore.tags} */
  public async tags(key: string): Promise<Readonly<Record<string, string>> | undefined> {
    checkKey(key);
    const doing = `read the tags of ${this.name(key)}`;
    try {
      const command = new GetObjectTaggingCommand({ Bucket: this.bucket, Key: key });
      const { TagSet = [] } = await this.request(doing, (options) => this.client.send(command, options));
      return Object.fromEntries(TagSet.map(({ Key = '', Value = '' }) => [Key, Value]));
    } catch (error) {
      if ((error as Error).name === 'NoSuchKey') {
        return undefined;
      }
      throw toObjectStoreError(error, doing);
    }
  }

  /** {@inheritDoc ObjectStore.put} */
  public async put(key: string, body: Buffer, options: PutOptions): Promise<{ readonly etag: string }> {
    checkKey(key);
    const { contentType, cacheControl, metadata = {} } = options;
    checkMetadataNames(metadata);
    const doing = `write ${this.name(key)}`;
    try {
      const command = new PutObjectCommand({
        Bucket: this.bucket,
        Key: key,
        Body: body,
        ContentType: contentType,
        ...(cacheControl === undefined ? {} : { CacheControl: cacheControl }),
        Metadata: encodeMetadata(metadata),
      });
      const sending = sendingTime(body.length);
      const requestTimeout = this.requestTimeout + sending;
      const { ETag } = await this.request(
        doing,
        (options) => this.client.send(command, { ...options, requestTimeout }),
        sending,
      );
      return { etag: this.unquote(ETag) };
    } catch (error) {
      throw toObjectStoreError(error, doing);
    }
  }

  /** {@inheritDoc ObjectStore.delete} */
  public async delete(keys: readonly string[]): Promise<void> {
    keys.forEach(checkKey);
    const unique = [...new Set(keys)];
    const failures: ObjectStoreError[] = [];
    const inXml = unique.filter((key) => !NOT_IN_XML.test(key));
    for (let start = 0; start < inXml.length; start += DELETE_BATCH) {
      failures.push(...(await this.deleteBatch(inXml.slice(start, start + DELETE_BATCH))));
    }
    for (const key of unique.filter((each) => NOT_IN_XML.test(each))) {
      failures.push(...(await this.deleteOne(key)));
    }
    const [first] = failures;
    if (first === undefined) {
      return;
    }
    if (failures.length === 1) {
      throw first;
    }
    throw new ObjectStoreError(
      first.code,
      `${failures.length} of ${unique.length} objects remain; the first error: ${first.message}`,
      {
        cause: new AggregateError(failures),
      },
    );
  }

  /**
   * {@inheritDoc ObjectStore.list}
   *
   * The bucket must list keys in the order of their UTF-8 bytes, because the comparison of both object stores would otherwise
   * miss changes. Directory buckets have another order.
   *
   * @throws ObjectStoreError with code `storage-unavailable` if the bucket lists keys in another order
   */
  public async *list({ prefix, shallow = false }: ListOptions): AsyncIterable<ListedObject> {
    let token: string | undefined;
    let last = '';
    do {
      const page = await this.listPage({ prefix, shallow, token });
      for (const { Key = '', Size = 0, ETag, LastModified = new Date(0) } of page.Contents ?? []) {
        const key = this.decode(Key, page);
        if (compareKeys(key, last) <= 0) {
          throw this.outOfOrder(last, key);
        }
        last = key;
        yield { key, bytes: Size, etag: this.unquote(ETag), lastModified: LastModified };
      }
      token = page.IsTruncated ? page.NextContinuationToken : undefined;
      if (page.IsTruncated && token === undefined) {
        throw new ObjectStoreError(
          'storage-unavailable',
          `cannot ${this.listing(prefix)}: a truncated page has no continuation token`,
        );
      }
    } while (token !== undefined);
  }

  /** {@inheritDoc ObjectStore.check} */
  public async check(): Promise<void> {
    await this.listPage({ prefix: '', shallow: false, maxKeys: 1 });
  }

  /** {@inheritDoc PresigningObjectStore.presignGet} */
  public async presignGet(key: string, { seconds }: { readonly seconds: number }): Promise<string> {
    checkKey(key);
    const command = new GetObjectCommand({ Bucket: this.bucket, Key: key });
    try {
      return await getSignedUrl(this.client, command, { expiresIn: seconds });
    } catch (error) {
      throw toObjectStoreError(error, `sign a URL of ${this.name(key)}`);
    }
  }

  /** {@inheritDoc PresigningObjectStore.presignPost} */
  public async presignPost({ key, contentType, bytes, metadata = {}, seconds }: UploadTerms): Promise<{
    readonly url: string;
    readonly fields: Readonly<Record<string, string>>;
  }> {
    checkKey(key);
    checkMetadataNames(metadata);
    const ofObject = Object.entries(encodeMetadata(metadata)).map(([name, value]) => [`x-amz-meta-${name}`, value]);
    const fields = { 'Content-Type': contentType, ...(Object.fromEntries(ofObject) as Record<string, string>) };
    if (key.includes(FILENAME)) {
      throw new ObjectStoreError(
        'invalid-key',
        `${showKey(key)} is not a valid key for a form: S3 replaces ${FILENAME} in it`,
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
      throw toObjectStoreError(error, `sign an upload of ${this.name(key)}`);
    }
  }

  /** Runs a call with the timeout of this object store plus `more` milliseconds. */
  private call<T>(doing: string, work: (call: Call) => Promise<T>, more = 0): Promise<T> {
    return callWithTimeout({ doing, timeout: this.callTimeout + more }, work);
  }

  /** Sends a request whose response has no streamed body. */
  private request<T>(
    doing: string,
    send: (options: Pick<Call, 'abortSignal'>) => Promise<T>,
    more?: number,
  ): Promise<T> {
    return this.call(doing, ({ abortSignal }) => send({ abortSignal }), more);
  }

  private async open(key: string, { abortSignal }: Call): Promise<GetObjectCommandOutput | undefined> {
    try {
      return await this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }), { abortSignal });
    } catch (error) {
      if (isMissingObject(error)) {
        return undefined;
      }
      throw toObjectStoreError(error, this.reading(key));
    }
  }

  private async listPage(options: {
    readonly prefix: string;
    readonly shallow: boolean;
    readonly token?: string | undefined;
    readonly maxKeys?: number;
  }): Promise<ListObjectsV2CommandOutput> {
    const command = new ListObjectsV2Command({
      Bucket: this.bucket,
      Prefix: options.prefix,
      EncodingType: 'url',
      ...(options.shallow ? { Delimiter: '/' } : {}),
      ...(options.token === undefined ? {} : { ContinuationToken: options.token }),
      ...(options.maxKeys === undefined ? {} : { MaxKeys: options.maxKeys }),
    });
    const doing = this.listing(options.prefix);
    try {
      return await this.request(doing, (sending) => this.client.send(command, sending));
    } catch (error) {
      throw toObjectStoreError(error, doing);
    }
  }

  private decode(key: string, { EncodingType }: ListObjectsV2CommandOutput): string {
    // Some S3-compatible services ignore the requested encoding, and return unencoded keys.
    if (EncodingType !== 'url') {
      return key;
    }
    try {
      return decodeURIComponent(key.replaceAll('+', ' '));
    } catch (error) {
      throw toObjectStoreError(error, `list the bucket ${this.bucket}: the encoded key ${showKey(key)} is invalid`);
    }
  }

  private async deleteBatch(keys: readonly string[]): Promise<ObjectStoreError[]> {
    const doing = `delete ${keys.length} objects in the bucket ${this.bucket}`;
    try {
      const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
      const command = new DeleteObjectsCommand({ Bucket: this.bucket, Delete });
      const { Errors = [] } = await this.request(doing, (options) => this.client.send(command, options));
      return Errors.filter(({ Code }) => Code !== 'NoSuchKey').map(({ Key = '', Code, Message }) =>
        fromDeleteError(Code, Message, `delete ${this.name(Key)}`),
      );
    } catch (error) {
      throw toObjectStoreError(error, doing);
    }
  }

  private async deleteOne(key: string): Promise<ObjectStoreError[]> {
    const command = new DeleteObjectCommand({ Bucket: this.bucket, Key: key });
    const doing = `delete ${this.name(key)}`;
    try {
      await this.request(doing, (options) => this.client.send(command, options));
      return [];
    } catch (error) {
      return isMissingObject(error) ? [] : [toObjectStoreError(error, doing)];
    }
  }

  private toHead(key: string, output: GetObjectCommandOutput | HeadObjectCommandOutput): ObjectHead {
    const etag = this.unquote(output.ETag);
    return {
      key,
      bytes: output.ContentLength ?? 0,
      etag,
      version: etag,
      lastModified: output.LastModified ?? new Date(0),
      contentType: output.ContentType,
      cacheControl: output.CacheControl,
      metadata: decodeMetadata(output.Metadata ?? {}),
    };
  }

  private unquote(etag: string | undefined): string {
    const bare = etag?.replace(/^(?:W\/)?"|"$/g, '');
    if (bare) {
      return bare;
    }
    throw new ObjectStoreError('storage-unavailable', `the bucket ${this.bucket} returned an object without an ETag`);
  }

  private outOfOrder(last: string, key: string): ObjectStoreError {
    return new ObjectStoreError(
      'storage-unavailable',
      `the bucket ${this.bucket} does not list keys in the order of their UTF-8 bytes: ${showKey(key)} follows ` +
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
    return `list the bucket ${this.bucket}${prefix ? ` with prefix ${showKey(prefix)}` : ''}`;
  }
}
