// The command by which Docker and ECS ask a container for its health, as a process beside a server.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ThumbnailRuntime } from '../../../lib';

const servers: Server[] = [];
afterEach(() => servers.splice(0).forEach((server) => server.close()));

/** Port of a server that answers everything with a status, and the paths that it was asked for. */
async function answering(status: number): Promise<{ readonly port: number; readonly paths: string[] }> {
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

test('is content with a service that says it is alive', async () => {
  const { port, paths } = await answering(200);
  expect(await exitCode(port)).toBe(0);
  expect(paths).toEqual(['GET /health']);
});

test('is not content with one that says it is not', async () => {
  const { port } = await answering(503);
  expect(await exitCode(port)).toBe(1);
});

test('is not content with none, and says nothing', async () => {
  const { port } = await answering(200);
  servers.splice(0).forEach((server) => server.close());
  expect(await exitCode(port)).toBe(1);
});
