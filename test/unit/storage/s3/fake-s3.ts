import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createS3Client } from '../../../../runtime/storage/s3/s3-client';
import { S3ObjectStore, type S3ObjectStoreOptions } from '../../../../runtime/storage/s3/s3-object-store';

/** A request as it came. */
export interface SeenRequest {
  readonly method: string;
  /** Path and query, as sent. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A server that answers as it is told, to a store that waits and tries little. */
export interface FakeS3 {
  readonly endpoint: string;
  /** Another one each time: a store that was asked to slow down remembers it. */
  readonly store: S3ObjectStore;
  readonly requests: SeenRequest[];
  /** Connections made so far. */
  connections(): number;
  /** Answers all requests from now on; counts them from 0. */
  answer(answer: (response: ServerResponse, request: SeenRequest, index: number) => void): void;
  /** A store with other patience. */
  storeWith(options: Omit<S3ObjectStoreOptions, 'bucket'>): S3ObjectStore;
  stop(): Promise<void>;
}

/** Starts a {@link FakeS3} on a port given by the system. */
export async function startFakeS3(): Promise<FakeS3> {
  const requests: SeenRequest[] = [];
  let connections = 0;
  let current: Parameters<FakeS3['answer']>[0] = (response) => response.writeHead(501).end();
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
      requestTimeout: 400,
      ...options,
      client: createS3Client({
        endpoint,
        region: 'us-east-1',
        credentials: { accessKeyId: 'id', secretAccessKey: 'secret' },
        maxAttempts: 1,
        connectionTimeout: 1000,
        requestTimeout: 400,
        idleTimeout: 400,
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
    answer(answer) {
      current = answer;
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

/** S3's answer for an error; a HEAD gets the status alone, as HTTP wants it. */
export function sendError(
  response: ServerResponse,
  request: SeenRequest,
  status: number,
  code: string,
  message = 'as S3 says it',
): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  response.writeHead(status, { 'Content-Type': 'application/xml', 'Content-Length': Buffer.byteLength(body) });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** An object as S3 sends it. */
export function sendObject(response: ServerResponse, request: SeenRequest, body: string, headers = {}): void {
  response.writeHead(200, { ETag: '"abc"', 'Content-Length': Buffer.byteLength(body), ...headers });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/** A document as S3 sends it. */
export function sendXml(response: ServerResponse, body: string): void {
  response.writeHead(200, { 'Content-Type': 'application/xml' });
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n${body}`);
}
