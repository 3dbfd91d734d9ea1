// The service publishes events by HTTP.
import { mkdtempSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { thumbnailEventSchema } from '../../../runtime/events';
import { eventually } from '../../support/eventually';
import { quadrants } from '../../support/images';
import { buildBundles, type Bundles } from '../../support/processes/bundles';
import { ServiceProcess } from '../../support/processes/service-process';

interface Received {
  readonly authorization: string | undefined;
  readonly event: { readonly type: string; readonly subject: string; readonly data: unknown };
}

let bundles: Bundles;
let photo: Buffer;
beforeAll(async () => {
  bundles = buildBundles();
  photo = await quadrants({ width: 640, height: 480, orientation: 6 });
}, 120_000);
afterAll(() => bundles.remove());

let directory: string;
let server: Server;
const received: Received[] = [];
/** Statuses of the next responses. Later responses have status 204. */
const statuses: number[] = [];
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-events-'));
  received.length = 0;
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const status = statuses.shift() ?? 204;
      if (status === 204) {
        const event = JSON.parse(Buffer.concat(chunks).toString()) as Received['event'];
        received.push({ authorization: request.headers.authorization, event });
      }
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(() => {
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

const eventOf = (type: string, subject: string) =>
  eventually(
    () => received.find(({ event }) => event.type === `cdk-thumbnails.${type}.v1` && event.subject === subject),
    `the event ${type} of ${subject}`,
  );

test('the service publishes events for created, rejected and removed thumbnails after a failure of the receiver', async () => {
  statuses.push(503, 400);
  const service = await ServiceProcess.start(bundles.path('service'), {
    STORAGE: 'directory',
    SOURCE_DIRECTORY: join(directory, 'images'),
    THUMBNAIL_DIRECTORY: join(directory, 'thumbnails'),
    EVENTS_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    EVENTS_URL_TOKEN: 'token',
  });
  try {
    writeFileSync(join(directory, 'images', 'a.jpg'), photo);
    const { event, authorization } = await eventOf('ready', 'a.jpg');
    expect(authorization).toBe('Bearer token');
    expect(v.parse(thumbnailEventSchema, event.data)).toMatchObject({ status: 'ready', source: { key: 'a.jpg' } });
    expect(JSON.stringify(event)).not.toContain(directory);
    writeFileSync(join(directory, 'images', 'bad.jpg'), 'not an image');
    expect((await eventOf('rejected', 'bad.jpg')).event.data).toMatchObject({
      rejection: { code: 'unsupported-format' },
    });
    unlinkSync(join(directory, 'images', 'a.jpg'));
    await eventOf('removed', 'a.jpg');
  } finally {
    await service.stop('SIGKILL');
  }
}, 60_000);
