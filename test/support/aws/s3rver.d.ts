// Types for the parts of s3rver that the tests use. The package contains no types.

declare module 's3rver' {
  import type { EventEmitter } from 'node:events';
  import type { IncomingMessage, Server } from 'node:http';
  import type { AddressInfo } from 'node:net';

  class S3rver extends EventEmitter {
    constructor(options: S3rver.Options);
    /** Middleware of Koa. Changes have no effect after the server listens. */
    readonly middleware: S3rver.Middleware[];
    readonly context: { store: unknown };
    readonly httpServer: Server;
    store: unknown;
    run(): Promise<AddressInfo>;
    close(): Promise<void>;
  }

  namespace S3rver {
    interface Options {
      address: string;
      port: number;
      silent: boolean;
      directory: string;
      resetOnClose: boolean;
    }
    interface Context {
      readonly req: IncomingMessage;
      readonly method: string;
      readonly query: Record<string, string | undefined>;
      readonly headers: Record<string, string>;
      readonly ip: string;
      /** Percent-encoded path. */
      path: string;
      type: string;
      body: unknown;
    }
    type Middleware = (context: Context, next: () => Promise<void>) => Promise<void>;
  }

  export = S3rver;
}

declare module 's3rver/lib/models/object' {
  import type { Readable } from 'node:stream';

  class S3Object<Content = Readable | Buffer> {
    constructor(bucket: string, key: string, content: Content, metadata: Readonly<Record<string, string>>);
    readonly bucket: string;
    readonly key: string;
    readonly content: Content;
    readonly metadata: Record<string, string>;
    readonly size: number;
    readonly lastModifiedDate: Date;
    range?: { start: number; end: number };
  }
  export = S3Object;
}

declare module 's3rver/lib/models/event' {
  import type { S3Event as Notification } from 'aws-lambda';

  /** The constructor returns the notification instead of an instance. */
  const S3Event: new (
    event: { bucket: string; eventType: 'Copy' | 'Put' | 'Post' | 'Delete'; S3Item: { key: string } },
    request: { reqHeaders: Record<string, string>; sourceIp: string },
  ) => Notification;
  export = S3Event;
}

declare module 's3rver/lib/stores/filesystem' {
  class FilesystemStore {
    constructor(directory: string);
    getBucket(bucket: string): Promise<object | null>;
    putBucket(bucket: string): Promise<object | null>;
    deleteBucket(bucket: string): Promise<void>;
    reset(): void;
  }
  export = FilesystemStore;
}
