import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import type { HttpApiEnvironment } from '../http';

/** Address of a {@link listen} call. */
export interface Address {
  readonly host: string;
  /** TCP port from 0 to 65,535. With 0, the operating system selects a free port. */
  readonly port: number;
}

/** A listening server. */
export interface Listener {
  /** Base URL without a trailing slash. */
  readonly url: string;
  /** Accepts no more connections. The promise resolves when all requests have received their responses. */
  drain(): Promise<void>;
  /** Stops listening and closes all connections. */
  close(): Promise<void>;
}

/**
 * Keep-alive timeout in milliseconds. The timeout exceeds the usual idle timeout of load balancers, which is 60 seconds. With a
 * shorter timeout, a load balancer could send a request on a closed connection.
 */
const KEEP_ALIVE_TIMEOUT_MS = 65_000;
/**
 * Timeout in milliseconds for the headers of a request. The timeout exceeds the keep-alive timeout, because old versions of
 * Node.js start this timeout at the last response of the connection.
 */
const HEADERS_TIMEOUT_MS = 66_000;
/** Timeout in milliseconds for a whole request. The timeout is sufficient for large uploads to the local server. */
const REQUEST_TIMEOUT_MS = 120_000;
/** Interval in milliseconds between two checks for idle connections in {@link Listener.drain}. */
const IDLE_CHECK_INTERVAL_MS = 50;

/**
 * Starts an HTTP server for an application.
 *
 * @throws Error if the server cannot listen on the address. The message contains the fix.
 */
export async function listen(app: Hono<HttpApiEnvironment>, { host, port }: Address): Promise<Listener> {
  const server = serve({
    fetch: (request, { incoming }) => app.fetch(request, { path: pathOfTarget(incoming.url ?? '/') }),
    hostname: host,
    port,
    serverOptions: {
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
    },
  }) as Server;
  // Schemes are case-insensitive (RFC 3986, section 3.1), but Hono's server compares schemes case-sensitively.
  server.prependListener('request', (incoming) => {
    incoming.url = incoming.url?.replace(/^https?:\/\//i, (scheme) => scheme.toLowerCase());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, host, port)));
  });
  let closed: Promise<void> | undefined;
  const stopListening = (): Promise<void> =>
    (closed ??= new Promise((resolve) => {
      server.close(() => resolve());
    }));
  return {
    url: urlOf(server.address() as AddressInfo),
    drain: async () => {
      const idleCheck = setInterval(() => server.closeIdleConnections(), IDLE_CHECK_INTERVAL_MS);
      await stopListening();
      clearInterval(idleCheck);
    },
    close: async () => {
      const ended = stopListening();
      server.closeAllConnections();
      await ended;
    },
  };
}

/**
 * Returns the unchanged path of a request target. A URL parser would resolve dot segments, although keys can contain them. The
 * target starts with a scheme and a host if the client is a proxy (RFC 9112, section 3.2.2).
 */
function pathOfTarget(target: string): string {
  const [, path = ''] = /^(?:https?:\/\/[^/?#]*)?([^?#]*)/i.exec(target) ?? [];
  return path || '/';
}

function urlOf({ address, port, family }: AddressInfo): string {
  const isLocal = address === '127.0.0.1' || address === '::1';
  return `http://${isLocal ? 'localhost' : family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'the port is in use; stop the other process or set PORT (0 selects a free port)',
    EACCES: 'permission denied; set PORT to a number above 1023',
    EADDRNOTAVAIL: 'no network interface has this address; set HOST to an address of this machine',
    ENOTFOUND: 'the host name cannot be resolved; set HOST to an address of this machine',
  };
  return new Error(`cannot listen on ${host}:${port}: ${reasons[error.code ?? ''] ?? error.message}`, { cause: error });
}
