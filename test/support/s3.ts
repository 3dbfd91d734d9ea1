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
/** The one account that s3rver knows. */
const CREDENTIALS = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

/** A running S3 server of this process's own. */
export interface S3Server {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Environment variables that lead the AWS SDK of another process here. */
  readonly env: Readonly<Record<string, string>>;
  /** A plain client of this server, for what a test does from outside. */
  readonly client: S3Client;
  /** Makes a bucket and tells its name. */
  createBucket(name?: string): Promise<string>;
  /** Removes a bucket with all that is in it. */
  deleteBucket(name: string): Promise<void>;
  /** Calls with every notification, as S3 sends it to a queue: one record, the key form-encoded. Returns what ends it. */
  onEvent(listener: (event: S3Event) => void): () => void;
  /** Ends the server and removes all that it held. */
  stop(): Promise<void>;
}

/**
 * Starts s3rver on a port given by the system, corrected where it is not as S3 is: {@link ./s3rver-store!MemoryObjects},
 * {@link ./s3rver-requests!correctRequests}.
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

/** s3rver leaves the key as it is and the region out of the ARN. */
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
