import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Credentials that {@link useTestCredentials} sets. */
const CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'test-secret' };

/** A request that the server received. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path and query, as received. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Response of the server; undefined to close the connection without a response. */
export type ServerResponse =
  | { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
  | undefined;

/** Local server that replaces Amazon Rekognition, the API of Lambda or an HTTP endpoint. */
export interface AnalysisServer {
  readonly url: string;
  readonly requests: ReceivedRequest[];
  /** Returns the response to a request. The server sends strings unchanged and other bodies as JSON. */
  respond: (request: ReceivedRequest) => ServerResponse | Promise<ServerResponse>;
  /** Closes the server and its connections. */
  stop(): Promise<void>;
}

/** Starts the server on a free port. */
export async function startAnalysisServer(): Promise<AnalysisServer> {
  const requests: ReceivedRequest[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const received = { method, path: url, headers, body: Buffer.concat(chunks).toString() };
      requests.push(received);
      void Promise.resolve(started.respond(received)).then((answer) => {
        if (!answer) {
          request.socket.destroy();
          return;
        }
        const { status = 200, headers: own = {}, body = {} } = answer;
        response.writeHead(status, own);
        response.end(typeof body === 'string' ? body : JSON.stringify(body));
      });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const started: AnalysisServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    respond: () => ({}),
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return started;
}

/** Sets the environment variables with which the AWS SDK signs requests. */
export function useTestCredentials(region = 'us-east-1'): void {
  process.env['AWS_ACCESS_KEY_ID'] = CREDENTIALS.accessKeyId;
  process.env['AWS_SECRET_ACCESS_KEY'] = CREDENTIALS.secretAccessKey;
  process.env['AWS_REGION'] = region;
}

/**
 * Returns the expected `Authorization` header of a request without a query. Implements Signature Version 4 independently of the
 * AWS SDK.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
export function expectedAuthorization(
  { method, path, headers, body }: ReceivedRequest,
  service: string,
  region: string,
  { accessKeyId, secretAccessKey } = CREDENTIALS,
): string {
  const [, names = ''] = /SignedHeaders=([^,]+)/.exec(headers.authorization ?? '') ?? [];
  const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const canonical = [
    method,
    // For all services except S3, the signature contains the path encoded twice.
    path.split('/').map(encodeURIComponent).join('/'),
    '',
    ...names.split(';').map((name) => `${name}:${String(headers[name])}`),
    '',
    names,
    sha256(body),
  ].join('\n');
  const time = String(headers['x-amz-date']);
  const scope = [time.slice(0, 8), region, service, 'aws4_request'];
  const toSign = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n');
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secretAccessKey}`);
  const signature = hmac(key, toSign).toString('hex');
  return `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope.join('/')}, SignedHeaders=${names}, Signature=${signature}`;
}
