import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import type { AppEnvironment } from '../../http';
import type { LocalOptions } from './options';

/** A server that listens. */
export interface LocalServer {
  /** Its address, without a slash at the end. */
  readonly url: string;
  /** Stops listening and ends every connection. */
  close(): Promise<void>;
}

/**
 * Serves an app.
 *
 * @throws Error with one clear line when the port is taken or not allowed
 */
export async function listen(
  app: Hono<AppEnvironment>,
  { host, port }: Pick<LocalOptions, 'host' | 'port'>,
): Promise<LocalServer> {
  const server = serve({
    // A URL's parser would resolve dots in a key; the path is handed on as it was sent.
    fetch: (request, { incoming }) => app.fetch(request, { path: /^[^?]*/.exec(incoming.url ?? '/')![0] }),
    hostname: host,
    port,
    overrideGlobalObjects: false,
  });
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve);
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, host, port)));
  });
  const { address, port: actualPort, family } = server.address() as AddressInfo;
  const name =
    address === '127.0.0.1' || address === '::1' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return {
    url: `http://${name}:${actualPort}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        if ('closeAllConnections' in server) {
          server.closeAllConnections();
        }
      }),
  };
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
