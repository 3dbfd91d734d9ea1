import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import type { HttpApiEnvironment } from '../http';

/** Where to listen. */
export interface Address {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** A server that listens. */
export interface Listener {
  /** Its address, without a slash at the end. */
  readonly url: string;
  /** Takes no more connections, and resolves when the requests that it has are answered. */
  drain(): Promise<void>;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

/** Milliseconds that a connection without a request is kept: longer than a load balancer's 60 s, or it sends one into a closed door. */
const KEEP_ALIVE = 65_000;
/** Milliseconds for the head of a request: longer than that, because old versions of Node.js count from the connection's last answer. */
const HEAD_TIME = 66_000;
/** Milliseconds for a whole request: what is uploaded to a developer's machine can be large, and the way to it slow. */
const REQUEST_TIME = 120_000;
/** Milliseconds between two looks for connections that have become idle since no more are taken. */
const IDLE_INTERVAL = 50;

/**
 * Serves an app.
 *
 * @throws Error with one clear line when the port is taken or not allowed
 */
export async function listen(app: Hono<HttpApiEnvironment>, { host, port }: Address): Promise<Listener> {
  const server = serve({
    // A URL's parser would resolve dots in a key; the path is handed on as it was sent.
    fetch: (request, { incoming }) => app.fetch(request, { path: /^[^?]*/.exec(incoming.url ?? '/')![0] }),
    hostname: host,
    port,
    overrideGlobalObjects: false,
    serverOptions: { keepAliveTimeout: KEEP_ALIVE, headersTimeout: HEAD_TIME, requestTimeout: REQUEST_TIME },
  }) as Server;
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
      const sweep = setInterval(() => server.closeIdleConnections(), IDLE_INTERVAL);
      await stopListening();
      clearInterval(sweep);
    },
    close: async () => {
      const ended = stopListening();
      server.closeAllConnections();
      await ended;
    },
  };
}

function urlOf({ address, port, family }: AddressInfo): string {
  const isLocal = address === '127.0.0.1' || address === '::1';
  return `http://${isLocal ? 'localhost' : family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

function explain(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'another program listens there; stop it, or set PORT to another one (0 lets the system choose)',
    EACCES: 'this user may not; set PORT to one above 1023',
    EADDRNOTAVAIL: 'this machine has no such address; set HOST to one that it has',
    ENOTFOUND: 'there is no such host; set HOST to an address of this machine',
  };
  return new Error(`cannot listen on ${host}:${port}: ${reasons[error.code ?? ''] ?? error.message}`, { cause: error });
}
