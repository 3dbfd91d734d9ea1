import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createS3Client } from '../../../../runtime/storage/s3/s3-client';
import { S3ObjectStore, type S3ObjectStoreOptions } from '../../../../runtime/storage/s3/s3-object-store';

/** A received request. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query, not decoded. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** An HTTP server with programmable responses, and object stores that use it as S3. */
export interface FakeS3 {
  readonly endpoint: string;
  /**
   * Returns a new object store on each access, because a client delays requests after throttling errors. The object store has
   * no retries. The timeouts are longer than any test.
   */
  readonly store: S3ObjectStore;
  readonly requests: SeenRequest[];
  /** Returns the number of accepted connections. */
  connections(): number;
  /** Sets the function that responds to all further requests. `index` is the number of the request and starts at 0. */
  respond(respond: (response: ServerResponse, request: SeenRequest, index: number) => void): void;
  /** Returns an object store with other timeouts or attempts. */
  storeWith(options: Omit<S3ObjectStoreOptions, 'bucket'>): S3ObjectStore;
  stop(): Promise<void>;
}

/** Timeouts of an object store in ms, for tests in which the server does not respond. */
export const SHORT_TIMEOUTS = { requestTimeout: 300, idleTimeout: 300 } as const;

const LONG_TIMEOUTS = { connectionTimeout: 300_000, requestTimeout: 300_000, idleTimeout: 300_000 } as const;

/** Starts a {@link FakeS3} on a free port. */
export async function startFakeS3(): Promise<FakeS3> {
  const requests: SeenRequest[] = [];
  let connections = 0;
  let current: Parameters<FakeS3['respond']>[0] = (response) => response.writeHead(501).end();
  let from = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const seen = { method, url, headers, body: Buffer.concat(chunks).toString() };
      requests.push(seen);
      current(response, seen, requests.length - 1 - from);
    });
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const storeWith = (options: Omit<S3ObjectStoreOptions, 'bucket'>): S3ObjectStore =>
    new S3ObjectStore({
      bucket: 'photos',
      callTimeout: 300_000,
      ...LONG_TIMEOUTS,
      ...options,
      client: createS3Client({
        endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
        maxAttempts: 1,
        ...LONG_TIMEOUTS,
        ...options,
      }),
    });
  return {
    endpoint,
    get store() {
      return storeWith({});
    },
    requests,
    connections: () => connections,
    respond(respond) {
      current = respond;
      from = requests.length;
    },
    storeWith,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Sends an error response of S3. The response to a HEAD request has no body. */
export function sendError(
  response: ServerResponse,
  request: SeenRequest,
  status: number,
  code: string,
  message = 'a message of S3',
): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  response.writeHead(status, { 'Content-Type': 'application/xml', 'Content-Length': Buffer.byteLength(body) });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Sends an object. */
export function sendObject(response: ServerResponse, request: SeenRequest, body: string, headers = {}): void {
  response.writeHead(200, { ETag: '"abc"', 'Content-Length': Buffer.byteLength(body), ...headers });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** Sends an XML document. */
export function sendXml(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'Content-Type': 'application/xml' });
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`);
}
