import { connect } from 'node:net';
import { DEFAULT_LIMITS, type CoreSettings } from '../../../runtime/contract';
import type { Rendering } from '../../../runtime/engine';
import { createHttpApi, Links, signUrl, fixedKeys } from '../../../runtime/http';
import { encodePath } from '../../../runtime/http/api-urls';
import { FormUploads } from '../../../runtime/http/uploads/form-uploads';
import { Pipeline } from '../../../runtime/pipeline';
import { readFocalPoint } from '../../../runtime/pipeline/focal-point';
import { listen, type Listener } from '../../../runtime/program/server';
import { MemoryObjectStore, type StoreRequest } from '../../support/aws/memory-store';
import { eventually } from '../../support/eventually';
import { formOf, type Upload } from '../../support/upload';

const SETTINGS: CoreSettings = {
  storage: 's3',
  sourceLocation: { name: 'photos', prefix: 'in/', suffixes: [] },
  thumbnailLocation: { name: 'thumbnails', prefix: 't/' },
  thumbnails: [{ name: 'small', fit: 'inside', width: 20, height: 20, formats: [{ type: 'webp' }, { type: 'jpeg' }] }],
  limits: DEFAULT_LIMITS,
  rules: [],
  requireMalwareScan: false,
  allowSvg: false,
  detectJpegCorruption: true,
  cacheControl: 'public, max-age=60',
};

/** Fake engine. Each thumbnail contains the bytes of the source. */
function renderText(source: Buffer): Promise<Rendering> {
  return Promise.resolve({
    source: { format: 'jpeg', width: 80, height: 60, orientation: 1, frames: 1, hasAlpha: false, progressive: false },
    warnings: [],
    thumbnails: (['webp', 'jpeg'] as const).map((format) => ({
      name: 'small',
      format,
      contentType: `image/${format}`,
      width: 20,
      height: 15,
      frames: 1,
      body: Buffer.from(`${format} of ${source.toString()}`),
    })),
    thumbHash: 'AAAA',
    dominantColor: '#102030',
  });
}

const KEY = { id: 'k1', key: '0123456789abcdef0123456789abcdef' };
const LINKS = new Links({ keys: fixedKeys([KEY]), hosts: [], maxLifetimeSeconds: 3600 });

/** Starts a server with a pipeline whose object stores record every requested key. */
async function open({ signed = false }: { readonly signed?: boolean } = {}) {
  const touched: string[] = [];
  const hook = ({ key }: StoreRequest): void => void touched.push(key);
  const source = new MemoryObjectStore({ now: () => new Date(0) });
  const thumbnails = new MemoryObjectStore();
  for (const key of ['in/cat.jpg', 'secret.jpg', 'outside/cat.jpg']) {
    await source.put(key, Buffer.from(key), { contentType: 'image/jpeg' });
  }
  const stores = { source: source.client(hook), thumbnails: thumbnails.client(hook) };
  const pipeline = new Pipeline({ ...stores, settings: SETTINGS, render: renderText });
  const forms = new FormUploads({ store: stores.source });
  const app = createHttpApi({
    pipeline,
    reconcile: pipeline.reconcile,
    source: stores.source,
    cacheControl: SETTINGS.cacheControl,
    version: '1',
    ...(signed && { readLinks: LINKS }),
    writing: {
      uploads: { contentTypes: ['image/jpeg', 'image/png'], maxSizeBytes: 1000, keyTemplate: '{uuid}/{filename}' },
      prefix: 'in/',
      createForm: (policy, origin) => forms.createForm(policy, origin),
      receiveForm: (request, maxFileBytes) => forms.receive(request, maxFileBytes),
      ...(signed && { links: LINKS }),
    },
  });
  return { source, touched, server: await listen(app, { host: '127.0.0.1', port: 0 }) };
}

/** Sends a request target unchanged. `fetch` would normalize the target. */
async function raw({ url }: Listener, target: string, method = 'GET', headers: readonly string[] = []) {
  const { port } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  socket.write(
    [`${method} ${target} HTTP/1.1`, `Host: localhost:${port}`, 'Connection: close', ...headers, '', ''].join('\r\n'),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of socket as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  const answer = Buffer.concat(chunks).toString('latin1');
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]), answer };
}

let openApi: Awaited<ReturnType<typeof open>>;
let signedApi: Awaited<ReturnType<typeof open>>;
beforeAll(async () => {
  openApi = await open();
  signedApi = await open({ signed: true });
});
afterAll(async () => {
  await openApi.server.close();
  await signedApi.server.close();
});
// No request may access keys outside of the configured prefixes.
afterEach(() => {
  expect([...openApi.touched, ...signedApi.touched].filter((key) => !/^(?:in|t\/in)\//.test(key))).toEqual([]);
});

describe('paths outside of the prefixes', () => {
  test.each([
    '/images/../secret.jpg',
    '/images/in/../secret.jpg',
    '/images/in/../../secret.jpg',
    '/images/%2e%2e/secret.jpg',
    '/images/%2e%2e%2fsecret.jpg',
    '/images/in%2f..%2fsecret.jpg',
    '/images/in/%252e%252e%252fsecret.jpg',
    '/images/in/..%5csecret.jpg',
    '/images/in\\..\\secret.jpg',
    '/images/..\\secret.jpg',
    '/images//secret.jpg',
    '/images/secret.jpg',
    '/images/outside/cat.jpg',
    '/images/in/',
    '/images/in/cat.jpg%00.png',
    '/images/in/%00',
    '/images/in/cat.jpg/../../../secret.jpg',
    '/images/./secret.jpg',
    '/images/file:///etc/passwd',
    '//secret.jpg',
    '//host/images/in/cat.jpg',
    '/\\host/images/in/cat.jpg',
    'http://host/images/../secret.jpg',
    '/images?key=../secret.jpg',
    '/images?key=..%2fsecret.jpg',
    '/images?key=%252e%252e%252fsecret.jpg',
    '/images?key=in%2f..%2fsecret.jpg&key=in/cat.jpg',
    '/images?key=in/%00',
    '/thumbnails/small/../../images/in/cat.jpg',
    '/thumbnails/../in/cat.jpg',
    '/thumbnails/%2e%2e/in/cat.jpg',
    '/thumbnails/small%2fx/in/cat.jpg',
    '/thumbnails/__proto__/in/cat.jpg',
    '/thumbnails/manifest/in/cat.jpg',
    '/thumbnails/huge/in/cat.jpg',
    '/thumbnails/small/secret.jpg',
    '/thumbnails/small/t/in/cat.jpg/small.webp',
    '/thumbnails/small/in/cat.jpg/',
    '/thumbnails/small/in/cat.jpg?format=../../x',
    '/thumbnails/small/in/cat.jpg?format=gif',
  ])('GET %s responds with 400 or 404', async (target) => {
    const { status } = await raw(openApi.server, target);
    expect([400, 404]).toContain(status);
  });

  test('the API responds to valid paths with 200', async () => {
    expect((await raw(openApi.server, '/images/in/cat.jpg')).status).toBe(200);
    expect((await raw(openApi.server, '/thumbnails/small/in/cat.jpg')).status).toBe(200);
  });
});

test('the API accepts a request target with scheme and host', async () => {
  const { server } = openApi;
  await openApi.source.put('in/x', Buffer.from('x'), { contentType: 'image/jpeg' });
  for (const target of [
    '/images/in/x',
    `${server.url}/images/in/x`,
    'http://other.example:1/images/in/x?a=b',
    'HTTP://x/images/in/x',
  ]) {
    expect((await raw(server, target)).status).toBe(200);
  }
  expect((await raw(server, `${server.url}/images/in/../x`)).status).toBe(404);
});

describe('oversized input', () => {
  test.each([
    [`/images/in/${'a'.repeat(10_240)}`, 414],
    [`/images/in/cat.jpg?${'a'.repeat(10_240)}`, 414],
    [`/images?key=${'a'.repeat(1025)}`, 400],
    [`/${'a/'.repeat(4000)}`, 404],
    [`/images/in/${'%'.repeat(3000)}`, 400],
  ])('a long URL', async (target, status) => {
    expect((await raw(openApi.server, target)).status).toBe(status);
  });

  test.each([
    ['Accept', 'image/avif;q=0.1,'.repeat(482)],
    ['Accept', ','.repeat(8192)],
    ['Range', `bytes=${Array.from({ length: 100 }, (_, index) => `${index}-${index}`).join(',')}`],
    ['Range', 'bytes=5-1'],
    ['If-None-Match', Array.from({ length: 500 }, (_, index) => `W/"tag-${index}"`).join(', ')],
    ['If-None-Match', '"'.repeat(8191)],
    ['If-None-Match', `"${'x'.repeat(8000)}`],
    ['If-Modified-Since', 'x'.repeat(8000)],
    ['If-Modified-Since', 'Thu, 99 Foo 99999 25:61:61 GMT'],
    ['Prefer', 'wait,'.repeat(1000)],
  ])('an oversized or invalid %s header is ignored', async (name, value) => {
    const { status, answer } = await raw(openApi.server, '/thumbnails/small/in/cat.jpg', 'GET', [`${name}: ${value}`]);
    expect(status).toBe(200);
    expect(answer).toContain('webp of in/cat.jpg');
  });

  test('If-None-Match with a long list matches an ETag in the list', async () => {
    const { answer } = await raw(openApi.server, '/thumbnails/small/in/cat.jpg');
    const [, etag = ''] = /^etag: (.*)\r$/im.exec(answer)!;
    const list = [...Array.from({ length: 300 }, (_, index) => `"tag-${index}"`), etag].join(', ');
    expect((await raw(openApi.server, '/thumbnails/small/in/cat.jpg', 'GET', [`If-None-Match: ${list}`])).status).toBe(
      304,
    );
    expect((await raw(openApi.server, '/thumbnails/small/in/cat.jpg', 'GET', ['If-Match: "other"'])).status).toBe(412);
    expect((await raw(openApi.server, '/thumbnails/small/in/cat.jpg', 'GET', [`If-Match: ${etag}`])).status).toBe(200);
  });
});

describe('unusual keys', () => {
  test.each([
    'in/a+b.jpg',
    'in/my cat.jpg',
    'in/100%.jpg',
    'in/%2e%2e%2fcat.jpg',
    'in/caf\u00e9.jpg',
    'in/cafe\u0301.jpg',
    'in/😀👩‍👩‍👧.jpg',
    'in/dots...',
    'in/a/../b.jpg',
    'in//double.jpg',
    'in/back\\slash.jpg',
    `in/${'é'.repeat(510)}.`,
  ])('%s is uploaded, served and deleted', async (key) => {
    const { server, source } = openApi;
    const file = Buffer.from(`bytes of ${key}`.slice(0, 40));
    const formResponse = await fetch(`${server.url}/uploads`, {
      method: 'POST',
      body: JSON.stringify({ key, contentType: 'image/jpeg', bytes: file.length }),
    });
    expect(formResponse.status).toBe(201);
    const upload = (await formResponse.json()) as Upload;
    const sent = await fetch(upload.upload.url, { method: 'POST', body: formOf(upload, file) });
    expect(sent.status).toBe(204);
    expect(source.objects.get(key)?.body).toEqual(file);

    const byPath = await raw(server, `/thumbnails/small/${encodePath(key)}`);
    expect(byPath.status).toBe(200);
    const manifestResponse = await fetch(server.url + upload.image);
    const manifest = (await manifestResponse.json()) as { source: { key: string }; thumbnails: { url: string }[] };
    expect([manifestResponse.status, manifest.source.key]).toEqual([200, key]);
    const versioned = await fetch(server.url + manifest.thumbnails[0]!.url);
    expect(versioned.headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable');
    expect((await fetch(server.url + upload.image, { method: 'DELETE' })).status).toBe(204);
    expect(source.objects.has(key)).toBe(false);
  });

  test('composed and decomposed letters result in different keys', async () => {
    await openApi.source.put('in/caf\u00e9.jpg', Buffer.from('composed'), { contentType: 'image/jpeg' });
    expect((await raw(openApi.server, `/images/${encodePath('in/caf\u00e9.jpg')}`)).status).toBe(200);
    expect((await raw(openApi.server, `/images/${encodePath('in/cafe\u0301.jpg')}`)).status).toBe(404);
  });
});

describe('invalid uploads', () => {
  const file = Buffer.from('ten bytes.');

  async function ask(body: unknown) {
    const response = await fetch(`${openApi.server.url}/uploads`, {
      method: 'POST',
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Upload & { readonly code: string } };
  }

  test.each([
    [{ key: 'in/a.jpg', contentType: 'text/html', bytes: 9 }, 415],
    [{ key: 'in/a.jpg', contentType: 'image/svg+xml', bytes: 9 }, 415],
    [{ key: 'in/a.jpg', contentType: 'image/jpegs', bytes: 9 }, 415],
    [{ key: 'in/a.jpg', contentType: 'text/html; image/jpeg', bytes: 9 }, 415],
    [{ key: 'in/a.jpg', contentType: 'image/jpeg', bytes: 1001 }, 413],
    [{ key: 'in/a.jpg', contentType: 'image/jpeg', bytes: 0 }, 400],
    [{ key: 'in/a.jpg', contentType: 'image/jpeg', bytes: -1 }, 400],
    [{ key: 'in/a.jpg', contentType: 'image/jpeg', bytes: 1.5 }, 400],
    [{ key: 'in/a.jpg', contentType: 'image/jpeg' }, 400],
    [{ key: 'in/a.jpg', filename: 'a.jpg', contentType: 'image/jpeg', bytes: 9 }, 400],
    [{ contentType: 'image/jpeg', bytes: 9 }, 400],
    [{ key: 'in/a.jpg', contentType: 'image/jpeg', bytes: 9, acl: 'public-read' }, 400],
    [{ key: 'secret.jpg', contentType: 'image/jpeg', bytes: 9 }, 404],
    [{ key: '../in/a.jpg', contentType: 'image/jpeg', bytes: 9 }, 404],
    [{ key: 'in/', contentType: 'image/jpeg', bytes: 9 }, 404],
    [{ key: 'in/a\0.jpg', contentType: 'image/jpeg', bytes: 9 }, 400],
    [{ key: 'in/a\n.jpg', contentType: 'image/jpeg', bytes: 9 }, 400],
    [{ key: 'in/a\u0085.jpg', contentType: 'image/jpeg', bytes: 9 }, 400],
    [{ key: 'in/\ud800.jpg', contentType: 'image/jpeg', bytes: 9 }, 404],
    [{ key: `in/${'é'.repeat(600)}`, contentType: 'image/jpeg', bytes: 9 }, 400],
    ['{', 400],
    ['null', 400],
    [`"${'x'.repeat(20_000)}"`, 413],
  ])('invalid uploads are rejected with the request %j', async (body, status) => {
    expect((await ask(body)).status).toBe(status);
  });

  test.each<[string, (form: FormData) => void, number]>([
    ['a bigger file', (form) => form.set('file', new Blob(['ten bytes and more'])), 413],
    ['a smaller file', (form) => form.set('file', new Blob(['ten'])), 403],
    ['another type', (form) => form.set('Content-Type', 'text/html'), 403],
    ['another key', (form) => form.set('key', 'in/other.jpg'), 403],
    ['a key outside', (form) => form.set('key', 'secret.jpg'), 403],
    ['two keys', (form) => form.append('key', 'in/other.jpg'), 403],
    ['no signature', (form) => form.delete('signature'), 403],
    ['a forged signature', (form) => form.set('signature', 'f'.repeat(64)), 403],
    ['a signature that is none', (form) => form.set('signature', 'é'), 403],
    ['another policy', (form) => form.set('policy', Buffer.from('{"key":"in/x"}').toString('base64url')), 403],
    ['a file where the policy was', (form) => form.set('policy', new Blob(['x'])), 403],
    ['no file', (form) => form.delete('file'), 403],
    ['a text for a file', (form) => form.set('file', 'ten bytes.'), 403],
  ])('invalid uploads are rejected with %s', async (_, change, status) => {
    const { body } = await ask({ filename: 'a.jpg', contentType: 'image/jpeg', bytes: file.length });
    const form = formOf(body, file);
    change(form);
    const response = await fetch(body.upload.url, { method: 'POST', body: form });
    expect([response.status, openApi.source.objects.has(body.key)]).toEqual([status, false]);
  });

  test('the API rejects uploads without a form or with the form of another server', async () => {
    const target = `${openApi.server.url}/uploads/form`;
    expect((await fetch(target, { method: 'POST', body: 'x' })).status).toBe(403);
    expect((await fetch(target, { method: 'POST', body: Buffer.alloc(80_000) })).status).toBe(413);
    const { body } = await ask({ filename: 'a.jpg', contentType: 'image/jpeg', bytes: file.length });
    const elsewhere = body.upload.url.replace(openApi.server.url, signedApi.server.url);
    expect((await fetch(elsewhere, { method: 'POST', body: formOf(body, file) })).status).toBe(403);
  });

  test.each([
    ['image/jpeg', 'image/jpeg'],
    ['IMAGE/JPEG', 'image/jpeg'],
    ['image/jpg', 'image/jpeg'],
    ['image/png; charset=binary', 'image/png'],
  ])('uploads with the content type %j result in a form for %s', async (contentType, expected) => {
    const { status, body } = await ask({ filename: 'a', contentType, bytes: file.length });
    expect([status, body.upload.fields['Content-Type']]).toEqual([201, expected]);
  });

  test.each([
    [
      { x: 1e-7, y: 1 },
      { x: 0, y: 1 },
    ],
    [
      { x: 1e-6, y: 0.123456789 },
      { x: 0.000001, y: 0.123457 },
    ],
  ])('uploads with the focal point %j store a value that the pipeline reads', async (focalPoint, expected) => {
    const { body } = await ask({ key: 'in/focal.jpg', contentType: 'image/jpeg', bytes: file.length, focalPoint });
    await fetch(body.upload.url, { method: 'POST', body: formOf(body, file) });
    expect(readFocalPoint(openApi.source.objects.get('in/focal.jpg')!.metadata)).toEqual({ focalPoint: expected });
  });

  test('the API rejects uploads with an unsigned policy before it reads the file', async () => {
    const boundary = 'b';
    const part = (name: string, value: string) =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const fields = part('policy', 'x') + part('signature', 'f'.repeat(64));
    const start = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n`;
    let pulled = 0;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        controller.enqueue(Buffer.from(pulled++ === 0 ? fields + start : 'x'.repeat(100)));
        if (pulled > 100) {
          controller.close();
        }
      },
    });
    const headers = { 'Content-Type': `multipart/form-data; boundary=${boundary}` };
    const request = new Request('http://localhost/', { method: 'POST', body, duplex: 'half', headers });
    const forms = new FormUploads({ store: openApi.source });
    await expect(forms.receive(request, 64 * 2 ** 20)).rejects.toMatchObject({ code: 'invalid-upload-form' });
    expect(pulled).toBeLessThan(5);
  });

  test('the API limits the number and the total size of uploads in progress', async () => {
    const stored: (() => void)[] = [];
    const forms = new FormUploads({
      store: { putFile: () => new Promise((resolve) => stored.push(() => resolve({ etag: 'e' }))) },
    });
    const send = async (bytes: number, declared = bytes) => {
      const policy = { key: 'in/a', contentType: 'image/jpeg', bytes: declared, metadata: {}, seconds: 60 };
      const { url, fields } = await forms.createForm(policy, 'http://localhost');
      const form = new FormData();
      Object.entries(fields).forEach(([name, value]) => form.append(name, value));
      form.append('file', new Blob([new Uint8Array(bytes)]));
      return forms.receive(new Request(url, { method: 'POST', body: form }), 2 ** 30);
    };
    const first = send(3);
    await eventually(() => stored.length === 1 || undefined, 'the first upload');
    await expect(send(3, 128 * 2 ** 20)).rejects.toMatchObject({ code: 'too-many-requests' });
    const more = Array.from({ length: 15 }, () => send(3));
    await eventually(() => stored.length === 16 || undefined, 'all uploads');
    await expect(send(3)).rejects.toMatchObject({ code: 'too-many-requests' });
    stored.forEach((resolve) => resolve());
    await Promise.all([first, ...more]);
    await expect(send(3, 128 * 2 ** 20)).rejects.toMatchObject({ code: 'invalid-upload-form' });
  });

  test.each([
    ['../../etc/passwd', /^in\/[0-9a-f-]{36}\/passwd$/],
    ['C:\\photos\\cat.JPG', /^in\/[0-9a-f-]{36}\/cat\.JPG$/],
    ['my cat (1)+100%.jpg', /^in\/[0-9a-f-]{36}\/my-cat-\(1\)-100-\.jpg$/],
    ['cafe\u0301.jpg', /^in\/[0-9a-f-]{36}\/caf\u00e9\.jpg$/],
    ['...', /^in\/[0-9a-f-]{36}\/image$/],
    ['.htaccess', /^in\/[0-9a-f-]{36}\/htaccess$/],
    ['a/b/', /^in\/[0-9a-f-]{36}\/image$/],
    [`${'😀'.repeat(100)}${'é'.repeat(300)}.jpeg`, /^in\/[0-9a-f-]{36}\/é{97}\.jpeg$/],
  ])('invalid uploads receive a safe unique key for the file name %j', async (filename, key) => {
    const first = await ask({ filename, contentType: 'image/jpeg', bytes: 9 });
    const second = await ask({ filename, contentType: 'image/jpeg', bytes: 9 });
    expect(first.body.key).toMatch(key);
    expect(second.body.key).toMatch(key);
    expect(first.body.key).not.toBe(second.body.key);
  });
});

/** Sends a POST request in chunks, without a Content-Length. */
async function postChunked(url: string, chunks: readonly string[], contentType: string): Promise<number> {
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => {
      chunks.forEach((chunk) => controller.enqueue(Buffer.from(chunk)));
      controller.close();
    },
  });
  const response = await fetch(url, {
    method: 'POST',
    body,
    duplex: 'half',
    headers: { 'Content-Type': contentType },
  });
  await response.arrayBuffer();
  return response.status;
}

describe('chunked request bodies', () => {
  const JSON_BODY = JSON.stringify({ filename: 'a.jpg', contentType: 'image/jpeg', bytes: 9 });

  test('the route /uploads accepts request bodies', async () => {
    const chunks = [JSON_BODY.slice(0, 10), JSON_BODY.slice(10)];
    expect(await postChunked(`${openApi.server.url}/uploads`, chunks, 'application/json')).toBe(201);
  });

  test('the route /uploads rejects request bodies above the limit', async () => {
    const chunks = Array.from({ length: 5 }, () => 'x'.repeat(8192));
    expect(await postChunked(`${openApi.server.url}/uploads`, chunks, 'application/json')).toBe(413);
  });

  test('the route /uploads/form parses request bodies', async () => {
    const boundary = 'b';
    const chunks = [
      `--${boundary}\r\nContent-Disposition: form-data; name="policy"\r\n\r\n`,
      `x\r\n--${boundary}--\r\n`,
    ];
    const type = `multipart/form-data; boundary=${boundary}`;
    expect(await postChunked(`${openApi.server.url}/uploads/form`, chunks, type)).toBe(403);
  });
});

describe('an API with signed links', () => {
  const sign = (path: string, method = 'GET') =>
    signUrl(signedApi.server.url + path, { ...KEY, method, expires: new Date(Date.now() + 600_000) });
  const post = (url: string, body: object) => fetch(url, { method: 'POST', body: JSON.stringify(body) });
  const JPEG = { contentType: 'image/jpeg', bytes: 10 };

  test('the API rejects requests without a link before it accesses the object store', async () => {
    for (const path of ['/thumbnails/small/in/cat.jpg', '/images/in/cat.jpg', '/images?key=in/none.jpg']) {
      const response = await fetch(signedApi.server.url + path);
      expect([response.status, await response.json()]).toEqual([
        403,
        expect.objectContaining({ code: 'invalid-signature' }),
      ]);
    }
    expect(signedApi.touched).toEqual([]);
    for (const path of ['/health', '/openapi.json']) {
      expect((await fetch(signedApi.server.url + path)).status).toBe(200);
    }
  });

  test('the response to a signed link permits only private caching', async () => {
    const response = await fetch(sign('/thumbnails/small/in/cat.jpg?format=jpeg'));
    expect([response.status, await response.text()]).toEqual([200, 'jpeg of in/cat.jpg']);
    expect(response.headers.get('Cache-Control')).toBe('private, max-age=60');
  });

  test('the API returns signed URLs in manifests', async () => {
    const manifest = (await (await fetch(sign('/images/in/cat.jpg'))).json()) as {
      thumbnails: { url: string }[];
      srcset: { webp: string };
    };
    for (const url of [manifest.thumbnails[1]!.url, manifest.srcset.webp.split(' ')[0]!]) {
      expect((await fetch(signedApi.server.url + url)).status).toBe(200);
      expect((await fetch(signedApi.server.url + url.replace('small', 'large'))).status).toBe(403);
    }
  });

  test('the API rejects a link for another method or another host', async () => {
    const forGet = sign('/images/in/cat.jpg');
    expect((await fetch(forGet, { method: 'DELETE' })).status).toBe(403);
    expect((await fetch(forGet, { method: 'HEAD' })).status).toBe(200);
    const forOther = signUrl('http://other.example.com/images/in/cat.jpg', {
      ...KEY,
      expires: new Date(Date.now() + 600_000),
    });
    expect((await fetch(forOther.replace('http://other.example.com', signedApi.server.url))).status).toBe(403);
  });

  test('the API accepts an explicit key only with a link for that key', async () => {
    expect((await post(`${signedApi.server.url}/uploads`, { filename: 'a.jpg', ...JPEG })).status).toBe(403);
    const anyFile = sign('/uploads', 'POST');
    expect((await post(anyFile, { filename: 'a.jpg', ...JPEG })).status).toBe(201);
    expect((await post(anyFile, { key: 'in/cat.jpg', ...JPEG })).status).toBe(403);
    const oneKey = sign('/uploads?key=in%2Fdog.jpg', 'POST');
    expect((await post(oneKey, { key: 'in/dog.jpg', ...JPEG })).status).toBe(201);
    expect((await post(oneKey, { key: 'in/cat.jpg', ...JPEG })).status).toBe(403);
    expect((await post(oneKey, { filename: 'a.jpg', ...JPEG })).status).toBe(403);
  });

  test('the API deletes an image if the link is signed for DELETE', async () => {
    await signedApi.source.put('in/old.jpg', Buffer.from('old'), { contentType: 'image/jpeg' });
    expect((await fetch(`${signedApi.server.url}/images/in/old.jpg`, { method: 'DELETE' })).status).toBe(403);
    expect(signedApi.source.objects.has('in/old.jpg')).toBe(true);
    expect((await fetch(sign('/images/in/old.jpg', 'DELETE'), { method: 'DELETE' })).status).toBe(204);
    expect(signedApi.source.objects.has('in/old.jpg')).toBe(false);
  });
});
