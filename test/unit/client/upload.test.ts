import { getImage, ResponseError } from '../../../client';
import { upload, type UploadOptions } from '../../../client/upload';

const CONFIG = { url: 'https://img.example.com/' };
const FORM = {
  key: 'k/cat.jpg',
  image: '/images/k/cat.jpg',
  upload: { url: 'https://bucket.example.com/', fields: { key: 'k/cat.jpg', policy: 'abc' }, expires: '' },
};
const FILE = new File(['0123456789'], 'cat.jpg', { type: 'image/jpeg' });

type Step = Response | Error;
const form = (): Response => Response.json(FORM);
const stored = (): Response => new Response(null, { status: 204 });
const slowDown = (): Response => new Response('<Error><Code>SlowDown</Code></Error>', { status: 503 });

let requests: { url: string; init: RequestInit }[];
let pauses: number[];

/** Responds to the requests of a test. Each request receives the next step. */
function respond(...steps: Step[]): void {
  jest.spyOn(globalThis, 'fetch').mockImplementation((url, init = {}) => {
    requests.push({ url: url as string, init });
    const step = steps.shift();
    return step instanceof Response ? Promise.resolve(step) : Promise.reject(step ?? new Error('unexpected request'));
  });
}

beforeEach(() => {
  requests = [];
  pauses = [];
  jest.spyOn(globalThis, 'setTimeout').mockImplementation(((callback: () => void, pause: number) => {
    pauses.push(pause);
    queueMicrotask(callback);
    return 0;
  }) as unknown as typeof setTimeout);
});
afterEach(() => jest.restoreAllMocks());

test('an upload requests a form, and sends the fields in order and then the file', async () => {
  respond(form(), stored());
  const options: UploadOptions = { headers: { Authorization: 'Bearer abc' }, focalPoint: { x: 0.3, y: 0.4 } };
  await expect(upload(CONFIG, FILE, options)).resolves.toEqual({
    key: 'k/cat.jpg',
    image: 'https://img.example.com/images/k/cat.jpg',
  });
  const [request, sent] = requests;
  expect(request).toMatchObject({
    url: 'https://img.example.com/uploads',
    init: { method: 'POST', headers: { 'Content-Type': 'application/json', Authorization: 'Bearer abc' } },
  });
  expect(JSON.parse(request!.init.body as string)).toEqual({
    ...{ filename: 'cat.jpg', contentType: 'image/jpeg', bytes: 10, focalPoint: { x: 0.3, y: 0.4 } },
  });
  expect(sent!.url).toBe(FORM.upload.url);
  expect([...(sent!.init.body as FormData).keys()]).toEqual(['key', 'policy', 'file']);
  expect(sent!.init.headers).toBeUndefined();
});

test('upload() sends the form request to `uploadUrl` of the configuration, with `key` of the options in the body', async () => {
  respond(form(), stored());
  const uploadUrl = 'https://api.example.com/uploads?key=a&signature=b';
  await upload({ ...CONFIG, uploadUrl }, new Blob(['1']), { key: 'a', contentType: 'image/png' });
  expect(requests[0]!.url).toBe(uploadUrl);
  expect(JSON.parse(requests[0]!.init.body as string)).toEqual({ key: 'a', contentType: 'image/png', bytes: 1 });
});

test('an upload repeats requests after network errors, 429 and 503', async () => {
  respond(new TypeError('fetch failed'), new Response('', { status: 429 }), form(), slowDown(), stored());
  await upload(CONFIG, FILE);
  expect(requests).toHaveLength(5);
  expect(pauses).toEqual([500, 1000, 500]);
});

test.each([
  ['3', 3000],
  ['0', 500],
  ['86400', 60_000],
  ['Thu, 01 Jan 1970 00:00:00 GMT', 500],
  ['unknown', 500],
])('an upload waits for the time in Retry-After: %p', async (value, pause) => {
  respond(new Response('', { status: 429, headers: { 'Retry-After': value } }), form(), stored());
  await upload(CONFIG, FILE);
  expect(pauses).toEqual([pause]);
});

test('an upload waits until the date of Retry-After', async () => {
  jest.spyOn(Date, 'now').mockReturnValue(Date.parse('2026-01-01T00:00:00Z'));
  const headers = { 'Retry-After': 'Thu, 01 Jan 2026 00:00:07 GMT' };
  respond(new Response('', { status: 503, headers }), form(), stored());
  await upload(CONFIG, FILE);
  expect(pauses).toEqual([7000]);
});

test('upload() throws the error of the last attempt after the maximum number of attempts', async () => {
  respond(slowDown(), slowDown());
  await expect(upload(CONFIG, FILE, { attempts: 2 })).rejects.toMatchObject({ status: 503, code: 'SlowDown' });
  respond(new TypeError('fetch failed'));
  await expect(upload(CONFIG, FILE, { attempts: 1 })).rejects.toThrow('fetch failed');
});

test.each([
  [
    'problem documents of the API',
    Response.json({ code: 'file-too-large', detail: 'The file has 10 bytes.' }, { status: 413 }),
    { status: 413, code: 'file-too-large', message: 'The file has 10 bytes.' },
  ],
  [
    'messages of API Gateway',
    Response.json({ message: 'Forbidden' }, { status: 403 }),
    { status: 403, code: '', message: 'Forbidden' },
  ],
  [
    'errors of S3',
    new Response('<Error><Code>EntityTooLarge</Code><Message>Too large</Message></Error>', { status: 400 }),
    { status: 400, code: 'EntityTooLarge', message: 'Too large' },
  ],
  ['other bodies', new Response('null', { status: 404 }), { status: 404, code: '', message: 'HTTP status 404' }],
])('an upload does not repeat requests with errors of the client: %s', async (_case, response, expected) => {
  respond(response);
  const error: unknown = await upload(CONFIG, FILE).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(ResponseError);
  expect(error).toMatchObject(expected);
  expect(requests).toHaveLength(1);
});

test('an upload stops after the signal is aborted', async () => {
  const controller = new AbortController();
  respond(slowDown(), form());
  jest.mocked(setTimeout).mockImplementation((() => {
    queueMicrotask(() => controller.abort(new Error('cancelled')));
    return 0;
  }) as unknown as typeof setTimeout);
  await expect(upload(CONFIG, FILE, { signal: controller.signal })).rejects.toThrow('cancelled');
  await expect(upload(CONFIG, FILE, { signal: controller.signal })).rejects.toThrow('cancelled');
  expect(requests).toHaveLength(1);
});

test('getImage() repeats the request while the status is 202', async () => {
  const processing = Response.json({ status: 'processing' }, { status: 202, headers: { 'Retry-After': '2' } });
  respond(processing, Response.json({ status: 'rejected', rejection: { code: 'corrupt', message: '' } }));
  await expect(getImage(CONFIG, 'my cat.jpg')).resolves.toMatchObject({ status: 'rejected' });
  expect(requests.map(({ url }) => url)).toEqual(Array(2).fill('https://img.example.com/images/my%20cat.jpg'));
  expect(pauses).toEqual([2000]);
});

describe('progress', () => {
  /** Fake of XMLHttpRequest that sends five bytes and then ends with the next result. */
  class FakeXhr {
    public static results: (number | 'error')[] = [];
    public static sent: unknown[] = [];
    public status = 0;
    public readonly responseText = '';
    public readonly upload: { onprogress?: (event: { loaded: number; total: number }) => void } = {};
    public onload?: () => void;
    public onerror?: () => void;
    public onabort?: () => void;
    public open(method: string, url: string): void {
      FakeXhr.sent.push([method, url]);
    }
    public send(): void {
      const result = FakeXhr.results.shift();
      this.upload.onprogress?.({ loaded: 5, total: 10 });
      this.status = typeof result === 'number' ? result : 0;
      queueMicrotask(() => (result === 'error' ? this.onerror : result ? this.onload : undefined)?.());
    }
    public abort(): void {
      this.onabort?.();
    }
    public getResponseHeader(): null {
      return null;
    }
  }
  const scope = globalThis as { XMLHttpRequest?: unknown };
  beforeEach(() => {
    scope.XMLHttpRequest = FakeXhr;
    FakeXhr.sent = [];
  });
  afterEach(() => {
    delete scope.XMLHttpRequest;
  });

  test('an upload with XMLHttpRequest repeats its request after a network error and after 503', async () => {
    FakeXhr.results = ['error', 503, 204];
    respond(form());
    const progress: number[][] = [];
    await upload(CONFIG, FILE, { onProgress: (...values) => progress.push(values) });
    expect(FakeXhr.sent).toEqual(Array(3).fill(['POST', FORM.upload.url]));
    expect(progress).toEqual([...Array<number[]>(3).fill([5, 10]), [10, 10]]);
    expect(pauses).toEqual([500, 1000]);
  });

  test('an aborted signal ends an upload with XMLHttpRequest, without a retry', async () => {
    FakeXhr.results = [];
    respond(form());
    const controller = new AbortController();
    const onProgress = (): void => queueMicrotask(() => controller.abort(new Error('cancelled')));
    await expect(upload(CONFIG, FILE, { onProgress, signal: controller.signal })).rejects.toThrow('cancelled');
    expect(FakeXhr.sent).toHaveLength(1);
  });

  test('an upload without XMLHttpRequest calls `onProgress` only once, after the upload', async () => {
    delete scope.XMLHttpRequest;
    respond(form(), stored());
    const progress: number[][] = [];
    await upload(CONFIG, FILE, { onProgress: (...values) => progress.push(values) });
    expect(progress).toEqual([[10, 10]]);
  });
});
