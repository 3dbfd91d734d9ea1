import type { ServerResponse } from 'node:http';
import { type ObjectStore, type ObjectStoreErrorCode } from '../../../../runtime/storage';
import { all } from '../contract/listing';
import { type FakeS3, sendError, sendObject, sendXml, type SeenRequest, startFakeS3 } from './fake-s3';

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
    test.each(Object.entries(operations))(`the response is reported as ${expected} by %s`, async (_, run) => {
      s3.respond((response, request) => sendError(response, request, status, code));
      const error: unknown = await run(s3.store).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'ObjectStoreError', code: expected });
      const { message } = error as Error;
      expect(message).toContain('photos');
      expect(message).toMatch(/^[a-z][^\n]*$/);
    });
  });

  test('error messages name the operation, the reason and a fix', async () => {
    s3.respond((response, request) => sendError(response, request, 403, 'AccessDenied', 'User: x is not authorized'));
    await expect(s3.store.get('a b.jpg', { maxBytes: 1 })).rejects.toThrow(
      /^cannot read "a b.jpg" in the bucket photos: AccessDenied: User: x is not authorized \(.*s3:ListBucket/,
    );
  });

  test('a read of an archived object is rejected and not retried', async () => {
    const requests: unknown[] = [];
    s3.respond((response, request) => {
      requests.push(request.method);
      sendError(response, request, 403, 'InvalidObjectState');
    });
    await expect(s3.store.get('a', { maxBytes: 1 })).rejects.toMatchObject({ code: 'archived', retryable: false });
    expect(requests).toEqual(['GET']);
  });

  describe('a missing object', () => {
    test('the object store returns undefined for a missing object', async () => {
      s3.respond((response, request) => sendError(response, request, 404, 'NoSuchKey'));
      expect(await s3.store.get('a', { maxBytes: 1 })).toBeUndefined();
      expect(await s3.store.head('a')).toBeUndefined();
      expect(await s3.store.delete(['a\u0001'])).toBeUndefined();
    });

    test.each([
      ['an HTML page of a proxy', '<html><body>404 Not Found</body></html>'],
      ['an empty body', ''],
      ['JSON', '{"error":"NoSuchKey"}'],
      ['other XML', '<?xml version="1.0"?><NoSuchKey/>'],
    ])('a missing object is not assumed after a 404 with %s', async (_, body) => {
      s3.respond((response, { method }) => {
        response.writeHead(404, { 'Content-Type': 'text/html' }).end(method === 'HEAD' ? undefined : body);
      });
      await expect(s3.store.get('a', { maxBytes: 1 })).rejects.toMatchObject({ code: 'storage-unavailable' });
      await expect(s3.store.head('a')).rejects.toMatchObject({ code: 'storage-unavailable' });
    });

    test('head() returns an object that is created between HEAD and GET', async () => {
      s3.respond((response, request) => {
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

  describe('a deletion', () => {
    const errors =
      (...entries: readonly [string, string][]) =>
      (response: ServerResponse): void =>
        sendXml(
          response,
          `<DeleteResult>${entries
            .map(([key, code]) => `<Error><Key>${key}</Key><Code>${code}</Code><Message>no</Message></Error>`)
            .join('')}</DeleteResult>`,
        );

    test('the error contains the key that S3 did not delete', async () => {
      s3.respond(errors(['b', 'AccessDenied']));
      await expect(s3.store.delete(['a', 'b', 'c'])).rejects.toMatchObject({
        code: 'access-denied',
        message: expect.stringMatching(/^cannot delete "b" in the bucket photos: AccessDenied: no/) as string,
      });
    });

    test('the error contains the number of remaining objects', async () => {
      s3.respond(errors(['b', 'InternalError'], ['c', 'SlowDown']));
      await expect(s3.store.delete(['a', 'b', 'c'])).rejects.toMatchObject({
        code: 'storage-unavailable',
        message: expect.stringMatching(/^2 of 3 objects remain; [^"]*"b"/) as string,
      });
    });

    test('a deletion ignores missing keys', async () => {
      s3.respond(errors(['b', 'NoSuchKey']));
      await expect(s3.store.delete(['a', 'b'])).resolves.toBeUndefined();
    });

    test('a deletion continues with the next batch after a failed batch', async () => {
      const keys = Array.from({ length: 2500 }, (_, index) => `key-${index}`);
      const before = s3.requests.length;
      s3.respond((response, _, index) => (index === 0 ? errors(['key-7', 'InternalError']) : errors())(response));
      await expect(s3.store.delete(keys)).rejects.toThrow('"key-7"');
      const named = s3.requests.slice(before).map(({ body }) => body.match(/<Key>/g)?.length);
      expect(named).toEqual([1000, 1000, 500]);
    });

    test('a deletion sends one request for each key that XML does not support', async () => {
      const seen: SeenRequest[] = [];
      s3.respond((response, request) => {
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
      s3.respond((response, _, index) => sendXml(response, pages[index] ?? ''));
      return (await all(s3.store)).map(({ key }) => key);
    };
    const next = (token: string): string =>
      `<IsTruncated>true</IsTruncated><NextContinuationToken>${token}</NextContinuationToken>`;

    test('the listing continues with the token of the previous page', async () => {
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

    test('the listing decodes URL-encoded keys if the response declares them', async () => {
      const encoded = '<EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>';
      expect(await listed(page(['%01', 'a+b%2Bc/%C3%BC', 'b%20c'], encoded))).toEqual([
        '\u0001',
        'a b+c/\u00fc',
        'b c',
      ]);
      expect(await listed(page(['a+b', 'b%20c']))).toEqual(['a+b', 'b%20c']);
    });

    test.each([
      ['out of order', [page(['b', 'a'])], 'order'],
      ['with a repeated key', [page(['a', 'a'])], 'order'],
      ['out of order across pages', [page(['b'], next('1')), page(['a'])], 'order'],
      ['truncated without a token', [page(['a'], '<IsTruncated>true</IsTruncated>')], 'continuation token'],
      ['with an invalid encoding', [page(['%zz'], '<EncodingType>url</EncodingType>')], '"%zz"'],
      ['that is not XML', ['not XML'], 'cannot list the bucket photos'],
    ])('%s is reported as storage-unavailable', async (_, pages, message) => {
      await expect(listed(...pages)).rejects.toMatchObject({
        code: 'storage-unavailable',
        message: expect.stringContaining(message) as string,
      });
    });
  });

  test('a response without an ETag causes the error storage-unavailable', async () => {
    s3.respond((response) => response.writeHead(200, { 'Content-Length': 0 }).end());
    const unavailable = { code: 'storage-unavailable' };
    await expect(s3.store.get('a', { maxBytes: 1 })).rejects.toMatchObject(unavailable);
    await expect(s3.store.head('a')).rejects.toMatchObject(unavailable);
    await expect(s3.store.put('a', Buffer.alloc(0), { contentType: 'a/b' })).rejects.toMatchObject(unavailable);
  });
});
