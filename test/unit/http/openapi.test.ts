import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type * as z from 'zod';
import { version } from '../../../package.json';
import { ERROR_CODES, type ErrorCode } from '../../../runtime/errors/error-codes';
import { createHttpApi, openApiDocument, problemResponse, Problem, type HttpApiOptions } from '../../../runtime/http';
import {
  rejectedImage,
  health,
  problemDocument,
  processingImage,
  readyImage,
  uploadAnswer,
} from '../../../runtime/http/schemas';
import { EVERY_SOURCE, rejectedManifest, FakePipeline, readyManifest, sourceHead } from './fake-pipeline';

const FILE = join(__dirname, '../../../docs/openapi.json');

interface Operation {
  readonly operationId: string;
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

const WRITING: NonNullable<HttpApiOptions['writing']> = {
  uploads: { contentTypes: ['image/jpeg'], maxSizeBytes: 100, keyTemplate: '{uuid}/{filename}' },
  prefix: '',
  present: () => Promise.resolve({ url: 'https://bucket', fields: { key: 'a' } }),
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
    thumbnails: [],
    cacheControl: 'no-cache',
    version,
    ...options,
  });
}

async function documentOf(options?: Partial<HttpApiOptions>): Promise<Document> {
  const response = await open(options).request('/openapi.json');
  expect([response.status, response.headers.get('Content-Type')]).toEqual([200, 'application/json']);
  return (await response.json()) as Document;
}

test('docs/openapi.json is what the routes say; UPDATE=1 and then npm run format write it anew', () => {
  const document = openApiDocument({ version, writing: true });
  if (process.env['UPDATE']) {
    writeFileSync(FILE, JSON.stringify(document));
  }
  expect(JSON.parse(readFileSync(FILE, 'utf8'))).toEqual(JSON.parse(JSON.stringify(document)));
});

test('the API tells the same of itself', async () => {
  expect(await documentOf({ writing: WRITING })).toEqual(JSON.parse(readFileSync(FILE, 'utf8')));
});

test('where nobody may write, no route says so', async () => {
  const { paths, components } = await documentOf();
  expect(Object.values(paths).flatMap((path) => Object.keys(path))).toEqual(Array(6).fill('get'));
  expect(Object.keys(paths)).not.toContain('/uploads');
  expect(Object.keys(components.schemas)).not.toContain('UploadRequest');
});

test('every reference leads to a schema, every operation has a name of its own', async () => {
  const document = await documentOf({ writing: WRITING });
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)];
  expect(new Set(references.map(([, name]) => name))).toEqual(new Set(Object.keys(document.components.schemas)));
  const ids = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map(({ operationId }) => operationId),
  );
  expect(new Set(ids).size).toBe(ids.length);
  expect(document.openapi).toBe('3.1.1');
});

test('every path and method is one that the app has, and none that it has is left out', async () => {
  const app = open({ writing: WRITING });
  const { paths } = await documentOf({ writing: WRITING });
  for (const [path, operations] of Object.entries(paths)) {
    const response = await app.request(path.replace('{key}', 'a').replace('{name}', 'a'), { method: 'PATCH' });
    const allowed = response.headers
      .get('Allow')!
      .split(', ')
      .filter((method) => method !== 'HEAD');
    expect([path, allowed.map((method) => method.toLowerCase())]).toEqual([path, Object.keys(operations)]);
  }
  const { routes } = app;
  const served = new Set(routes.map((route) => route.path).filter((path) => path !== '/*'));
  const described = Object.keys(paths).map((path) => path.replace('{name}', ':name').replace('{key}', ':key{.+}'));
  expect(served).toEqual(new Set(described));
});

describe('answers are of the shapes that are described', () => {
  const strict = (schema: z.ZodObject) => schema.strict();

  test.each([
    ['/images/a.jpg', {}, readyImage],
    ['/images/bad.jpg', {}, rejectedImage],
    [
      '/images/a.jpg',
      { source: { ...EVERY_SOURCE, head: (key: string) => Promise.resolve(sourceHead(key, new Date())) } },
      processingImage,
    ],
    ['/health', {}, health],
    ['/nowhere', {}, problemDocument],
  ] satisfies [string, Partial<HttpApiOptions>, z.ZodObject][])('GET %s', async (path, options, schema) => {
    const response = await open(options).request(path);
    expect(strict(schema).safeParse(await response.json()).error).toBeUndefined();
  });

  test('POST /uploads', async () => {
    const body = JSON.stringify({ filename: 'a.jpg', contentType: 'image/jpeg', bytes: 9 });
    const response = await open({ writing: WRITING }).request('/uploads', { method: 'POST', body });
    expect(response.status).toBe(201);
    expect(strict(uploadAnswer).safeParse(await response.json()).error).toBeUndefined();
  });

  test.each(Object.keys(ERROR_CODES) as ErrorCode[])('the problem %s', async (code) => {
    const response = problemResponse(new Problem(code, 'why'), '/a');
    expect(strict(problemDocument).safeParse(await response.json()).error).toBeUndefined();
  });
});
