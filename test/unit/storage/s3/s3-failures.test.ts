import type { ServerResponse } from 'node:http';
import { runWithSignal, type ObjectStore, type ObjectStoreErrorCode } from '../../../../runtime/storage';
import { all } from '../object-store-contract';
import { type FakeS3, sendError, sendObject, sendXml, type SeenRequest, startFakeS3 } from './fake-s3';

describe('S3Store, when S3 fails', () => {
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

  describe.each<[number, string, ObjectStoreErrorCode]>([
    [403, 'AccessDenied', 'access-denied'],
    [403, 'InvalidAccessKeyId', 'access-denied'],
    [403, 'SignatureDoesNotMatch', 'access-denied'],
    [400, 'ExpiredToken', 'access-denied'],
    [400, 'InvalidToken', 'access-denied'],
    [403, 'AnyOther', 'access-denied'],
    [401, 'Unauthorized', 'access-denied'],
    [400, 'KMS.DisabledException', 'access-denied'],
    [404, 'NoSuchBucket', 'storage-not-found'],
    [503, 'SlowDown', 'storage-throttled'],
    [503, 'ServiceUnavailable', 'storage-throttled'],
    [429, 'TooManyRequests', 'storage-throttled'],
    [400, 'RequestLimitExceeded', 'storage-throttled'],
    [400, 'KeyTooLongError', 'invalid-key'],
    [400, 'EntityTooLarge', 'file-too-large'],
    [500, 'InternalError', 'storage-unavailable'],
    [502, 'BadGateway', 'storage-unavailable'],
    [504, 'GatewayTimeout', 'storage-unavailable'],
    [409, 'OperationAborted', 'storage-unavailable'],
    [301, 'PermanentRedirect', 'storage-unavailable'],
    [400, 'AuthorizationHeaderMalformed', 'storage-unavailable'],
    [404, 'NoSuchUpload', 'storage-unavailable'],
  ])('%i %s', (status, code, expected) => {
    test.each(Object.entries(operations))(`is ${expected} to %s`, async (_, run) => {
      s3.answer((response, request) => sendError(response, request, status, code));
      const error: unknown = await run(s3.store).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'ObjectStoreError', code: expected });
      const { message } = error as Error;
      expect(message).toContain('photos');
      expect(message).toMatch(/^[a-z][^\n]*$/);
    });
  });

  test('says what was asked, what S3 said and what to do', async () => {
    s3.answer((response, request) => sendError(response, request, 403, 'AccessDenied', 'User: x is not authorized'));
    await expect(s3.store.get('a b.jpg', { maxBytes: 1 })).rejects.toThrow(
      /^cannot read "a b.jpg" in the bucket photos: AccessDenied: User: x is not authorized \(.*s3:ListBucket/,
    );
  });

  describe('a missing object', () => {
    test('is undefined, and so is one that only HEAD was asked for', async () => {
      s3.answer((response, request) => sendError(response, request, 404, 'NoSuchKey'));
      expect(await s3.store.get('a', { maxBytes: 1 })).toBeUndefined();
      expect(await s3.store.head('a')).toBeUndefined();
      expect(await s3.store.delete(['a\u0001'])).toBeUndefined();
    });

    test.each([
      ['a page of something between', '<html><body>404 Not Found</body></html>'],
      ['nothing', ''],
      ['JSON', '{"error":"NoSuchKey"}'],
      ['XML of something else', '<?xml version="1.0"?><NoSuchKey/>'],
    ])('is not concluded from a 404 with %s', async (_, body) => {
      s3.answer((response, { method }) => {
        response.writeHead(404, { 'Content-Type': 'text/html' }).end(method === 'HEAD' ? undefined : body);
      });
      await expect(s3.store.get('a', { maxBytes: 1 })).rejects.toMatchObject({ code: 'storage-unavailable' });
      await expect(s3.store.head('a')).rejects.toMatchObject({ code: 'storage-unavailable' });
    });

    test('that came between the two questions of a head is told as it is, without its bytes', async () => {
      s3.answer((response, request) => {
        if (request.method === 'HEAD') {
          sendError(response, request, 404, 'NoSuchKey');
        } else {
          sendObject(response, request, 'bytes', { 'Content-Type': 'image/png', 'x-amz-meta-A': 'b' });
        }
      });
      expect(await s3.store.head('a')).toMatchObject({
        bytes: 5,
        etag: 'abc',
        contentType: 'image/png',
        metadata: { a: 'b' },
      });
    });
  });

  describe('a connection', () => {
    const destroy = (response: ServerResponse): void => void response.destroy();

    test.each(Object.entries(operations))('that is reset is unreachable to %s', async (_, run) => {
      s3.answer(destroy);
      await expect(run(s3.store)).rejects.toMatchObject({ code: 'storage-unavailable' });
    });

    test.each(Object.entries(operations))('that stays silent is unreachable to %s', async (_, run) => {
      s3.answer(() => undefined);
      await expect(run(s3.store)).rejects.toMatchObject({ code: 'storage-unavailable' });
    });

    test.each([
      ['before the answer', { idleTimeout: 60_000, requestTimeout: 200 }],
      ['between two bytes', { idleTimeout: 200, requestTimeout: 60_000 }],
    ])('that stays silent is left after the time for it: %s', async (_, patience) => {
      s3.answer(() => undefined);
      await expect(s3.storeWith(patience).check()).rejects.toMatchObject({ code: 'storage-unavailable' });
    });

    test('that is refused is unreachable, and the message says where', async () => {
      const gone = await startFakeS3();
      await gone.stop();
      await expect(gone.store.head('a')).rejects.toMatchObject({
        code: 'storage-unavailable',
        message: expect.stringContaining(`ECONNREFUSED ${gone.endpoint.slice('http://'.length)}`) as string,
      });
    });

    const brokenOff = (response: ServerResponse): void => {
      response.writeHead(200, { ETag: '"abc"', 'Content-Length': 1000 }).write('half');
      setTimeout(() => response.destroy(), 50);
    };

    test('that is reset within a body is made again, and unreachable at the third time', async () => {
      const before = s3.requests.length;
      s3.answer(brokenOff);
      await expect(s3.store.get('a', { maxBytes: 2000 })).rejects.toMatchObject({ code: 'storage-unavailable' });
      expect(s3.requests.length - before).toBe(3);
      s3.answer((response, request, index) => {
        if (index < 2) {
          brokenOff(response);
        } else {
          sendObject(response, request, 'bytes');
        }
      });
      expect((await s3.store.get('a', { maxBytes: 2000 }))?.body.toString()).toBe('bytes');
    });

    test('that falls silent within a body is unreachable', async () => {
      s3.answer((response) => response.writeHead(200, { ETag: '"abc"', 'Content-Length': 1000 }).write('half'));
      await expect(s3.store.get('a', { maxBytes: 2000 })).rejects.toMatchObject({ code: 'storage-unavailable' });
    });

    test('that ends within a listing is unreachable', async () => {
      s3.answer((response) => sendXml(response, '<ListBucketResult><Contents><Key>a</Key>'));
      await expect(all(s3.store)).rejects.toMatchObject({ code: 'storage-unavailable' });
    });

    test('is kept for the next request', async () => {
      const store = s3.storeWith({});
      const before = s3.connections();
      s3.answer((response, request) => sendObject(response, request, 'bytes'));
      for (let turn = 0; turn < 5; turn++) {
        await store.head('a');
        await store.get('a', { maxBytes: 10 });
        await store.put('a', Buffer.alloc(3_000_000), { contentType: 'image/png' });
      }
      expect(s3.connections() - before).toBe(1);
    });
  });

  describe('a body beyond maxBytes', () => {
    test.each([
      ['by its Content-Length', { 'Content-Length': 1_000_000_000 }],
      ['by its bytes, when no length is told', {}],
    ])('is refused %s, and not read to its end', async (_, headers) => {
      let closed: Promise<unknown> = Promise.resolve();
      let sent = 0;
      s3.answer((response) => {
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
      // Only the store itself closes the connection: nothing runs out of time.
      const read = s3.storeWith({ idleTimeout: 60_000, requestTimeout: 60_000 }).get('a', { maxBytes: 100_000 });
      await expect(read).rejects.toMatchObject({ code: 'file-too-large' });
      await expect(read).rejects.toThrow('at most 100000 are taken');
      await closed;
      expect(sent).toBeLessThan(100_000_000);
    });

    test('is taken when it has exactly as many, with and without a length', async () => {
      for (const headers of [{ 'Content-Length': 100_000 }, {}]) {
        s3.answer((response) => response.writeHead(200, { ETag: '"abc"', ...headers }).end(Buffer.alloc(100_000, 1)));
        expect((await s3.store.get('a', { maxBytes: 100_000 }))?.body.equals(Buffer.alloc(100_000, 1))).toBe(true);
      }
    });
  });

  describe('retries', () => {
    test.each([
      [503, 'SlowDown'],
      [500, 'InternalError'],
      [429, 'TooManyRequests'],
    ])('bring what %i %s held up', async (status, code) => {
      s3.answer((response, request, index) => {
        if (index < 2) {
          sendError(response, request, status, code);
        } else {
          sendObject(response, request, 'bytes');
        }
      });
      const store = s3.storeWith({ maxAttempts: 3 });
      expect((await store.get('a', { maxBytes: 5 }))?.body.toString()).toBe('bytes');
    });

    test('end', async () => {
      const before = s3.requests.length;
      s3.answer((response, request) => sendError(response, request, 503, 'SlowDown'));
      await expect(s3.storeWith({ maxAttempts: 2 }).check()).rejects.toMatchObject({ code: 'storage-throttled' });
      expect(s3.requests.length - before).toBe(2);
    });

    test('end when the time of the call is over, however many are left', async () => {
      s3.answer(() => undefined);
      const store = s3.storeWith({ maxAttempts: 1000, callTimeout: 900 });
      await expect(store.head('a')).rejects.toMatchObject({
        code: 'storage-unavailable',
        message: 'cannot read "a" in the bucket photos: there was no answer within 900 ms',
      });
    });

    test('give a client that is asked to slow down no rest beyond the time of the call', async () => {
      s3.answer((response, request) => sendError(response, request, 503, 'SlowDown'));
      const store = s3.storeWith({ maxAttempts: 1000, callTimeout: 900 });
      // The first call learns of it, the others wait for leave to send.
      const calls = Array.from({ length: 20 }, () => store.head('a'));
      const codes = (await Promise.allSettled(calls)).map((call) =>
        call.status === 'rejected' ? (call.reason as unknown) : call,
      );
      expect(codes).toEqual(calls.map(() => expect.objectContaining({ name: 'ObjectStoreError' }) as object));
    });

    test('leave a longer body the time to be sent', async () => {
      s3.answer((response, request) => setTimeout(() => sendObject(response, request, ''), 600));
      const store = s3.storeWith({ idleTimeout: 60_000, maxAttempts: 1 });
      const write = { contentType: 'image/png' };
      await expect(store.put('a', Buffer.alloc(10), write)).rejects.toMatchObject({ code: 'storage-unavailable' });
      await expect(store.put('a', Buffer.alloc(2_000_000), write)).resolves.toEqual({ etag: 'abc' });
    });

    test('end with the time of the work that asks', async () => {
      const abort = new AbortController();
      s3.answer((response) => {
        response.writeHead(200, { ETag: '"abc"', 'Content-Length': 1000 }).write('half');
        abort.abort();
      });
      const before = s3.requests.length;
      const store = s3.storeWith({ maxAttempts: 3, idleTimeout: 60_000, requestTimeout: 60_000 });
      const read = runWithSignal(abort.signal, () => store.get('a', { maxBytes: 2000 }));
      await expect(read).rejects.toThrow('cannot read "a" in the bucket photos: the time that this call has is over');
      expect(s3.requests.length - before).toBe(1);
    });

    test('are not made for what will not change', async () => {
      const before = s3.requests.length;
      s3.answer((response, request) => sendError(response, request, 403, 'AccessDenied'));
      await expect(s3.storeWith({ maxAttempts: 3 }).check()).rejects.toMatchObject({ code: 'access-denied' });
      expect(s3.requests.length - before).toBe(1);
    });
  });

  describe('a delete', () => {
    const errors =
      (...entries: readonly [string, string][]) =>
      (response: ServerResponse): void =>
        sendXml(
          response,
          `<DeleteResult>${entries
            .map(([key, code]) => `<Error><Key>${key}</Key><Code>${code}</Code><Message>no</Message></Error>`)
            .join('')}</DeleteResult>`,
        );

    test('tells which key S3 kept', async () => {
      s3.answer(errors(['b', 'AccessDenied']));
      await expect(s3.store.delete(['a', 'b', 'c'])).rejects.toMatchObject({
        code: 'access-denied',
        message: expect.stringMatching(/^cannot delete "b" in the bucket photos: AccessDenied: no/) as string,
      });
    });

    test('tells how many', async () => {
      s3.answer(errors(['b', 'InternalError'], ['c', 'SlowDown']));
      await expect(s3.store.delete(['a', 'b', 'c'])).rejects.toMatchObject({
        code: 'storage-unavailable',
        message: expect.stringMatching(/^2 of 3 objects remain; the first: cannot delete "b"/) as string,
      });
    });

    test('counts what was missing as removed', async () => {
      s3.answer(errors(['b', 'NoSuchKey']));
      await expect(s3.store.delete(['a', 'b'])).resolves.toBeUndefined();
    });

    test('goes on with the next thousand after one that kept a key', async () => {
      const keys = Array.from({ length: 2500 }, (_, index) => `key-${index}`);
      const before = s3.requests.length;
      s3.answer((response, _, index) => (index === 0 ? errors(['key-7', 'InternalError']) : errors())(response));
      await expect(s3.store.delete(keys)).rejects.toThrow('"key-7"');
      const named = s3.requests.slice(before).map(({ body }) => body.match(/<Key>/g)?.length);
      expect(named).toEqual([1000, 1000, 500]);
    });

    test('names keys that XML cannot write one by one', async () => {
      const seen: SeenRequest[] = [];
      s3.answer((response, request) => {
        seen.push(request);
        if (request.method === 'POST') {
          sendXml(response, '<DeleteResult/>');
        } else if (request.url.includes('%02')) {
          sendError(response, request, 403, 'AccessDenied');
        } else {
          response.writeHead(204).end();
        }
      });
      await expect(s3.store.delete(['a', 'b\u0001', 'c\u0002', 'd\ne'])).rejects.toThrow('"c\\u0002"');
      expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
        'POST /photos/?delete=',
        'DELETE /photos/b%01?x-id=DeleteObject',
        'DELETE /photos/c%02?x-id=DeleteObject',
      ]);
      expect(seen[0]?.body).toMatch(/<Key>a<\/Key>.*<Key>d&#(?:10|x0?A);e<\/Key>/);
    });
  });

  describe('a listing', () => {
    const page = (keys: readonly string[], more = '<IsTruncated>false</IsTruncated>'): string =>
      `<ListBucketResult>${more}${keys
        .map((key) => `<Contents><Key>${key}</Key><Size>1</Size><ETag>"e"</ETag></Contents>`)
        .join('')}</ListBucketResult>`;
    const listed = async (...pages: readonly string[]): Promise<string[]> => {
      s3.answer((response, _, index) => sendXml(response, pages[index] ?? ''));
      return (await all(s3.store)).map(({ key }) => key);
    };
    const next = (token: string): string =>
      `<IsTruncated>true</IsTruncated><NextContinuationToken>${token}</NextContinuationToken>`;

    test('goes on where the page before it ended', async () => {
      expect(await listed(page(['a', 'b'], next('to=ken+/')), page([], next('2')), page(['c']))).toEqual([
        'a',
        'b',
        'c',
      ]);
      const tokens = s3.requests
        .slice(-3)
        .map(({ url }) => new URLSearchParams(url.split('?')[1]).get('continuation-token'));
      expect(tokens).toEqual([null, 'to=ken+/', '2']);
      for (const { url } of s3.requests.slice(-3)) {
        expect(url).toContain('encoding-type=url');
      }
    });

    test('understands keys in URL encoding, and as they are from those that do not know it', async () => {
      const encoded = '<EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>';
      expect(await listed(page(['%01', 'a+b%2Bc/%C3%BC', 'b%20c'], encoded))).toEqual([
        '\u0001',
        'a b+c/\u00fc',
        'b c',
      ]);
      expect(await listed(page(['a+b', 'b%20c']))).toEqual(['a+b', 'b%20c']);
    });

    test.each([
      ['out of order', [page(['b', 'a'])], 'does not list its keys in the order'],
      ['twice', [page(['a', 'a'])], 'does not list its keys in the order'],
      ['out of order across pages', [page(['b'], next('1')), page(['a'])], 'does not list its keys in the order'],
      ['that is cut with no way on', [page(['a'], '<IsTruncated>true</IsTruncated>')], 'nothing says where to go on'],
      ['in a broken encoding', [page(['%zz'], '<EncodingType>url</EncodingType>')], '"%zz"'],
      ['that is no XML', ['no XML'], 'cannot list the bucket photos'],
    ])('%s is unreachable', async (_, pages, message) => {
      await expect(listed(...pages)).rejects.toMatchObject({
        code: 'storage-unavailable',
        message: expect.stringContaining(message) as string,
      });
    });
  });

  test('refuses an object without an ETag: nothing could tell when it changes', async () => {
    s3.answer((response) => response.writeHead(200, { 'Content-Length': 0 }).end());
    const unreachable = { code: 'storage-unavailable' };
    await expect(s3.store.get('a', { maxBytes: 1 })).rejects.toMatchObject(unreachable);
    await expect(s3.store.head('a')).rejects.toMatchObject(unreachable);
    await expect(s3.store.put('a', Buffer.alloc(0), { contentType: 'a/b' })).rejects.toMatchObject(unreachable);
  });
});
