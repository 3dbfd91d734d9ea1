import { S3ObjectStore } from '../../../runtime/storage/s3/s3-object-store';
import { startS3, type S3Server } from '../../support/aws/s3';
import { all } from '../../unit/storage/contract/listing';
import type { Fault } from './faulty-store';
import { startS3Proxy, type S3Proxy } from './s3-proxy';

let s3: S3Server;
let proxy: S3Proxy;
let bucket: string;
const faults: (Fault | undefined)[] = [];
beforeAll(async () => {
  s3 = await startS3();
  proxy = await startS3Proxy({ target: s3.endpoint, draw: () => faults.shift(), slowness: 50 });
});
afterAll(async () => {
  await proxy.stop();
  await s3.stop();
});
beforeEach(async () => {
  faults.length = 0;
  bucket = await s3.createBucket();
});

const write = { contentType: 'image/png' };
const { region, credentials } = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
};
const store = (): S3ObjectStore => new S3ObjectStore({ bucket, endpoint: proxy.endpoint, region, credentials });

/** Runs an operation with one fault per request. Returns the number of requests. */
async function during<T>(wrong: readonly (Fault | undefined)[], work: () => Promise<T>): Promise<[T, number]> {
  faults.push(...wrong);
  const before = proxy.requests();
  return [await work(), proxy.requests() - before];
}

describe('S3ObjectStore through a faulty connection', () => {
  const body = Buffer.from('bytes of an image');

  test.each<[Fault]>([['slow'], ['error'], ['throttled'], ['reset'], ['lost']])(
    'a write succeeds despite the fault %s',
    async (fault) => {
      const [{ etag }, requests] = await during([fault], () => store().put('a b/ü.png', body, write));
      expect(requests).toBe(fault === 'slow' ? 1 : 2);
      expect(await store().head('a b/ü.png')).toMatchObject({ etag, bytes: body.length });
    },
  );

  test.each<[Fault]>([['slow'], ['error'], ['throttled'], ['reset']])(
    'a read succeeds despite the fault %s',
    async (fault) => {
      await store().put('a', body, write);
      const [object, requests] = await during([fault], () => store().get('a', { maxBytes: 100 }));
      expect(object?.body.toString()).toBe(body.toString());
      expect(requests).toBe(fault === 'slow' ? 1 : 2);
    },
  );

  test.each<[Fault]>([['slow'], ['error'], ['throttled'], ['reset'], ['lost']])(
    'a deletion succeeds despite the fault %s',
    async (fault) => {
      await store().put('a', body, write);
      const [, requests] = await during([fault], () => store().delete(['a', 'b']));
      expect(requests).toBe(fault === 'slow' ? 1 : 2);
      expect(await store().head('a')).toBeUndefined();
    },
  );

  test.each<[Fault]>([['slow'], ['error'], ['throttled'], ['reset']])(
    'a listing succeeds despite the fault %s',
    async (fault) => {
      await store().put('a', body, write);
      const [keys] = await during([fault], async () => (await all(store())).map(({ key }) => key));
      expect(keys).toEqual(['a']);
    },
  );

  test('the object store returns a stale response, which it cannot detect', async () => {
    const reader = store();
    expect(await reader.get('a', { maxBytes: 100 })).toBeUndefined();
    await store().put('a', body, write);
    const [before] = await during(['stale'], () => reader.get('a', { maxBytes: 100 }));
    expect(before).toBeUndefined();
    expect((await reader.get('a', { maxBytes: 100 }))?.bytes).toBe(body.length);
  });

  test.each<[Fault, string]>([
    ['error', 'storage-unavailable'],
    ['throttled', 'storage-throttled'],
    ['reset', 'storage-unavailable'],
    ['lost', 'storage-unavailable'],
  ])('a request fails after four attempts with the fault %s', async (fault, code) => {
    const four = Array.from({ length: 4 }, () => fault);
    await expect(during(four, () => store().put('a', body, write))).rejects.toMatchObject({ code });
    // With the fault `lost`, the write has its effect, and only the response is lost.
    expect((await store().head('a')) !== undefined).toBe(fault === 'lost');
  });
});
