import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { quadrants } from '../../support/images';
import { gatewayEvent } from '../http/gateway-event';
import {
  invocation,
  linesOf,
  createDirectories,
  restoreEnvironment,
  loadEntryPoint,
  type LambdaFunctions,
  type FunctionDirectories,
} from './entry-points';

/**
 * Defines the tests of the API function.
 *
 * @param folder of the entry points: the sources or the bundles
 */
export function describeApiFunction(folder: string): void {
  let directories: FunctionDirectories;
  let lambdaFunction: LambdaFunctions['api-function'];

  beforeAll(async () => {
    directories = createDirectories({ CACHE_CONTROL: 'max-age=7' });
    mkdirSync(join(directories.source, 'a'), { recursive: true });
    writeFileSync(join(directories.source, 'a/my cat.jpg'), await quadrants());
    writeFileSync(join(directories.source, 'bad.jpg'), 'plain text');
    lambdaFunction = loadEntryPoint(folder, 'api-function', directories.environment);
  });
  afterAll(() => {
    restoreEnvironment();
    directories.remove();
  });

  /** Calls the function and returns its response and log lines. */
  async function call(...request: Parameters<typeof gatewayEvent>) {
    let answer: Awaited<ReturnType<LambdaFunctions['api-function']['handler']>> = {};
    const lines = await linesOf(async () => {
      answer = await lambdaFunction.handler(gatewayEvent(...request), invocation());
    });
    return { ...answer, lines };
  }

  test('the function renders a missing thumbnail and responds with bytes', async () => {
    const first = await call({ rawPath: '/thumbnails/small/a/my cat.jpg' });
    expect(first).toMatchObject({ statusCode: 200, isBase64Encoded: true });
    expect(first.headers).toMatchObject({ 'content-type': 'image/webp', 'cache-control': 'max-age=7' });
    const { format, width, height } = await sharp(Buffer.from(first.body!, 'base64')).metadata();
    expect([format, width, height]).toEqual(['webp', 40, 30]);
    expect(first.lines).toEqual([
      expect.objectContaining({ key: 'a/my cat.jpg', status: 'made' }),
      expect.objectContaining({ ImagesMade: 1, service: 'Photos' }),
    ]);

    const stored = await call({ rawPath: '/thumbnails/small/a/my cat.jpg' });
    expect(stored).toMatchObject({ statusCode: 200, body: first.body, lines: [] });
    const headers = { 'if-none-match': String(first.headers!['etag']) };
    expect(await call({ rawPath: '/thumbnails/small/a/my cat.jpg', headers })).toMatchObject({
      statusCode: 304,
      body: '',
    });
  });

  test('the function responds with the manifest as text', async () => {
    const { body, ...answer } = await call({ rawPath: '/images', rawQueryString: 'key=a%2Fmy%20cat.jpg' });
    expect(answer).toMatchObject({ statusCode: 200, isBase64Encoded: false });
    expect(JSON.parse(body!)).toMatchObject({
      status: 'ready',
      image: { format: 'jpeg', width: 80, height: 60 },
      thumbnails: [
        { url: expect.stringMatching(/^\/thumbnails\/small\/a\/my%20cat\.jpg\?format=webp&v=[0-9a-f]{16}$/) as string },
        { format: 'jpeg' },
      ],
    });
  });

  test('the function responds with the error code for rejected and missing images', async () => {
    const refused = await call({ rawPath: '/thumbnails/small/bad.jpg' });
    expect(refused).toMatchObject({ statusCode: 415, isBase64Encoded: false });
    expect(refused.headers).toMatchObject({ 'content-type': 'application/problem+json' });
    expect(JSON.parse(refused.body!)).toMatchObject({ code: 'unsupported-format' });
    const missing = await call({ rawPath: '/thumbnails/small/none.jpg' });
    expect(missing).toMatchObject({ statusCode: 404, lines: [] });
  });

  test('the function responds with its version', async () => {
    const { body } = await call({ rawPath: '/health' });
    expect(JSON.parse(body!)).toEqual({ status: 'ok', version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string });
  });

  test('the function fails to start in an invalid environment', () => {
    expect(() => loadEntryPoint(folder, 'api-function', { ...directories.environment, LIMITS: '{' })).toThrow('LIMITS');
  });
}
