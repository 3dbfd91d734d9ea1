import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileFunction } from 'node:vm';
import { thumbHashToRGBA } from 'thumbhash';
import ts from 'typescript';
import { site } from '../../../examples/web/serve';
import { HTTP_VARIABLES } from '../../../runtime/contract';
import { createHttpApi } from '../../../runtime/http';
import { listen, type Listener } from '../../../runtime/program/server';
import { assembleFrom, httpOptionsFrom } from '../../support/assemble-from';
import { quadrants } from '../../support/images';

const page = join(__dirname, '../../../examples/web/page');

interface Ready {
  readonly thumbHash: string;
  readonly srcset: Readonly<Record<string, string>>;
  readonly thumbnails: readonly { format: string; width: number; url: string }[];
  readonly image: { readonly width: number; readonly height: number };
}

/** Exports of page/pictures.mjs. */
interface Pictures {
  readonly pictureOf: (image: Ready) => {
    sources: { type: string; srcset: string }[];
    img: { src: string; srcset: string; width: number; height: number };
  };
  readonly bytesOf: (base64: string) => Uint8Array;
  readonly imagePath: (key: string) => string;
  readonly uploadRequest: (file: { name: string; type: string; size: number }) => object;
  readonly formOf: (upload: { fields: Readonly<Record<string, string>> }, file: Blob) => FormData;
  readonly uploadUrl: (hash: string) => string;
}

/** Loads an ECMAScript module as CommonJS, because jest cannot load it directly. */
function load(name: string): Pictures {
  const { outputText } = ts.transpileModule(readFileSync(join(page, name), 'utf8'), {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2023 },
    fileName: name.replace('.mjs', '.js'),
  });
  const exported: object = {};
  (compileFunction(outputText, ['exports']) as (exports: object) => void)(exported);
  return exported as Pictures;
}

const { pictureOf, bytesOf, imagePath, uploadRequest, formOf, uploadUrl } = load('pictures.mjs');

describe('the page against a pipeline', () => {
  let folder: string;
  let api: Listener;
  const request = (path: string, init?: RequestInit): Promise<Response> =>
    Promise.resolve(site(api.url).request(`http://localhost:8080${path}`, init));

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-web-'));
    const images = join(folder, 'images');
    mkdirSync(join(images, 'trip'), { recursive: true });
    writeFileSync(join(images, 'trip/my cat.jpg'), await quadrants({ width: 640, height: 480 }));
    const formats = [{ type: 'webp' }, { type: 'jpeg' }];
    const environment = {
      STORAGE: 'directory',
      SOURCE_DIRECTORY: images,
      THUMBNAIL_DIRECTORY: join(folder, 'thumbnails'),
      THUMBNAILS: JSON.stringify([
        { name: 'small', fit: 'inside', width: 100, height: 100, formats },
        { name: 'large', fit: 'inside', width: 400, height: 400, formats },
      ]),
      [HTTP_VARIABLES.writeAccess]: 'open',
    };
    const program = await assembleFrom(environment);
    const { pipeline } = program;
    const options = httpOptionsFrom(program, environment);
    const app = createHttpApi({ ...options, pipeline, reconcile: pipeline.reconcile, version: '1' });
    api = await listen(app, { host: '127.0.0.1', port: 0 });
  });
  afterAll(async () => {
    await api.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('the page shows an image with one source element per preferred format and existing URLs', async () => {
    const image = (await (
      await request(imagePath('trip/my cat.jpg'), { headers: { Prefer: 'wait' } })
    ).json()) as Ready;
    const { sources, img } = pictureOf(image);
    expect(sources.map(({ type }) => type)).toEqual(['image/webp']);
    expect(img).toMatchObject({ width: 640, height: 480 });
    expect(img.src).toContain('/thumbnails/large/trip/my%20cat.jpg?format=jpeg');
    for (const { type, srcset } of [...sources, { type: 'image/jpeg', srcset: img.srcset }]) {
      const candidates = srcset.split(', ').map((candidate) => candidate.split(' '));
      expect(candidates.map(([, width]) => width)).toEqual(['100w', '400w']);
      for (const [url] of candidates) {
        const response = await request(url!);
        expect([response.status, response.headers.get('Content-Type')]).toEqual([200, type]);
      }
    }
  });

  test('the page has a placeholder with the aspect ratio of the image', async () => {
    const image = (await (
      await request(imagePath('trip/my cat.jpg'), { headers: { Prefer: 'wait' } })
    ).json()) as Ready;
    const { w, h } = thumbHashToRGBA(bytesOf(image.thumbHash));
    expect(w / h).toBeCloseTo(640 / 480, 0);
    expect(w).toBeGreaterThan(h);
  });

  test('the page uploads a file through its own host', async () => {
    const bytes = await quadrants({ width: 320, height: 240 });
    const file = new File([new Uint8Array(bytes)], 'Käfer.jpg', { type: 'image/jpeg' });
    const requested = await request(uploadUrl(''), { method: 'POST', body: JSON.stringify(uploadRequest(file)) });
    expect(requested.status).toBe(201);
    const { key, upload } = (await requested.json()) as {
      key: string;
      upload: { url: string; fields: Record<string, string> };
    };
    expect(upload.url).toBe('http://localhost:8080/uploads/form');
    const sent = await request(new URL(upload.url).pathname, { method: 'POST', body: formOf(upload, file) });
    expect(sent.status).toBe(204);
    const image = await request(imagePath(key), { headers: { Prefer: 'wait' } });
    expect(await image.json()).toMatchObject({ status: 'ready', image: { width: 320, height: 240 } });
  });

  test('the development server forwards errors of the API', async () => {
    const response = await request(imagePath('none.jpg'));
    expect([response.status, await response.json()]).toMatchObject([404, { code: 'image-not-found' }]);
  });

  test('the development server responds with 502 if the API is unavailable', async () => {
    const response = await site('http://127.0.0.1:9').request('http://localhost:8080/images/cat.jpg');
    expect([response.status, await response.json()]).toEqual([
      502,
      { detail: expect.stringContaining('http://127.0.0.1:9') as string },
    ]);
  });

  test('the development server serves every file of the page with its content type', async () => {
    const types = Object.fromEntries(
      await Promise.all(
        ['/', '/page.css', '/page.mjs', '/pictures.mjs', '/thumbhash.js'].map(async (path) => {
          const response = await request(path);
          return [path, [response.status, response.headers.get('Content-Type')?.replace(/;.*/, '')]] as const;
        }),
      ),
    );
    expect(types).toEqual({
      '/': [200, 'text/html'],
      '/page.css': [200, 'text/css'],
      '/page.mjs': [200, 'text/javascript'],
      '/pictures.mjs': [200, 'text/javascript'],
      '/thumbhash.js': [200, 'text/javascript'],
    });
  });
});

test.each([
  ['cat.jpg', '/images/cat.jpg'],
  ['trip/my cat.jpg', '/images/trip/my%20cat.jpg'],
  ['Käfer.jpg', '/images/K%C3%A4fer.jpg'],
  ['100%.jpg', '/images?key=100%25.jpg'],
  ['a//b.jpg', '/images?key=a%2F%2Fb.jpg'],
  ['a/../b.jpg', '/images?key=a%2F..%2Fb.jpg'],
])('the manifest of %s is at %s', (key, path) => {
  expect(imagePath(key)).toBe(path);
});

test.each([
  ['', '/uploads'],
  ['#photos', '/uploads'],
  [
    '#upload=https://a.example.com/uploads?expires=1&keyid=k1&signature=ab',
    'https://a.example.com/uploads?expires=1&keyid=k1&signature=ab',
  ],
])('the page reads the upload URL from %p', (hash, url) => {
  expect(uploadUrl(hash)).toBe(url);
});

test('the upload form contains the file after all other fields', () => {
  const form = formOf({ fields: { key: 'a.jpg', policy: 'p' } }, new Blob(['x']));
  expect([...form.keys()]).toEqual(['key', 'policy', 'file']);
});

describe('index.html', () => {
  const html = readFileSync(join(page, 'index.html'), 'utf8');
  const script = readFileSync(join(page, 'page.mjs'), 'utf8');

  test('the page references only existing files', () => {
    const named = [...html.matchAll(/(?:href|src)="([^":]+)"/g)].map(([, file]) => file!);
    const imported = [...script.matchAll(/from '\.\/([^']+)'/g)].map(([, file]) => file!);
    const there = [...readdirSync(page), 'thumbhash.js'];
    expect([...named, ...imported].filter((file) => !there.includes(file))).toEqual([]);
    expect([...named, 'index.html', ...imported].toSorted()).toEqual(there.toSorted());
  });

  test('the page contains every element that the script selects', () => {
    const wanted = [...script.matchAll(/querySelector\('([^']+)'\)/g)].map(([, selector]) => selector!);
    expect(wanted.length).toBeGreaterThanOrEqual(5);
    for (const part of wanted.flatMap((selector) => selector.split(' '))) {
      expect(html).toMatch(part.startsWith('#') ? new RegExp(`id="${part.slice(1)}"`) : new RegExp(`<${part}[ >]`));
    }
  });
});
