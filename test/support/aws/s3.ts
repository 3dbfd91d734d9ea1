import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import type { S3Event } from 'aws-lambda';
import S3rver from 's3rver';
import { correctRequests, formEncode } from './s3rver-requests';
import { MemoryObjects, fromRoutableKey } from './s3rver-store';

const REGION = 'us-east-1';
/** Credentials of the only account of s3rver. */
const CREDENTIALS = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

/** An S3 emulator in this process. */
export interface S3Server {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Environment variables with which the AWS SDK of another process uses this server. */
  readonly env: Readonly<Record<string, string>>;
  /** A client of this server for the test itself. */
  readonly client: S3Client;
  /** Creates a bucket and returns its name. */
  createBucket(name?: string): Promise<string>;
  /** Deletes a bucket with its objects. */
  deleteBucket(name: string): Promise<void>;
  /**
   * Calls the listener with each notification in the format of S3: one record with a form-encoded key. Returns a
   * function that removes the listener.
   */
  onEvent(listener: (event: S3Event) => void): () => void;
  /** Stops the server and deletes its objects. */
  stop(): Promise<void>;
}

/**
 * Starts s3rver on a free port. {@link ./s3rver-store!MemoryObjects} and {@link ./s3rver-requests!correctRequests} correct
 * deviations of s3rver from S3.
 */
export async function startS3(): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 'cdk-thumbnails-s3-'));
  const server = new S3rver({ address: '127.0.0.1', port: 0, silent: true, directory, resetOnClose: true });
  const store = new MemoryObjects(directory);
  server.store = server.context.store = store;
  server.middleware.unshift(correctRequests(store, (event) => server.emit('event', event)));
  const { port } = await server.run();
  const endpoint = `http://127.0.0.1:${port}`;
  const client = new S3Client({
    endpoint,
    region: REGION,
    credentials: CREDENTIALS,
    forcePathStyle: true,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return {
    endpoint,
    region: REGION,
    credentials: CREDENTIALS,
    client,
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: REGION,
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
    },
    async createBucket(name = `bucket-${randomUUID()}`) {
      await store.putBucket(name);
      return name;
    },
    deleteBucket: (name) => store.deleteBucket(name),
    onEvent(listener) {
      const forward = (event: S3Event): void => listener(asSent(event));
      server.on('event', forward);
      return () => server.off('event', forward);
    },
    async stop() {
      client.destroy();
      const closed = server.close();
      server.httpServer.closeAllConnections();
      await closed;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Corrects a notification of s3rver, which does not encode the key and adds a Region to the ARN. */
function asSent(event: S3Event): S3Event {
  return {
    Records: event.Records.map((record) => ({
      ...record,
      s3: {
        ...record.s3,
        bucket: { ...record.s3.bucket, arn: `arn:aws:s3:::${record.s3.bucket.name}` },
        object: { ...record.s3.object, key: formEncode(fromRoutableKey(record.s3.object.key)) },
      },
    })),
  };
}
