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
import { checkMetadataNames } from '../metadata';
import { checkKey, compareKeys, showKey } from '../object-key';
import {
  type ListedObject,
  type ListOptions,
  type ObjectHead,
  type PresigningObjectStore,
  type PutOptions,
  ObjectStoreError,
  type StoredObject,
  type UploadTerms,
} from '../object-store';
import { bodyOf, readBody } from './s3-body';
import { type Call, inTime, pauseInTime } from './s3-call';
import { CLIENT_DEFAULTS, createS3Client, type S3ClientOptions, sendingTime } from './s3-client';
import { fromDeleteError, isMissingObject, statusOf, toObjectStoreError } from './s3-errors';
import { decodeMetadata, encodeMetadata } from './s3-metadata';

/** Which bucket, and how to reach it. */
export interface S3ObjectStoreOptions extends S3ClientOptions {
  /** Its name, or the ARN of an access point. */
  readonly bucket: string;
  /** Used in place of a client of the store's own; what says how to reach S3 is without effect then. */
  readonly client?: S3Client;
  /**
   * Time of one request with all of its tries and the waits between them, in ms, beside what its body takes to be sent. Default:
   * {@link CALL_TIMEOUT}.
   */
  readonly callTimeout?: number;
}

/** Milliseconds of a request with all of its tries. An API function has 29 seconds, of which it keeps 2 for its answer. */
export const CALL_TIMEOUT = 20_000;
/** How often an object is read whose body breaks off: the SDK tries no more once an answer has begun. */
const BODY_TRIES = 3;
/** Milliseconds before an object is read again; doubled each time. */
const BODY_DELAY = 100;

/** Most keys that one DeleteObjects takes. */
const DELETE_BATCH = 1000;
/** What S3 replaces in the key of a form by the name of the file, which its sender chooses. */
const FILENAME = '${filename}';
/** Characters that XML 1.0 has no way to write, so that a key with one cannot be named in a DeleteObjects. */
const NOT_IN_XML = /[^\t\n\r\x20-\ufffd]/;

/** Objects in a bucket of S3, or of a service that speaks as S3 does. */
export class S3ObjectStore implements PresigningObjectStore {
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

  /** {@inheritDoc Store.head} */
  public async head(key: string): Promise<ObjectHead | undefined> {
    checkKey(key);
    const command = new HeadObjectCommand({ Bucket: this.bucket, Key: key });
    const doing = this.reading(key);
    try {
      return this.toHead(key, await this.ask(doing, (options) => this.client.send(command, options)));
    } catch (error) {
      const status = statusOf(error) ?? 0;
      if (status < 400 || status >= 500 || status === 429) {
        throw toObjectStoreError(error, doing);
      }
    }
    // The answer to a HEAD has no body that could say why, and a bucket that is gone must not pass for an object that is.
    return this.call(doing, async (call) => {
      const output = await this.open(key, call);
      if (output === undefined) {
        return undefined;
      }
      bodyOf(output).destroy();
      return this.toHead(key, output);
    });
  }

  /** {@inheritDoc Store.get} */
  public async get(key: string, { maxBytes }: { readonly maxBytes: number }): Promise<StoredObject | undefined> {
    checkKey(key);
    const doing = this.reading(key);
    for (let tries = 1; ; tries++) {
      const answer = { hasBegun: false };
      try {
        return await this.call(doing, async (call) => {
          const output = await this.open(key, call);
          if (output === undefined) {
            return undefined;
          }
          answer.hasBegun = true;
          call.responded();
          const body = await readBody(bodyOf(output), output.ContentLength, maxBytes, doing);
          return { ...this.toHead(key, output), bytes: body.length, body };
        });
      } catch (error) {
        const failure = toObjectStoreError(error, doing);
        if (!answer.hasBegun || failure.code !== 'storage-unavailable' || tries === BODY_TRIES) {
          throw failure;
        }
      }
      await pauseInTime(BODY_DELAY * 2 ** (tries - 1), doing);
    }
  }

  /** {@inheritDoc Store.put} */
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
      const { ETag } = await this.ask(
        doing,
        (options) => this.client.send(command, { ...options, requestTimeout }),
        sending,
      );
      return { etag: this.unquote(ETag) };
    } catch (error) {
      throw toObjectStoreError(error, doing);
    }
  }

  /** {@inheritDoc Store.delete} */
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
      throw toObjectStoreError(error, `sign a URL of ${this.name(key)}`);
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
      throw new ObjectStoreError(
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
      throw toObjectStoreError(error, `sign an upload of ${this.name(key)}`);
    }
  }

  /** Makes a call within the time for it. `more` is what it has beside that, in milliseconds. */
  private call<T>(doing: string, work: (call: Call) => Promise<T>, more = 0): Promise<T> {
    return inTime({ doing, milliseconds: this.callTimeout + more }, work);
  }

  /** A call whose answer has no body to read. */
  private ask<T>(doing: string, send: (options: Pick<Call, 'abortSignal'>) => Promise<T>, more?: number): Promise<T> {
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
      return await this.ask(doing, (sending) => this.client.send(command, sending));
    } catch (error) {
      throw toObjectStoreError(error, doing);
    }
  }

  private decode(key: string, { EncodingType }: ListObjectsV2CommandOutput): string {
    // Asked for, because a bare XML document cannot hold every key; not every service does it.
    if (EncodingType !== 'url') {
      return key;
    }
    try {
      return decodeURIComponent(key.replaceAll('+', ' '));
    } catch (error) {
      throw toObjectStoreError(error, `list the bucket ${this.bucket}: it wrote a key as ${showKey(key)}`);
    }
  }

  private async deleteBatch(keys: readonly string[]): Promise<ObjectStoreError[]> {
    const doing = `delete ${keys.length} objects in the bucket ${this.bucket}`;
    try {
      const Delete = { Objects: keys.map((Key) => ({ Key })), Quiet: true };
      const command = new DeleteObjectsCommand({ Bucket: this.bucket, Delete });
      const { Errors = [] } = await this.ask(doing, (options) => this.client.send(command, options));
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
      await this.ask(doing, (options) => this.client.send(command, options));
      return [];
    } catch (error) {
      return isMissingObject(error) ? [] : [toObjectStoreError(error, doing)];
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
    if (bare) {
      return bare;
    }
    throw new ObjectStoreError('storage-unavailable', `the bucket ${this.bucket} gave an object without an ETag`);
  }

  private outOfOrder(last: string, key: string): ObjectStoreError {
    return new ObjectStoreError(
      'storage-unavailable',
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
