import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { version } from '../../../package.json';
import { routesWithAccess } from '../../../runtime/contract';
import { ERROR_CODES, type ErrorCode } from '../../../runtime/errors/error-codes';
import { createHttpApi, problemResponse, Problem, type HttpApiOptions } from '../../../runtime/http';
import { generateDocument } from '../../../runtime/http/openapi/document';
import {
  health,
  problemDocument,
  processingImage,
  readyImage,
  rejectedImage,
  uploadResponse,
} from '../../../runtime/http/openapi/schemas';
import { EVERY_SOURCE, rejectedManifest, FakePipeline, readyManifest, sourceHead, sourceStore } from './fake-pipeline';

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}
interface Document {
  readonly openapi: string;
  readonly info: { readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

const FILE = JSON.parse(readFileSync(join(__dirname, '../../../docs/reference/openapi.json'), 'utf8')) as Document;
const WRITING: NonNullable<HttpApiOptions['writing']> = {
  uploads: { contentTypes: ['image/jpeg'], maxSizeBytes: 100, keyTemplate: '{uuid}/{filename}' },
  prefix: '',
  createForm: () => Promise.resolve({ url: 'https://bucket', fields: { key: 'a' } }),
};

function open(options: Partial<HttpApiOptions> = {}) {
  const pipeline = new FakePipeline((key) =>
    key.startsWith('bad')
      ? { status: 'rejected', key, manifest: rejectedManifest(key, 'corrupt') }
      : { status: 'made', key, manifest: readyManifest(key) },
  );
  return createHttpApi({
    pipeline,
    reconcile: pipeline.reconcile,
    source: EVERY_SOURCE,
    cacheControl: 'no-cache',
    version,
    ...options,
  });
}

async function servedBy(options?: Partial<HttpApiOptions>): Promise<Document> {
  const response = await open(options).request('/openapi.json');
  expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'application/json']);
  return (await response.json()) as Document;
}

test('docs/reference/openapi.json is up to date; npm run build:program updates it', () => {
  expect(FILE).toEqual(JSON.parse(JSON.stringify(generateDocument(version))));
});

test('an API with write routes serves docs/reference/openapi.json with the version of the API', async () => {
  expect(await servedBy({ writing: WRITING })).toEqual(FILE);
  const other = await servedBy({ writing: WRITING, version: '9.8.7' });
  expect(other).toEqual({ ...FILE, info: { ...FILE.info, version: '9.8.7' } });
});

test('an API without write routes serves a document without write operations', async () => {
  const { paths, components } = await servedBy();
  expect(Object.values(paths).flatMap((path) => Object.keys(path))).toEqual(Array(6).fill('get'));
  expect(Object.keys(paths)).not.toContain('/uploads');
  const references = [...JSON.stringify(paths).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
  expect(new Set(references.map(([, name]) => name))).toEqual(new Set(Object.keys(components.schemas)));
});

test('an API without read routes serves a document without read operations', async () => {
  const { paths, components } = await servedBy({ reading: false, writing: WRITING });
  const operations = Object.entries(paths).flatMap(([path, each]) =>
    Object.keys(each).map((method) => `${method} ${path}`),
  );
  expect(operations.toSorted()).toEqual([
    'delete /images',
    'delete /images/{key}',
    'get /health',
    'get /openapi.json',
    'post /uploads',
  ]);
  const references = [...JSON.stringify(paths).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
  expect(new Set(references.map(([, name]) => name))).toEqual(new Set(Object.keys(components.schemas)));
});

test.each([
  ['/thumbnails/small/a.jpg', 404],
  ['/thumbnails/small?key=a.jpg', 404],
  ['/images/a.jpg', 405],
  ['/images?key=a.jpg', 405],
  ['/stored/a.jpg/small.webp', 404],
  ['/health', 200],
])('an API without read routes responds to GET %s with %i', async (path, status) => {
  const app = open({ reading: false, writing: WRITING, stored: { prefix: '' } });
  expect((await app.request(path)).status).toBe(status);
});

test('every reference resolves and every schema is used', () => {
  const references = [...JSON.stringify(FILE.paths).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
  expect(new Set(references.map(([, name]) => name))).toEqual(new Set(Object.keys(FILE.components.schemas)));
  expect(FILE.openapi).toBe('3.1.1');
});

test('the document describes every route for reading and writing', () => {
  const described = Object.entries(FILE.paths).flatMap(([path, operations]) =>
    Object.keys(operations).map((method) => `${method} ${path}`),
  );
  const routes = routesWithAccess('read', 'none', 'write').map(
    ({ path, methods }) => `${methods[0]!.toLowerCase()} ${path.replace('+}', '}')}`,
  );
  expect(described.toSorted()).toEqual(routes.toSorted());
});

test('the app has every path and method of the document', async () => {
  const app = open({ writing: WRITING });
  for (const [path, operations] of Object.entries(FILE.paths)) {
    const response = await app.request(path.replace('{key}', 'a').replace('{name}', 'a'), { method: 'PATCH' });
    const allowed = response.headers.get('Allow')!.toLowerCase().split(', ');
    expect([path, allowed.filter((method) => method !== 'head')]).toEqual([path, Object.keys(operations)]);
  }
});

describe('responses match the described schemas', () => {
  const issuesOf = (schema: v.ObjectSchema<v.ObjectEntries, undefined>, body: unknown) =>
    v.safeParse(v.strictObject(schema.entries), body).issues;

  test.each([
    ['/images/a.jpg', {}, readyImage],
    ['/images/bad.jpg', {}, rejectedImage],
    ['/images/a.jpg', { source: sourceStore((key) => Promise.resolve(sourceHead(key, new Date()))) }, processingImage],
    ['/health', {}, health],
    ['/nowhere', {}, problemDocument],
  ] satisfies [string, Partial<HttpApiOptions>, v.ObjectSchema<v.ObjectEntries, undefined>][])(
    'GET %s',
    async (path, options, schema) => {
      const response = await open(options).request(path);
      expect(issuesOf(schema, await response.json())).toBeUndefined();
    },
  );

  test('POST /uploads', async () => {
    const body = JSON.stringify({ filename: 'a.jpg', contentType: 'image/jpeg', bytes: 9 });
    const response = await open({ writing: WRITING }).request('/uploads', { method: 'POST', body });
    expect(response.status).toBe(201);
    expect(issuesOf(uploadResponse, await response.json())).toBeUndefined();
  });

  test.each(Object.keys(ERROR_CODES) as ErrorCode[])('the problem document of %s matches the schema', async (code) => {
    const response = problemResponse(new Problem(code, 'why'), '/a');
    expect(issuesOf(problemDocument, await response.json())).toBeUndefined();
  });
});
