import { createHmac } from 'node:crypto';
import * as v from 'valibot';
import { AnalysisError, type Analysis } from '../../../runtime/analysis';
import { createAnalyzer, type CreateAnalyzerOptions } from '../../../runtime/analysis/create-analyzer';
import { checkRequestSchema } from '../../../runtime/analysis/custom-check';
import type { AnalysisProvider } from '../../../runtime/contract';
import {
  expectedAuthorization,
  startAnalysisServer,
  useTestCredentials,
  type AnalysisServer,
  type ServerResponse,
} from '../../support/aws/analysis-server';
import { imageOf } from './fakes';

const FUNCTION_ARN = 'arn:aws:lambda:eu-central-1:123456789012:function:check:live';
const SECRET_PATH = '/hooks/secret-token';
const environment = { ...process.env };
let server: AnalysisServer;

beforeAll(async () => {
  server = await startAnalysisServer();
});

beforeEach(() => {
  useTestCredentials();
  process.env['AWS_ENDPOINT_URL_LAMBDA'] = server.url;
  server.requests.length = 0;
});

afterAll(async () => {
  process.env = environment;
  await server.stop();
});

const PROVIDERS: Readonly<Record<string, () => AnalysisProvider>> = {
  'a Lambda function': () => ({ provider: 'lambda', functionArn: FUNCTION_ARN }),
  'an HTTP endpoint': () => ({ provider: 'http', url: `${server.url}${SECRET_PATH}` }),
};

function check(
  provider: keyof typeof PROVIDERS,
  options: CreateAnalyzerOptions = {},
  signal: AbortSignal = new AbortController().signal,
): Promise<Analysis> {
  const analyzer = createAnalyzer(PROVIDERS[provider]!(), { wait: () => Promise.resolve(), ...options });
  return analyzer.analyze(imageOf('first', 'second'), signal);
}

async function failureOf(work: Promise<unknown>): Promise<AnalysisError> {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(AnalysisError);
  expect((error as AnalysisError).message).not.toContain(SECRET_PATH);
  return error as AnalysisError;
}

const allowed = { version: 1, verdict: 'allow' };

describe.each(Object.keys(PROVIDERS))('a check in %s', (provider) => {
  test('the check receives the key and the downscaled frames', async () => {
    server.respond = () => ({ body: allowed });
    expect(await check(provider)).toEqual({ verdict: 'allow' });
    const [request] = server.requests;
    expect(request).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/json' } });
    const body: unknown = JSON.parse(request!.body);
    expect(v.parse(v.strictObject(checkRequestSchema.entries), body)).toEqual(body);
    expect(body).toEqual({
      version: 1,
      key: 'trip/my photo+1.jpg',
      etag: 'abc',
      source: { format: 'jpeg', width: 4000, height: 3000, frames: 2 },
      frames: [
        { index: 0, width: 1000, height: 750, jpeg: Buffer.from('first').toString('base64') },
        { index: 1, width: 1000, height: 750, jpeg: Buffer.from('second').toString('base64') },
      ],
    });
  });

  test('the check can reject an image with a reason', async () => {
    server.respond = () => ({ body: { version: 1, verdict: 'reject', reason: 'no cats' } });
    expect(await check(provider)).toEqual({ verdict: 'reject', reason: 'no cats' });
  });

  test('the check can return a focal point and tags', async () => {
    const result = { focalPoint: { x: 0.25, y: 1 }, tags: { subject: 'cat' } };
    server.respond = () => ({ body: { ...allowed, ...result, ignored: true } });
    expect(await check(provider)).toEqual({ verdict: 'allow', ...result });
  });

  test.each([
    ['throttling', { status: 429 }, 'analysis-throttled', 3],
    ['an internal error', { status: 503 }, 'analysis-unavailable', 3],
    ['a closed connection', undefined, 'analysis-unavailable', 3],
    ['a denied request', { status: 403, body: { __type: 'AccessDeniedException' } }, 'analysis-unavailable', 1],
    ['a redirect', { status: 302, headers: { location: '/other' } }, 'analysis-unavailable', 3],
    ['an empty response', { body: '' }, 'analysis-unavailable', 1],
    ['another version', { body: { version: 2, verdict: 'allow' } }, 'analysis-unavailable', 1],
    ['an unknown verdict', { body: { version: 1, verdict: 'maybe' } }, 'analysis-unavailable', 1],
    ['an invalid focal point', { body: { ...allowed, focalPoint: { x: 2, y: 0 } } }, 'analysis-unavailable', 1],
    ['a long reason', { body: { version: 1, verdict: 'reject', reason: 'x'.repeat(201) } }, 'analysis-unavailable', 1],
    ['an array of tags', { body: { ...allowed, tags: ['cat'] } }, 'analysis-unavailable', 1],
    [
      'too many tags',
      { body: { ...allowed, tags: Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`t${index}`, ''])) } },
      'analysis-unavailable',
      1,
    ],
  ] satisfies readonly [string, ServerResponse, string, number][])(
    '%s is a failure',
    async (_name, response, code, attempts) => {
      server.respond = () => response;
      expect(await failureOf(check(provider))).toMatchObject({ code, retryable: true });
      expect(server.requests).toHaveLength(attempts);
    },
  );

  test('a check that exceeds the timeout causes a failure', async () => {
    const timeout = new AbortController();
    server.respond = () => {
      timeout.abort();
      return new Promise(() => undefined);
    };
    expect(await failureOf(check(provider, {}, timeout.signal))).toMatchObject({ code: 'analysis-unavailable' });
  });
});

test('the invocation of a Lambda function is signed for the Region in its ARN', async () => {
  server.respond = () => ({ body: allowed });
  await check('a Lambda function');
  const [request] = server.requests;
  expect(request!.path).toBe(`/2015-03-31/functions/${encodeURIComponent(FUNCTION_ARN)}/invocations`);
  expect(request!.headers.authorization).toBe(expectedAuthorization(request!, 'lambda', 'eu-central-1'));
});

test('an error of a Lambda function causes a failure, even if the response payload allows the image', async () => {
  server.respond = () => ({ headers: { 'X-Amz-Function-Error': 'Unhandled' }, body: allowed });
  expect(await failureOf(check('a Lambda function'))).toMatchObject({ code: 'analysis-unavailable' });
});

test('the request to an endpoint has an HMAC signature of time and body', async () => {
  server.respond = () => ({ body: allowed });
  const key = 'a'.repeat(32);
  await check('an HTTP endpoint', { signingKey: () => Promise.resolve({ id: 'k2', key }) });
  const [{ headers, body }] = server.requests as [(typeof server.requests)[number]];
  const [, time, id, signature] = /^t=(\d+),keyid=(\w+),v1=([0-9a-f]{64})$/.exec(
    String(headers['thumbnail-signature']),
  )!;
  expect(id).toBe('k2');
  expect(signature).toBe(createHmac('sha256', key).update(`${time}.${body}`).digest('hex'));
  expect(Math.abs(Number(time) - Date.now() / 1000)).toBeLessThan(600);
});

test('a request without signing keys has no signature', async () => {
  server.respond = () => ({ body: allowed });
  await check('an HTTP endpoint');
  expect(server.requests[0]!.headers).not.toHaveProperty('thumbnail-signature');
});

test('missing signing keys cause a failure before the first request', async () => {
  const signingKey = (): Promise<never> => Promise.reject(new Error('no access to the secret'));
  expect(await failureOf(check('an HTTP endpoint', { signingKey }))).toMatchObject({ code: 'analysis-unavailable' });
  expect(server.requests).toEqual([]);
});
