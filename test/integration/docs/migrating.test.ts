// Runs the redirect functions of the migration guides in a context without Node.js globals, as CloudFront does.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileFunction, createContext, runInContext } from 'node:vm';
import { Linter } from 'eslint';
import fc from 'fast-check';
import ts from 'typescript';
import { loader } from '../../../client';
import { decodeKey } from '../../../runtime/http';
import { blocksOf, plain, root, tableBelow } from './blocks';

fc.configureGlobal({ seed: 1 });

const SERVICES = ['dit', 'firebase', 'aws-tutorial', 'imgproxy'] as const;
type Service = (typeof SERVICES)[number];

const FOLDER = join(root, 'docs/migrating/functions');
const codeOf = (service: Service): string =>
  ['redirect.js', `parse-${service}.js`].map((file) => readFileSync(join(FOLDER, file), 'utf8')).join('\n');

interface Result {
  readonly uri?: string;
  readonly statusCode?: number;
  readonly headers: { readonly [name: string]: { readonly value: string } };
}

/** Returns a function that maps a URI to the target of its redirect, to 404, or to undefined if the request does not change. */
function load(service: Service, constants: Readonly<Record<string, unknown>> = {}) {
  const realm = createContext(Object.create(null) as object);
  Object.assign(realm, { Buffer, console: { log: () => undefined } });
  runInContext(codeOf(service), realm);
  Object.assign(realm, constants);
  return (uri: string): string | number | undefined => {
    const event = JSON.stringify({ request: { uri, querystring: {}, headers: {} } });
    const result = JSON.parse(String(runInContext(`JSON.stringify(handler(${event}))`, realm))) as Result;
    if (result.statusCode === undefined) {
      expect(result.uri).toBe(uri);
      return undefined;
    }
    if (result.statusCode === 404) {
      return 404;
    }
    expect(result.statusCode).toBe(301);
    return result.headers['location']!.value;
  };
}

const base64 = (request: object): string => `/${Buffer.from(JSON.stringify(request)).toString('base64')}`;
const base64url = (text: string): string => Buffer.from(text).toString('base64url');

describe('the function for URLs of AWS Dynamic Image Transformation', () => {
  const redirect = load('dit');

  test.each([
    // https://docs.aws.amazon.com/solutions/latest/dynamic-image-transformation-for-amazon-cloudfront/use-filters.html
    ['/filters:blur(7)/image.jpeg', '/thumbnails/large/image.jpeg'],
    ['/fit-in/800x1000/image.jpeg', '/thumbnails/large/image.jpeg'],
    ['/10x10:100x100/image.jpeg', '/thumbnails/large/image.jpeg'],
    ['/fit-in/300x0/trip/cat.jpg', '/thumbnails/medium/trip/cat.jpg'],
    ['/fit-in/200x200/cat.jpg', '/thumbnails/small/cat.jpg'],
    ['/fit-in/200x201/cat.jpg', '/thumbnails/medium/cat.jpg'],
    ['/fit-in/9000x9000/cat.jpg', '/thumbnails/large/cat.jpg'],
    ['/100x100/smart/cat.jpg', '/thumbnails/square/cat.jpg'],
    ['/300x100/cat.jpg', '/thumbnails/medium/cat.jpg'],
    ['/fit-in/300x0/filters:quality(80):format(webp)/cat.jpg', '/thumbnails/medium/cat.jpg?format=webp'],
    ['/s3:my-images/fit-in/10x10/my%20cat.jpg', '/thumbnails/small/my%20cat.jpg'],
    ['/fit-in/10x10/100%25.jpg', '/thumbnails/small?key=100%25.jpg'],
    ['/fit-in/10x10/a+b/%C3%A9.jpg', '/thumbnails/small?key=a%2Bb%2F%C3%A9.jpg'],
  ])('the function redirects the Thumbor path %s', (uri, expected) => {
    expect(redirect(uri)).toBe(expected);
  });

  test.each([
    [
      { bucket: 'my-images', key: 'cat.jpg', edits: { resize: { width: 640, fit: 'inside' } } },
      '/thumbnails/medium/cat.jpg',
    ],
    [
      { bucket: 'my-images', key: 'cat.jpg', edits: { resize: { width: 50, height: 50 } } },
      '/thumbnails/square/cat.jpg',
    ],
    [{ key: 'é/cat.jpg', outputFormat: 'jpg' }, '/thumbnails/large/%C3%A9/cat.jpg?format=jpeg'],
    [{ key: 'cat.jpg', outputFormat: 'webp&key=secret.jpg' }, '/thumbnails/large/cat.jpg'],
  ])('the function redirects the base64 request %j', (request, expected) => {
    expect(redirect(base64(request))).toBe(expected);
  });

  test.each([
    '/',
    '/cat.jpg',
    '/thumbnails/small/cat.jpg',
    '/fit-in/10x10/%E0%A4%A.jpg',
    '/s3:other/10x10/cat.jpg',
    '/eyJub3QganNvbg==',
    base64({ bucket: 'other', key: 'cat.jpg' }),
    base64({ bucket: 'my-images' }),
  ])('the function does not redirect %s', (uri) => {
    expect(redirect(uri)).toBeUndefined();
  });

  test('the function selects the same thumbnails as the client', () => {
    const thumbnails = runInContext(`${codeOf('dit')}\nTHUMBNAILS`, createContext({})) as { name: string }[];
    const config = { url: '', thumbnails: thumbnails.map((thumbnail) => ({ ...thumbnail, formats: [] })) };
    const urlOf = loader(config as never);
    for (const width of [1, 200, 201, 640, 1600, 1601]) {
      expect(redirect(`/fit-in/${width}x0/cat.jpg`)).toBe(urlOf({ src: 'cat.jpg', width }));
    }
  });
});

describe('the function for names of the Firebase extension', () => {
  test.each([
    // https://github.com/firebase/extensions/blob/next/storage-resize-images/extension.yaml: RESIZED_IMAGES_PATH
    ['/images/thumbs/original_200x200.jpg', '/thumbnails/small/images/original.jpg'],
    // https://firebase.google.com/docs/reference/rest/storage/rest: paths of download URLs
    ['/v0/b/my-project.appspot.com/o/images%2Fthumbs%2Fcat_640x480.webp', '/thumbnails/medium/images/cat.jpg'],
    ['/my-project.appspot.com/thumbs/cat_200x200.webp', '/thumbnails/small/cat.jpg'],
    ['/thumbs/cat_200,200.png', '/thumbnails/small/cat.png'],
    ['/thumbs/cat_dog_300x300_200x200.avif', '/thumbnails/small/cat_dog_300x300.jpg'],
    // https://github.com/firebase/extensions/issues/476: sources without the extension of an image
    ['/thumbs/cat_200x200', '/thumbnails/small/cat'],
    ['/thumbs/cat_9000x9000.jpg', '/thumbnails/large/cat.jpg'],
    ['/thumbs/cat_200x200.constructor', '/thumbnails/small/cat.constructor'],
  ])('the function redirects %s', (uri, expected) => {
    expect(load('firebase')(uri)).toBe(expected);
  });

  test.each(['/', '/images/cat_200x200.jpg', '/thumbs/cat.jpg', '/allthumbs/cat_200x200.jpg', '/thumbs/_200x200.jpg'])(
    'the function does not redirect %s',
    (uri) => {
      expect(load('firebase')(uri)).toBeUndefined();
    },
  );

  test('without RESIZED_IMAGES_PATH, resized images are in the folder of the source', () => {
    const redirect = load('firebase', { RESIZED_IMAGES_PATH: '', SOURCE_EXTENSIONS: {} });
    expect(redirect('/images/original_200x200.webp')).toBe('/thumbnails/small/images/original.webp');
    expect(redirect('/original_200x200.webp')).toBe('/thumbnails/small/original.webp');
  });
});

describe('the function for keys of the AWS tutorial', () => {
  test.each([
    // https://docs.aws.amazon.com/lambda/latest/dg/with-s3-tutorial.html: "resized-" and the key of the source
    ['/resized-HappyFace.jpg', '/thumbnails/small/HappyFace.jpg'],
    ['/my-images-resized/resized-HappyFace.jpg', '/thumbnails/small/HappyFace.jpg'],
    ['/resized-trip/my%20cat.jpg', '/thumbnails/small/trip/my%20cat.jpg'],
    ['/resized-my+cat.jpg', '/thumbnails/small/my%20cat.jpg'],
    ['/resized-a%2Bb.jpg', '/thumbnails/small?key=a%2Bb.jpg'],
    ['/resized-resized-cat.jpg', '/thumbnails/small/resized-cat.jpg'],
  ])('the function redirects %s', (uri, expected) => {
    expect(load('aws-tutorial')(uri)).toBe(expected);
  });

  test.each(['/', '/resized-', '/HappyFace.jpg', '/trip/resized-cat.jpg', '/resized-%E0%A4%A.jpg'])(
    'the function does not redirect %s',
    (uri) => {
      expect(load('aws-tutorial')(uri)).toBeUndefined();
    },
  );

  test('the function returns 404 for a size without a thumbnail in the table', () => {
    expect(load('aws-tutorial', { THUMBNAIL: 'absent' })('/resized-cat.jpg')).toBe(404);
  });
});

describe('the function for URLs of imgproxy', () => {
  // Example section of https://docs.imgproxy.net/usage/processing
  const signature = 'AfrOrF3gWeDA6VOlDG4TzxMv39O7MXnF4CXpKUwGqRM';
  const SOURCES = ['http://example.com/images/'];
  const FORMATS = { png: 'png' };

  test.each([
    `/${signature}/preset:sharp/resize:fill:300:400:0/gravity:sm/plain/http://example.com/images/curiosity.jpg@png`,
    `/${signature}/pr:sharp/rs:fill:300:400:0/g:sm/plain/http://example.com/images/curiosity.jpg@png`,
    `/${signature}/pr:sharp/rs:fill:300:400:0/g:sm/aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png`,
  ])('the function redirects the example of the documentation %s', (uri) => {
    const THUMBNAILS = [{ name: 'portrait', width: 600, height: 800, fit: 'cover' }];
    expect(load('imgproxy', { SOURCES, FORMATS, THUMBNAILS })(uri)).toBe(
      '/thumbnails/portrait/curiosity.jpg?format=png',
    );
    expect(load('imgproxy', { SOURCES })(uri)).toBe('/thumbnails/medium/curiosity.jpg');
    expect(load('imgproxy', { SOURCES, NEAREST: false })(uri)).toBe(404);
    expect(load('imgproxy')(uri)).toBeUndefined();
  });

  test.each([
    ['/_/rs:fit:200:200/plain/s3://my-images/trip/cat.jpg@webp', '/thumbnails/small/trip/cat.jpg?format=webp'],
    ['/_/rs:fit:200:200/plain/s3:/my-images/trip/cat.jpg', '/thumbnails/small/trip/cat.jpg'],
    ['/_/rs:fit:200:200/plain/s3%3A%2F%2Fmy-images%2Fcat%40home.jpg', '/thumbnails/small/cat%40home.jpg'],
    ['/_/rs%3Afit%3A200%3A200/plain/s3://my-images/cat.jpg', '/thumbnails/small/cat.jpg'],
    ['/_/w:300/plain/s3://my-images/cat.jpg', '/thumbnails/medium/cat.jpg'],
    ['/_/h:1000/plain/s3://my-images/cat.jpg', '/thumbnails/large/cat.jpg'],
    ['/_/s:100:100/rt:fill/plain/s3://my-images/cat.jpg', '/thumbnails/square/cat.jpg'],
    ['/_/w:200/dpr:2/plain/s3://my-images/cat.jpg', '/thumbnails/medium/cat.jpg'],
    ['/_/preset:small/plain/s3://my-images/cat.jpg', '/thumbnails/small/cat.jpg'],
    ['/_/pr:sharp:square/f:jpg/plain/s3://my-images/cat.jpg', '/thumbnails/square/cat.jpg?format=jpeg'],
    ['/_/pr:unknown/plain/s3://my-images/cat.jpg', 404],
    ['/_/plain/s3://my-images/cat.jpg', '/thumbnails/large/cat.jpg'],
    [`/_/w:200/${base64url('s3://my-images/é?>.jpg')}`, '/thumbnails/small/%C3%A9'],
    [`/_/w:200/${base64url('s3://my-images/é/cat.jpg')}.avif`, '/thumbnails/small/%C3%A9/cat.jpg?format=avif'],
    [
      '/_/w:200/plain/https://my-images.s3.eu-central-1.amazonaws.com/my%2520cat.jpg%3Fv=1',
      '/thumbnails/small/my%20cat.jpg',
    ],
  ])('the function redirects %s', (uri, expected) => {
    expect(load('imgproxy')(uri)).toBe(expected);
  });

  test.each([
    '/',
    '/health',
    '/_/w:200/plain/s3://other/cat.jpg',
    '/_/w:200/plain/s3://my-images-2/cat.jpg',
    '/_/w:200/plain/https://example.com/s3://my-images/cat.jpg',
    '/_/w:200/enc/jwV3wUD9r4VBIzgv/ang3Hbh0vPpcm5cc.png',
    `/_/w:200/${base64url('s3://other/cat.jpg')}`,
  ])('the function does not redirect %s', (uri) => {
    expect(load('imgproxy')(uri)).toBeUndefined();
  });

  test('with IMGPROXY_ONLY_PRESETS, the segment after the signature lists presets', () => {
    // https://docs.imgproxy.net/usage/presets#only-presets
    const redirect = load('imgproxy', { ONLY_PRESETS: true, PRESETS: { thumbnail: 'small' } });
    expect(redirect('/_/thumbnail:sharp/plain/s3://my-images/cat.jpg@webp')).toBe(
      '/thumbnails/small/cat.jpg?format=webp',
    );
    expect(redirect(`/_/square/${base64url('s3://my-images/cat.jpg')}`)).toBe('/thumbnails/square/cat.jpg');
    expect(redirect('/_/huge/plain/s3://my-images/cat.jpg')).toBe(404);
  });
});

describe.each(SERVICES)('the redirect function with parse-%s.js', (service) => {
  test('the code of each function meets the restrictions of CloudFront Functions', () => {
    const code = codeOf(service);
    expect(Buffer.byteLength(code)).toBeLessThan(10 * 1024);
    const globals = { Buffer: false, console: false } as const;
    const languageOptions = { ecmaVersion: 5, sourceType: 'script', globals } as const;
    const linterOptions = { reportUnusedDisableDirectives: false };
    const rules = { 'no-undef': 'error', 'no-redeclare': 'error' } as const;
    expect(new Linter().verify(code, { languageOptions, linterOptions, rules })).toEqual([]);
  });

  test('the function redirects no URL to a key outside the source prefix', () => {
    const prefix = 'photos/';
    const redirect = load(service, { SOURCE_PREFIX: prefix, BASE_PATH: '/media', RESIZED_IMAGES_PATH: '' });
    const part = fc.oneof(
      fc.constantFrom(...'photos|secret|..|.|/|//|%2F|%2e%2e|%5C|\\|?|#|&key=secret/a|@png|.webp|é|%|+|:'.split('|')),
      fc.string({ maxLength: 4 }),
    );
    const keys = fc
      .tuple(fc.constantFrom('', 'photos/', 'photos', '../', '/photos/'), fc.array(part, { maxLength: 5 }))
      .map(([start, parts]) => start + parts.join(''));
    const uris = fc
      .tuple(keys, fc.string({ maxLength: 12 }))
      .chain(([key, format]) =>
        fc.constantFrom(
          ...[`/${key}`, `/fit-in/9x9/${key}`, `/s3:my-images/9x9/filters:format(${format})/${key}`],
          ...[`/${key}_200x200.webp`, `/resized-${key}`, `/my-images-resized/resized-${key}`],
          ...[`/_/w:9/f:${format}/plain/s3://my-images/${key}`, `/_/w:9/${base64url(`s3://my-images/${key}`)}`],
          base64({ key, outputFormat: format, edits: { resize: { width: 9 } } }),
        ),
      );
    let redirects = 0;
    fc.assert(
      fc.property(uris, (uri) => {
        const target = redirect(uri);
        if (typeof target !== 'string') {
          return;
        }
        redirects++;
        const url = new URL(target, 'https://example.com');
        expect(url.origin + url.pathname).toBe(`https://example.com${target.split('?')[0]!}`);
        const [, key = ''] = /^\/media\/thumbnails\/\w+(?:\/(.+))?$/.exec(url.pathname)!;
        expect([...url.searchParams.keys()]).toEqual([...new Set(url.searchParams.keys())]);
        expect(url.searchParams.get('key') ?? decodeKey(key)).toMatch(new RegExp(`^${prefix}`));
      }),
      { numRuns: 1500 },
    );
    expect(redirects).toBeGreaterThan(20);
  });
});

test.each(tableBelow('docs/migrating/README.md', 'Redirect old URLs'))(
  'the function redirects the example of the guide for $File to its target',
  ({ File, 'Example of an old path': path, Target: target }) => {
    const [, service] = /\(functions\/parse-(.+)\.js\)/.exec(File!)!;
    expect(load(service as Service)(plain(path!))).toBe(plain(target!));
  },
);

test('the script of the guide replaces the URLs in a database', () => {
  const block = blocksOf('docs/migrating/README.md').find(({ code }) => code.includes('replaceUrl'))!;
  const { outputText } = ts.transpileModule(block.code, { compilerOptions: { module: ts.ModuleKind.CommonJS } });
  const run = compileFunction(outputText, ['exports', 'require', '__dirname']) as (...values: unknown[]) => void;
  const exported: { replaceUrl?: (url: string) => string } = {};
  const vm = { runInThisContext: (code: string) => runInContext(code, createContext({ Buffer, console })) as unknown };
  const modules = { 'node:vm': vm, 'node:fs': { readFileSync }, 'node:path': { join } };
  run(exported, (name: keyof typeof modules) => modules[name], join(FOLDER, '..'));
  const origin = 'https://firebasestorage.googleapis.com/v0/b/my-project.appspot.com/o';
  expect(exported.replaceUrl!(`${origin}/thumbs%2Fcat_200x200.webp?alt=media&token=8d0c`)).toBe(
    'https://img.example.com/thumbnails/small/cat.jpg',
  );
  expect(exported.replaceUrl!(`${origin}/cat.jpg?alt=media`)).toBe(`${origin}/cat.jpg?alt=media`);
});
