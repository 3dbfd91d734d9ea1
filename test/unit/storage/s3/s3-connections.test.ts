import type { ServerResponse } from 'node:http';
import { runWithSignal, type ObjectStore } from '../../../../runtime/storage';
import { all } from '../contract/listing';
import { type FakeS3, sendError, SHORT_TIMEOUTS, sendObject, sendXml, startFakeS3 } from './fake-s3';

describe('S3ObjectStore', () => {
  let s3: FakeS3;
  beforeAll(async () => {
    s3 = await startFakeS3();
  });
  afterAll(() => s3.stop());

  const operations: Readonly<Record<string, (store: ObjectStore) => Promise<unknown>>> = {
    head: (store) => store.head('a.jpg'),
    get: (store) => store.get('a.jpg', { maxBytes: 100 }),
    put: (store) => store.put('a.jpg', Buffer.from('bytes'), { contentType: 'image/png' }),
    delete: (store) => store.delete(['a.jpg']),
    list: (store) => all(store),
    check: (store) => store.check(),
  };

  describe('a connection', () => {
    const destroy = (response: ServerResponse): void => void response.destroy();

    test.each(Object.entries(operations))(
      '%s rejects with storage-unavailable if the connection is reset',
      async (_, run) => {
        s3.respond(destroy);
        await expect(run(s3.store)).rejects.toMatchObject({ code: 'storage-unavailable' });
      },
    );

    test.each(Object.entries(operations))(
      '%s rejects with storage-unavailable if the connection has no response',
      async (_, run) => {
        s3.respond(() => undefined);
        await expect(run(s3.storeWith(SHORT_TIMEOUTS))).rejects.toMatchObject({ code: 'storage-unavailable' });
      },
    );

    test.each([
      ['requestTimeout', { requestTimeout: 200 }],
      ['idleTimeout', { idleTimeout: 200 }],
    ])('a connection without a response ends after %s', async (_, timeout) => {
      s3.respond(() => undefined);
      await expect(s3.storeWith(timeout).check()).rejects.toMatchObject({ code: 'storage-unavailable' });
    });

    test('the error for a refused connection contains the address', async () => {
      const gone = await startFakeS3();
      await gone.stop();
      await expect(gone.store.head('a')).rejects.toMatchObject({
        code: 'storage-unavailable',
        message: expect.stringContaining(`ECONNREFUSED ${gone.endpoint.slice('http://'.length)}`) as string,
      });
    });

    const endEarly = (response: ServerResponse): void => {
      response.writeHead(200, { ETag: '"abc"', 'Content-Length': 1000 }).write('half');
      setTimeout(() => response.destroy(), 50);
    };

    test('a request is retried twice if the connection is reset within a body', async () => {
      const before = s3.requests.length;
      s3.respond(endEarly);
      await expect(s3.store.get('a', { maxBytes: 2000 })).rejects.toMatchObject({ code: 'storage-unavailable' });
      expect(s3.requests.length - before).toBe(3);
      s3.respond((response, request, index) => {
        if (index < 2) {
          endEarly(response);
        } else {
          sendObject(response, request, 'bytes');
        }
      });
      expect((await s3.store.get('a', { maxBytes: 2000 }))?.body.toString()).toBe('bytes');
    });

    test('a request fails with storage-unavailable if the connection stalls within a body', async () => {
      s3.respond((response) => response.writeHead(200, { ETag: '"abc"', 'Content-Length': 1000 }).write('half'));
      await expect(s3.storeWith(SHORT_TIMEOUTS).get('a', { maxBytes: 2000 })).rejects.toMatchObject({
        code: 'storage-unavailable',
      });
    });

    test('a listing fails with storage-unavailable if the connection ends', async () => {
      s3.respond((response) => sendXml(response, '<ListBucketResult><Contents><Key>a</Key>'));
      await expect(all(s3.store)).rejects.toMatchObject({ code: 'storage-unavailable' });
    });

    test('a connection is reused for the next request', async () => {
      const store = s3.storeWith({});
      const before = s3.connections();
      s3.respond((response, request) => sendObject(response, request, 'bytes'));
      for (let turn = 0; turn < 5; turn++) {
        await store.head('a');
        await store.get('a', { maxBytes: 10 });
        await store.put('a', Buffer.alloc(3_000_000), { contentType: 'image/png' });
      }
      expect(s3.connections() - before).toBe(1);
    });
  });

  describe('a large body', () => {
    test.each([
      ['by its Content-Length', { 'Content-Length': 1_000_000_000 }],
      ['by its bytes if there is no Content-Length', {}],
    ])('a large body is rejected %s without reading it completely', async (_, headers) => {
      let closed: Promise<unknown> = Promise.resolve();
      let sent = 0;
      s3.respond((response) => {
        closed = new Promise((resolve) => response.on('close', resolve));
        response.writeHead(200, { ETag: '"abc"', ...headers });
        const more = (): void => {
          while (!response.destroyed && sent < 1_000_000_000) {
            sent += 65_536;
            if (!response.write(Buffer.alloc(65_536))) {
              return void response.once('drain', more);
            }
          }
        };
        more();
      });
      const read = s3.store.get('a', { maxBytes: 100_000 });
      await expect(read).rejects.toMatchObject({ code: 'file-too-large' });
      await closed;
      expect(sent).toBeLessThan(100_000_000);
    });

    test('the object store accepts a large body of exactly maxBytes bytes', async () => {
      for (const headers of [{ 'Content-Length': 100_000 }, {}]) {
        s3.respond((response) => response.writeHead(200, { ETag: '"abc"', ...headers }).end(Buffer.alloc(100_000, 1)));
        expect((await s3.store.get('a', { maxBytes: 100_000 }))?.body.equals(Buffer.alloc(100_000, 1))).toBe(true);
      }
    });
  });

  describe('retries', () => {
    test.each([
      [503, 'SlowDown'],
      [500, 'InternalError'],
      [429, 'TooManyRequests'],
    ])('retries succeed after %i %s', async (status, code) => {
      s3.respond((response, request, index) => {
        if (index < 2) {
          sendError(response, request, status, code);
        } else {
          sendObject(response, request, 'bytes');
        }
      });
      const store = s3.storeWith({ maxAttempts: 3 });
      expect((await store.get('a', { maxBytes: 5 }))?.body.toString()).toBe('bytes');
    });

    test('retries end after maxAttempts', async () => {
      const before = s3.requests.length;
      s3.respond((response, request) => sendError(response, request, 503, 'SlowDown'));
      await expect(s3.storeWith({ maxAttempts: 2 }).check()).rejects.toMatchObject({ code: 'storage-throttled' });
      expect(s3.requests.length - before).toBe(2);
    });

    test('retries end after callTimeout', async () => {
      s3.respond(() => undefined);
      const store = s3.storeWith({ maxAttempts: 1000, callTimeout: 900 });
      await expect(store.head('a')).rejects.toMatchObject({
        code: 'storage-unavailable',
      });
    });

    test('retries of a throttled client also end after callTimeout', async () => {
      s3.respond((response, request) => sendError(response, request, 503, 'SlowDown'));
      const store = s3.storeWith({ maxAttempts: 1000, callTimeout: 900 });
      // After the first response, the rate limiter of the client delays the other calls.
      const calls = Array.from({ length: 20 }, () => store.head('a'));
      const codes = (await Promise.allSettled(calls)).map((call) =>
        call.status === 'rejected' ? (call.reason as unknown) : call,
      );
      expect(codes).toEqual(calls.map(() => expect.objectContaining({ name: 'ObjectStoreError' }) as object));
    });

    test('the timeout is longer for the response to a larger upload', async () => {
      s3.respond((response, request) => setTimeout(() => sendObject(response, request, ''), 600));
      const store = s3.storeWith({ requestTimeout: 300 });
      const write = { contentType: 'image/png' };
      await expect(store.put('a', Buffer.alloc(10), write)).rejects.toMatchObject({ code: 'storage-unavailable' });
      await expect(store.put('a', Buffer.alloc(30_000_000), write)).resolves.toEqual({ etag: 'abc' });
    });

    test('retries end after the signal is aborted', async () => {
      const abort = new AbortController();
      s3.respond((response) => {
        response.writeHead(200, { ETag: '"abc"', 'Content-Length': 1000 }).write('half');
        abort.abort();
      });
      const before = s3.requests.length;
      const store = s3.storeWith({ maxAttempts: 3 });
      const read = runWithSignal(abort.signal, () => store.get('a', { maxBytes: 2000 }));
      await expect(read).rejects.toMatchObject({ code: 'storage-unavailable' });
      expect(s3.requests.length - before).toBe(1);
    });

    test('permanent errors are not retried', async () => {
      const before = s3.requests.length;
      s3.respond((response, request) => sendError(response, request, 403, 'AccessDenied'));
      await expect(s3.storeWith({ maxAttempts: 3 }).check()).rejects.toMatchObject({ code: 'access-denied' });
      expect(s3.requests.length - before).toBe(1);
    });
  });
});
