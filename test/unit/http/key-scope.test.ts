import fc from 'fast-check';
import {
  claimReferencesOf,
  fillKeyPrefix,
  KEY_PREFIX_TEMPLATE,
  ROUTES,
  type OperationId,
} from '../../../runtime/contract';
import { createHttpApi, handleGatewayEvent, type UploadPolicy } from '../../../runtime/http';
import { keyInScope } from '../../../runtime/http/key-scope';
import { EVERY_SOURCE, FakePipeline, readyManifest } from './fake-pipeline';
import { gatewayEvent } from './gateway-event';
import { keyArbitrary, RUNS } from './key-arbitrary';

fc.configureGlobal({ seed: 1 });

const SOURCE_PREFIX = 'originals/';

/** Opens an API in which each user can use the keys with the prefix `originals/{sub}/`. */
function open(template = '{claim:sub}/') {
  /** Keys that a request reads or deletes, and keys in the upload form of a response. */
  const used: string[] = [];
  const pipeline = new FakePipeline((key) => ({ status: 'made', key, manifest: readyManifest(key) }));
  pipeline.thumbnails = [{ name: 'small', fit: 'inside', width: 9, height: 9, formats: [{ type: 'webp' }] }];
  const use = (key: string): void => {
    used.push(key);
    pipeline.store(key, 'small', 'webp', Buffer.from('pixels'));
    pipeline.manifests.set(key, readyManifest(key));
  };
  const scope = { template, sourcePrefix: SOURCE_PREFIX };
  const app = createHttpApi({
    pipeline: Object.assign(pipeline, { serves: (key: string) => (use(key), true) }),
    reconcile: pipeline.reconcile,
    source: {
      ...EVERY_SOURCE,
      delete: (keys) => (keys.forEach(use), Promise.resolve()),
    },
    cacheControl: 'public, max-age=60',
    version: '1',
    readScope: scope,
    stored: { prefix: '' },
    writing: {
      scope,
      prefix: SOURCE_PREFIX,
      uploads: { contentTypes: ['image/png'], maxSizeBytes: 100, keyTemplate: '{uuid}/{filename}' },
      createForm: ({ key }: UploadPolicy) => (
        use(key),
        Promise.resolve({ url: 'https://s3.example', fields: { key } })
      ),
    },
  });
  return { app, used };
}

type App = ReturnType<typeof open>['app'];

/** Sends a request like API Gateway with a JWT authorizer in front of a Lambda function. */
async function send(
  app: App,
  claims: Readonly<Record<string, unknown>> | undefined,
  request: Parameters<typeof gatewayEvent>[0],
  kind: 'jwt' | 'lambda' = 'jwt',
) {
  const event = gatewayEvent(request);
  const authorizer = kind === 'jwt' ? { jwt: { claims, scopes: null } } : { lambda: claims };
  Object.assign(event.requestContext, claims && { authorizer });
  const { statusCode, body = '{}', headers } = await handleGatewayEvent(app, event);
  const { code } = (body.startsWith('{') ? JSON.parse(body) : {}) as { readonly code?: string };
  return { status: statusCode, code, headers, body };
}

const upload = (fields: object): string => JSON.stringify({ contentType: 'image/png', bytes: 9, ...fields });
const inQuery = (key: string): string => `key=${encodeURIComponent(key)}`;

type Requests = (key: string) => Parameters<typeof gatewayEvent>[0];
/**
 * Returns the request of each operation for a key, with a decoded path as from API Gateway. Undefined for operations to which
 * the key scope does not apply.
 */
const REQUESTS: Readonly<Record<OperationId, Requests | undefined>> = {
  getThumbnail: (key) => ({ rawPath: `/thumbnails/small/${key}` }),
  getThumbnailByQuery: (key) => ({ rawPath: '/thumbnails/small', rawQueryString: inQuery(key) }),
  getImage: (key) => ({ rawPath: `/images/${key}` }),
  getImageByQuery: (key) => ({ rawPath: '/images', rawQueryString: inQuery(key) }),
  createUpload: (key) => ({ method: 'POST', rawPath: '/uploads', body: upload({ key }) }),
  deleteImage: (key) => ({ method: 'DELETE', rawPath: `/images/${key}` }),
  deleteImageByQuery: (key) => ({ method: 'DELETE', rawPath: '/images', rawQueryString: inQuery(key) }),
  getHealth: undefined,
  getOpenApiDocument: undefined,
  // `createUpload` has already checked the key and signed it as a part of the form's policy.
  submitUploadForm: undefined,
  // Only the distribution knows the secret key that the route requires, and it verifies signed URLs.
  getStoredThumbnail: undefined,
};
const SCOPED = Object.entries(REQUESTS).filter((entry): entry is [OperationId, Requests] => entry[1] !== undefined);
const ALICE = { sub: 'alice' };

test('the table contains every route that receives or returns a key', () => {
  const withKeys = Object.entries(ROUTES).filter(([, { access }]) => access === 'read' || access === 'write');
  expect(SCOPED.map(([id]) => id).sort()).toEqual(withKeys.map(([id]) => id).sort());
});

describe.each(SCOPED)('%s', (_id, requestFor) => {
  test('the operation accepts keys with the prefix of the user', async () => {
    const { app, used } = open();
    const { status } = await send(app, ALICE, requestFor('originals/alice/a/cat.png'));
    expect(status).toBeLessThan(300);
    expect(new Set(used)).toEqual(new Set(['originals/alice/a/cat.png']));
  });

  test.each([
    'originals/bob/cat.png',
    'originals/alice',
    'originals/alice/',
    'originals/alicex/cat.png',
    'originals/ALICE/cat.png',
    'alice/cat.png',
    'other/alice/cat.png',
    '/originals/alice/cat.png',
    'originals//alice/cat.png',
    'originals/alice/../bob/cat.png',
    'originals/alice/a/./cat.png',
    'originals/alice/..\\bob/cat.png',
    'originals/bob/originals/alice/cat.png',
    'originals/alice%2Fcat.png',
    'originals/ａlice/cat.png',
    'originals/bob\noriginals/alice/cat.png',
  ])('rejects %j before it uses the key', async (key) => {
    const { app, used } = open();
    expect(await send(app, ALICE, requestFor(key))).toMatchObject({ status: 403, code: 'key-not-allowed' });
    expect(used).toEqual([]);
  });

  test.each<[string, Readonly<Record<string, unknown>> | undefined]>([
    ['no authorizer', undefined],
    ['no claim', { email: 'alice@example.com' }],
    ['an empty claim', { sub: '' }],
    ['a separator', { sub: 'alice/x' }],
    ['a dot segment', { sub: '..' }],
    ['an encoded separator', { sub: 'alice%2Fx' }],
    ['a line break', { sub: 'alice\n' }],
    ['a space', { sub: 'alice bob' }],
    ['a decomposed letter', { sub: 'e\u0301ve' }],
    ['the text of a missing value', { sub: 'null' }],
    ['the log text of a missing value', { sub: '-' }],
    ['an unresolved variable', { sub: '${context.authorizer.claims.sub}' }],
    ['a placeholder', { sub: '{uuid}' }],
    ['a list', { sub: ['alice'] }],
    ['too many characters', { sub: 'a'.repeat(129) }],
  ])('rejects a caller with %s', async (_case, claims) => {
    const { app, used } = open();
    const request = { ...requestFor('originals/alice/cat.png'), headers: forged('alice') };
    expect(await send(app, claims, request)).toMatchObject({ status: 403, code: 'unusable-claims' });
    expect(used).toEqual([]);
  });

  test('a request with generated claims and keys uses only keys with the prefix of the user', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.constantFrom('a', 'a-', 'a.', 'ab', 'A', 'auth0|a'), keyArbitrary),
        fc.oneof(
          keyArbitrary,
          keyArbitrary.map((key) => `originals/a/${key}`),
        ),
        async (sub, key) => {
          const { app, used } = open();
          await send(app, { sub }, requestFor(key));
          for (const each of used) {
            expect(each.split('/').slice(0, 2)).toEqual(['originals', sub]);
            expect(each.split('/')).not.toContain('..');
          }
        },
      ),
      RUNS,
    );
  });
});

/** Headers of a client that imitates API Gateway. */
const forged = (sub: string): Record<string, string> => ({
  'x-thumbnails-claims': `id ${sub}`,
  'x-thumbnails-claims-request': 'id',
});

test('an upload without a key receives a key with the prefix of the user', async () => {
  const { app } = open();
  const { status, body } = await send(app, ALICE, {
    method: 'POST',
    rawPath: '/uploads',
    body: upload({ filename: '../../bob/cat.png' }),
  });
  expect(status).toBe(201);
  const { key, upload: form } = JSON.parse(body) as { key: string; upload: { fields: { key: string } } };
  expect(key).toMatch(/^originals\/alice\/[0-9a-f-]{36}\/cat\.png$/);
  expect(form.fields.key).toBe(key);
});

test('a template with {context:NAME} contains values from the context of a Lambda authorizer', async () => {
  const { app } = open('teams/{context:team}/{context:user}/');
  const path = { rawPath: '/images/originals/teams/7/alice/cat.png' };
  expect(await send(app, { team: 7, user: 'alice' }, path, 'lambda')).toMatchObject({ status: 200 });
  expect(await send(app, { team: 8, user: 'alice' }, path, 'lambda')).toMatchObject({ code: 'key-not-allowed' });
  expect(await send(app, { team: 7, user: 'alice' }, path, 'jwt')).toMatchObject({ code: 'unusable-claims' });
});

test('the response to a user with a key prefix permits only private caching', async () => {
  const { app } = open();
  const { headers } = await send(app, ALICE, { rawPath: '/thumbnails/small/originals/alice/cat.png' });
  expect(headers).toMatchObject({ 'cache-control': 'private, max-age=60' });
});

describe('behind a VPC link', () => {
  const get = async (headers: Record<string, string>) => {
    const { app } = open('{claim:org}/{claim:sub}/');
    const url = 'http://10.0.0.1/images/originals/acme/alice/cat.png';
    const response = await app.fetch(new Request(url, { headers }), {});
    return response.status === 200 ? 200 : ((await response.json()) as { code: string }).code;
  };

  test('API Gateway supplies the claims in a header with its request id', async () => {
    const id = { 'x-thumbnails-claims-request': 'ATfSmjLgPHcESJw=' };
    expect(await get({ ...id, 'x-thumbnails-claims': 'ATfSmjLgPHcESJw= acme alice' })).toBe(200);
    expect(await get({ ...id, 'x-thumbnails-claims': 'ATfSmjLgPHcESJw= acme bob' })).toBe('key-not-allowed');
  });

  test.each<[string, Record<string, string>]>([
    ['no headers', {}],
    ['another request id', { 'x-thumbnails-claims': 'guess acme alice' }],
    ['no request id', { 'x-thumbnails-claims': ' acme alice', 'x-thumbnails-claims-request': '' }],
    ['a missing claim', { 'x-thumbnails-claims': 'id acme ' }],
    ['too few claims', { 'x-thumbnails-claims': 'id acme' }],
    ['a claim with a space', { 'x-thumbnails-claims': 'id acme alice x' }],
    ['two values', { 'x-thumbnails-claims': 'id acme alice, id acme bob' }],
  ])('rejects %s', async (_case, headers) => {
    expect(await get({ 'x-thumbnails-claims-request': 'id', ...headers })).toBe('unusable-claims');
  });
});

describe('key prefix templates', () => {
  test.each(['{claim:sub}/', 'users/{claim:sub}/', 'u-{claim:sub}/photos/', '{claim:a}/{context:b_2}/'])(
    '%s is valid',
    (template) => expect(KEY_PREFIX_TEMPLATE.test(template)).toBe(true),
  );

  test.each([
    '',
    'users/',
    '{claim:sub}',
    '/{claim:sub}/',
    'a//{claim:sub}/',
    '../{claim:sub}/',
    'a/./{claim:sub}/',
    '{claim:a}{claim:b}/',
    '{claim:a}-{claim:b}/',
    '{claim:cognito:username}/',
    '{sub}/',
    '{claim:sub}/{uuid}/',
    '{claim:sub}/é/',
    '{claim:sub}/\n/',
  ])('%j is invalid', (template) => expect(KEY_PREFIX_TEMPLATE.test(template)).toBe(false));

  test('the prefix of one user never starts with the prefix of another user', () => {
    const claim = fc.stringMatching(/^[A-Za-z0-9][\w.~@=:|+-]{0,5}$/);
    const template = fc.constantFrom('{claim:a}/{claim:b}/', 'x{claim:a}/-{claim:b}y/', '{claim:a}x/{claim:b}.1/');
    fc.assert(
      fc.property(template, fc.tuple(claim, claim), fc.tuple(claim, claim), (text, one, other) => {
        fc.pre(one.join(' ') !== other.join(' '));
        expect(claimReferencesOf(text)).toHaveLength(2);
        expect(fillKeyPrefix(text, one).startsWith(fillKeyPrefix(text, other))).toBe(false);
      }),
      RUNS,
    );
  });

  test('a claim with the replacement patterns of JavaScript is literal', () => {
    expect(fillKeyPrefix('{claim:a}/', ['$&$1'])).toBe('$&$1/');
  });
});

test('keyInScope() accepts every key without a prefix', () => {
  expect(keyInScope(undefined, 'a/../b')).toBe('a/../b');
});
