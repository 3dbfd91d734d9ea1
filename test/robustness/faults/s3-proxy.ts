import {
  Agent,
  createServer,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, Operation } from './faulty-store';

/** Proxy that forwards requests to an S3 server and injects faults. */
export interface S3Proxy {
  readonly endpoint: string;
  /** Received requests. */
  readonly requests: () => number;
  stop(): Promise<void>;
}

/** Options of an {@link S3Proxy}. */
export interface S3ProxyOptions {
  /** URL of the S3 server. */
  readonly target: string;
  /** Returns the fault of a request; undefined if the request has no fault. */
  readonly draw: (operation: Operation) => Fault | undefined;
  /** Delay of slow requests in milliseconds. */
  readonly slowness: number;
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Error responses of S3. */
const ERRORS = { error: [500, 'InternalError'], throttled: [503, 'SlowDown'], lost: [500, 'InternalError'] } as const;

/** Starts a proxy on a free port. */
export async function startS3Proxy({ target, draw, slowness }: S3ProxyOptions): Promise<S3Proxy> {
  const agent = new Agent({ keepAlive: true });
  /** Last response to each read request. */
  const seen = new Map<string, Answer>();
  let requests = 0;

  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    requests += 1;
    const body = await buffer(incoming);
    const operation = operationOf(incoming);
    const fault = draw(operation);
    const isWrite = operation === 'put' || operation === 'delete';
    if (fault === 'slow') {
      await delay(slowness);
    }
    if (fault === 'error' || fault === 'throttled') {
      return sendError(incoming, response, fault);
    }
    if (fault === 'reset' && isWrite) {
      return void response.destroy();
    }
    const question = `${incoming.method} ${incoming.url}`;
    const stale = fault === 'stale' ? seen.get(question) : undefined;
    const answer = stale ?? (await forward(target, agent, incoming, body));
    if (!isWrite) {
      seen.set(question, answer);
    }
    if (fault === 'lost') {
      return sendError(incoming, response, fault);
    }
    response.writeHead(answer.status, answer.headers);
    if (fault === 'reset') {
      response.write(answer.body.subarray(0, Math.floor(answer.body.length / 2)), () => response.destroy());
      // write() does not call back for an empty body.
      setImmediate(() => answer.body.length < 2 && response.destroy());
      return;
    }
    response.end(answer.body);
  };

  const server = createServer((incoming, response) => {
    // The client may have closed its connection.
    handle(incoming, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    async stop() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}

function operationOf({ method, url = '' }: IncomingMessage): Operation {
  const named = new Map<string | undefined, Operation>([
    ['PUT', 'put'],
    ['POST', 'delete'],
    ['DELETE', 'delete'],
    ['HEAD', 'head'],
  ]).get(method);
  return named ?? (url.includes('list-type=2') ? 'list' : 'get');
}

/** Forwards a request without changes, because the signature covers the request. */
async function forward(target: string, agent: Agent, incoming: IncomingMessage, body: Buffer): Promise<Answer> {
  const { method, url = '', headers } = incoming;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = request(target, { method, path: url, headers, agent, setHost: false }, resolve);
    outgoing.on('error', reject).end(body);
  });
  const kept = { ...answer.headers };
  delete kept['transfer-encoding'];
  const received = await buffer(answer);
  const length = method === 'HEAD' ? {} : { 'content-length': String(received.length) };
  return { status: answer.statusCode ?? 502, headers: { ...kept, ...length }, body: received };
}

function sendError(incoming: IncomingMessage, response: ServerResponse, fault: keyof typeof ERRORS): void {
  const [status, code] = ERRORS[fault];
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${fault}</Message></Error>`;
  response.writeHead(status, { 'Content-Type': 'application/xml', 'Content-Length': Buffer.byteLength(xml) });
  response.end(incoming.method === 'HEAD' ? undefined : xml);
}
