import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DEFAULT_LIMITS, type CoreSettings } from '../../../runtime/contract';
import { SigningKeysError } from '../../../runtime/http/links/signing-keys';
import { signingKeysOf } from '../../../runtime/program/signing-secret';
import { S3ObjectStore } from '../../../runtime/storage/s3/s3-object-store';
import { httpOptionsFrom } from '../../support/assemble-from';
import { MemoryObjectStore } from '../../support/aws/memory-store';
import { storedThumbnail } from '../http/fake-pipeline';

const SETTINGS: CoreSettings = {
  storage: 's3',
  sourceLocation: { name: 'photos', prefix: 'in/', suffixes: [] },
  thumbnailLocation: { name: 'thumbnails', prefix: '' },
  thumbnails: [{ name: 'small', fit: 'inside', width: 20, height: 20, formats: [{ type: 'webp' }] }],
  limits: DEFAULT_LIMITS,
  rules: [],
  requireMalwareScan: false,
  allowSvg: false,
  detectJpegCorruption: true,
  cacheControl: 'max-age=60',
};
const KEY = '0123456789abcdef0123456789abcdef';
const KEYS = JSON.stringify({ k1: KEY });
const memory = new MemoryObjectStore();
const bucket = new S3ObjectStore({
  bucket: 'photos',
  region: 'eu-central-1',
  credentials: { accessKeyId: 'AKIA', secretAccessKey: 'secret' },
});
const optionsOf = (environment: Readonly<Record<string, string>>, store: MemoryObjectStore | S3ObjectStore = memory) =>
  httpOptionsFrom({ settings: SETTINGS, source: store, thumbnails: store }, environment);

const OVERSIZE = {
  thumbnail: storedThumbnail('in/cat.jpg/small.webp', Buffer.from('x')),
  url: '/thumbnails/small/in/cat.jpg?format=webp&v=1',
  isRequestedUrl: false,
};

describe('httpApiOptionsOf', () => {
  test('httpApiOptionsOf() defaults to open read access without write routes', () => {
    const plain = optionsOf({});
    expect(plain).toMatchObject({
      source: memory,
      cacheControl: 'max-age=60',
      corsOrigins: [],
    });
    expect([plain.readLinks, plain.writing, plain.redirect, plain.fallbackImage]).toEqual(Array(4).fill(undefined));
  });

  test('httpApiOptionsOf() enables the route for distributions with a secret key or with open read access', () => {
    expect(optionsOf({}).stored).toEqual({ prefix: '' });
    expect(optionsOf({ READ_ACCESS: 'signed', SIGNING_KEYS: KEYS })).not.toHaveProperty('stored');
    for (const readAccess of ['open', 'signed']) {
      const environment = { READ_ACCESS: readAccess, SIGNING_KEYS: KEYS, DISTRIBUTION_SECRET: 'distribution' };
      expect(optionsOf(environment).stored?.keys).toBeDefined();
    }
  });

  test('httpApiOptionsOf() checks links for reading and writing separately', () => {
    const reading = optionsOf({ READ_ACCESS: 'signed', WRITE_ACCESS: 'open', SIGNING_KEYS: KEYS });
    expect([reading.readLinks !== undefined, reading.writing?.links]).toEqual([true, undefined]);
    const writing = optionsOf({ WRITE_ACCESS: 'signed', SIGNING_KEYS: KEYS });
    expect([writing.readLinks, writing.writing?.links !== undefined]).toEqual([undefined, true]);
  });

  test('httpApiOptionsOf() disables the routes for reading, also beside a distribution', () => {
    expect(optionsOf({}).reading).toBe(true);
    const onlyWrites = optionsOf({ READ_ACCESS: 'none', WRITE_ACCESS: 'open' });
    expect([onlyWrites.reading, onlyWrites.writing !== undefined]).toEqual([false, true]);
    expect(onlyWrites).not.toHaveProperty('stored');
  });

  test('httpApiOptionsOf() enables upload forms of the API if the object store does not accept forms', async () => {
    const terms = { key: 'in/a.jpg', contentType: 'image/jpeg', bytes: 3, metadata: {}, seconds: 60 };
    const { writing } = optionsOf({ WRITE_ACCESS: 'open' });
    expect((await writing!.createForm(terms, 'http://localhost:1')).url).toBe('http://localhost:1/uploads/form');
    expect(writing!.receiveForm).toBeDefined();
    const ofBucket = optionsOf({ WRITE_ACCESS: 'open' }, bucket).writing!;
    expect((await ofBucket.createForm(terms, 'http://localhost:1')).url).toBe(
      'https://photos.s3.eu-central-1.amazonaws.com/',
    );
    expect(ofBucket.receiveForm).toBeUndefined();
  });

  test('httpApiOptionsOf() redirects to the bucket if a thumbnail exceeds the response limit', async () => {
    expect(optionsOf({}).redirect).toBeUndefined();
    const location = await optionsOf({}, bucket).redirect!(OVERSIZE);
    expect(location).toMatch(
      /^https:\/\/photos\.s3\.eu-central-1\.amazonaws\.com\/in\/cat\.jpg\/small\.webp\?.*X-Amz-Expires=300/,
    );
  });

  test('httpApiOptionsOf() redirects to the distribution only once, and not with signed links', async () => {
    const environment = { DISTRIBUTION_URL: 'https://img.example.com' };
    const { redirect } = optionsOf(environment, bucket);
    expect(await redirect!(OVERSIZE)).toBe(`https://img.example.com${OVERSIZE.url}`);
    expect(await redirect!({ ...OVERSIZE, isRequestedUrl: true })).toContain('amazonaws.com');
    const signed = optionsOf({ ...environment, READ_ACCESS: 'signed', SIGNING_KEYS: KEYS }, bucket);
    expect(await signed.redirect!(OVERSIZE)).toContain('amazonaws.com');
  });

  test('httpApiOptionsOf() does not redirect thumbnails in a directory', () => {
    expect(optionsOf({ DISTRIBUTION_URL: 'https://img.example.com' }).redirect).toBeUndefined();
  });

  test('httpApiOptionsOf() throws an error for invalid signing keys before the first request', () => {
    expect(() => optionsOf({ READ_ACCESS: 'signed', SIGNING_KEYS: `{"1":"${KEY}"}` })).toThrow(SigningKeysError);
  });
});

describe('the signing secret', () => {
  let server: Server;
  let answer: { readonly status: number; readonly body: object };
  const requests: unknown[] = [];
  const before = process.env;

  beforeAll(async () => {
    server = createServer((request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request as AsyncIterable<Buffer>) {
          chunks.push(chunk);
        }
        requests.push([request.headers['x-amz-target'], JSON.parse(Buffer.concat(chunks).toString())]);
        response.writeHead(answer.status, { 'Content-Type': 'application/x-amz-json-1.1' });
        response.end(JSON.stringify(answer.body));
      })();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    process.env = {
      ...before,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'AKIA',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
  });
  afterAll(async () => {
    process.env = before;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  test('the first request reads the secret from Secrets Manager', async () => {
    answer = { status: 200, body: { Name: 'links', SecretString: KEYS } };
    const keys = signingKeysOf({ secret: 'photos/links' });
    expect(requests).toEqual([]);
    expect(await keys.find('k1')).toEqual({ id: 'k1', key: KEY });
    expect(await keys.newest()).toEqual({ id: 'k1', key: KEY });
    expect(requests).toEqual([['secretsmanager.GetSecretValue', { SecretId: 'photos/links' }]]);
  });

  test.each([
    [400, { __type: 'AccessDeniedException', message: 'no' }],
    [400, { __type: 'ResourceNotFoundException', message: 'no' }],
    [200, { Name: 'links', SecretString: `not JSON: ${KEY}` }],
    [200, { Name: 'links' }],
  ])('an unavailable secret results in a 503 response without details: %d %j', async (status, body) => {
    answer = { status, body };
    const failure = await signingKeysOf({ secret: 'photos/links' })
      .find('k1')
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'storage-unavailable', status: 503 });
    expect(String((failure as Error).cause)).not.toContain(KEY);
  });
});
