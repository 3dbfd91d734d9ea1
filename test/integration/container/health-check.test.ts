// Runs the health check command of Docker and ECS in a process against a local server.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ThumbnailRuntime } from '../../../lib';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

/** Starts a server that responds to every request with a status, and records the requests. */
async function startServer(status: number): Promise<{ readonly port: number; readonly paths: string[] }> {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(`${request.method} ${request.url}`);
    response.writeHead(status).end();
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return { port: (server.address() as AddressInfo).port, paths };
}

async function exitCode(port: number): Promise<unknown> {
  const [, ...words] = ThumbnailRuntime.HEALTH_CHECK_COMMAND;
  const child = spawn(process.execPath, words, { env: { ...process.env, PORT: String(port) }, stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

test('the health check succeeds if the service is healthy', async () => {
  const { port, paths } = await startServer(200);
  expect(await exitCode(port)).toBe(0);
  expect(paths).toEqual(['GET /health']);
});

test('the health check fails if the service is unhealthy', async () => {
  const { port } = await startServer(503);
  expect(await exitCode(port)).toBe(1);
});

test('the health check fails without output if no service is listening', async () => {
  const { port } = await startServer(200);
  servers.splice(0).forEach((server) => server.close());
  expect(await exitCode(port)).toBe(1);
});
