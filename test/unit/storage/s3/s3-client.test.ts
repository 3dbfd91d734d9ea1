import { createHash } from 'node:crypto';
import { DeleteObjectsCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { ObjectStoreError } from '../../../../runtime/storage';
import { createS3Client } from '../../../../runtime/storage/s3/s3-client';
import { S3ObjectStore } from '../../../../runtime/storage/s3/s3-object-store';
import { type FakeS3, sendObject, sendXml, startFakeS3 } from './fake-s3';

interface Sent {
  readonly hostname: string;
  readonly path: string;
  readonly headers: Record<string, string>;
}

/** Returns the request that a client would send. Does not send the request. */
async function sentBy(client: S3Client, command: PutObjectCommand | DeleteObjectsCommand): Promise<Sent> {
  let sent: Sent | undefined;
  client.middlewareStack.add(
    () => (args) => {
      sent = args.request as Sent;
      return Promise.reject(new Error('not sent'));
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  await expect(client.send(command as PutObjectCommand)).rejects.toThrow('not sent');
  if (sent === undefined) {
    throw new Error('the client has sent no request');
  }
  return sent;
}

let s3: FakeS3;
beforeAll(async () => {
  s3 = await startFakeS3();
});
afterAll(() => s3.stop());

describe('createS3Client', () => {
  const account = { region: 'eu-west-1', credentials: { accessKeyId: 'id', secretAccessKey: 'secret' } };
  const put = new PutObjectCommand({ Bucket: 'photos', Key: 'a/b.jpg', Body: Buffer.from('bytes') });
  const deletion = new DeleteObjectsCommand({ Bucket: 'photos', Delete: { Objects: [{ Key: 'a' }] } });
  const saved = { ...process.env };
  afterEach(() => {
    process.env = { ...saved };
  });
  beforeEach(() => {
    for (const name of Object.keys(process.env).filter((each) => /^(?:AWS|S3)_/.test(each))) {
      delete process.env[name];
    }
  });

  test('createS3Client() uses virtual-hosted-style URLs and CRC checksums for AWS', async () => {
    const { hostname, path, headers } = await sentBy(createS3Client(account), put);
    expect([hostname, path]).toEqual(['photos.s3.eu-west-1.amazonaws.com', '/a/b.jpg']);
    expect(headers).toHaveProperty('x-amz-checksum-crc32');
    expect(headers).not.toHaveProperty('Expect');
    const deleting = await sentBy(createS3Client(account), deletion);
    expect(deleting.headers).toHaveProperty('x-amz-checksum-crc32');
    expect(deleting.headers).not.toHaveProperty('content-md5');
  });

  test('createS3Client() uses path-style URLs and no CRC checksums for endpoints outside of AWS', async () => {
    const client = (): S3Client => createS3Client({ ...account, endpoint: 'https://objects.example.org' });
    const { hostname, path, headers } = await sentBy(client(), put);
    expect([hostname, path]).toEqual(['objects.example.org', '/photos/a/b.jpg']);
    expect(Object.keys(headers).filter((name) => name.includes('checksum'))).toEqual([]);
    const deleting = await sentBy(client(), deletion);
    expect(Object.keys(deleting.headers).filter((name) => name.includes('checksum'))).toEqual([]);
  });

  test('createS3Client() signs the MD5 of DeleteObjects requests', async () => {
    s3.respond((response) => sendXml(response, '<DeleteResult/>'));
    await s3.store.delete(['a', 'b']);
    const request = s3.requests.at(-1);
    expect(request?.headers['content-md5']).toBe(
      createHash('md5')
        .update(request?.body ?? '')
        .digest('base64'),
    );
    expect(request?.headers.authorization).toMatch(/SignedHeaders=[^,]*content-md5/);
  });

  test.each([
    ['AWS_ENDPOINT_URL', { AWS_ENDPOINT_URL: 'http://127.0.0.1:9' }],
    [
      'AWS_ENDPOINT_URL_S3 before AWS_ENDPOINT_URL',
      { AWS_ENDPOINT_URL: 'http://127.0.0.2:9', AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:9' },
    ],
  ])('createS3Client() reads the endpoint from %s', async (_, variables) => {
    Object.assign(process.env, variables);
    const { hostname, path } = await sentBy(createS3Client(account), put);
    expect([hostname, path]).toEqual(['127.0.0.1', '/photos/a/b.jpg']);
  });

  test('createS3Client() reads S3_FORCE_PATH_STYLE unless the option pathStyle is set', async () => {
    const endpoint = 'https://objects.example.org';
    process.env['S3_FORCE_PATH_STYLE'] = 'false';
    expect((await sentBy(createS3Client({ ...account, endpoint }), put)).hostname).toBe('photos.objects.example.org');
    expect((await sentBy(createS3Client({ ...account, endpoint, pathStyle: true }), put)).path).toBe('/photos/a/b.jpg');
    process.env['S3_FORCE_PATH_STYLE'] = 'true';
    expect((await sentBy(createS3Client(account), put)).path).toBe('/photos/a/b.jpg');
    process.env['S3_FORCE_PATH_STYLE'] = 'yes';
    expect(() => createS3Client(account)).toThrow(/^S3_FORCE_PATH_STYLE: "yes"/);
  });

  test('createS3Client() fails with access-denied without credentials', async () => {
    Object.assign(process.env, {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: '/nowhere/config',
      AWS_SHARED_CREDENTIALS_FILE: '/nowhere/credentials',
    });
    const store = new S3ObjectStore({ bucket: 'photos', endpoint: 'http://127.0.0.1:9', region: 'eu-west-1' });
    const error: unknown = await store.check().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ObjectStoreError);
    expect(error).toMatchObject({ code: 'access-denied', message: expect.stringMatching(/credentials/i) as string });
  });
});

test('S3ObjectStore sends all attributes, with encoded metadata', async () => {
  s3.respond((response, request) => sendObject(response, request, ''));
  await s3.store.put('a b/\u00fc+%.jpg', Buffer.from('bytes'), {
    contentType: 'image/webp',
    cacheControl: 'no-cache',
    metadata: { plain: '0.5,0.5', note: 'K\u00e4se' },
  });
  expect(s3.requests.at(-1)).toMatchObject({
    method: 'PUT',
    url: '/photos/a%20b/%C3%BC%2B%25.jpg?x-id=PutObject',
    body: 'bytes',
    headers: {
      'content-type': 'image/webp',
      'content-length': '5',
      'cache-control': 'no-cache',
      'x-amz-meta-plain': '0.5,0.5',
      'x-amz-meta-note': '=?UTF-8?B?S8Okc2U=?=',
    },
  });
});
