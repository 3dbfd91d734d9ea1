// Uses `cdk-thumbnails/client` in a project without other packages.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import * as source from '../../client';
import { placeholderUrl } from '../../client/placeholder';
import { FITS, FORMATS } from '../../runtime/contract';
import { installClient } from '../support/signer';

const root = join(__dirname, '../..');
const CONFIG = {
  url: 'https://img.example.com',
  thumbnails: [{ name: 'small', width: 200, height: 200, fit: 'inside' as const, formats: ['webp' as const] }],
};
const HASH = '1QcSHQRnh493V4dIh4eXh1h4kJUI';
/** Expected output of {@link SCRIPT}: the exported names, a URL, a placeholder and an error code. */
const RESULT = [
  { client: Object.keys(source).sort(), upload: ['upload'], placeholder: ['placeholderUrl'] },
  source.loader(CONFIG)({ src: '100% cat.jpg', width: 100 }),
  placeholderUrl(HASH),
  'invalid-upload',
];
const SCRIPT = `
  globalThis.fetch = () => Promise.resolve(Response.json({ code: 'invalid-upload' }, { status: 400 }));
  const names = (module) => Object.keys(module).sort();
  upload.upload(${JSON.stringify(CONFIG)}, new Blob(['1'])).catch((error) => {
    console.log(
      JSON.stringify([
        { client: names(client), upload: names(upload), placeholder: names(placeholder) },
        client.loader(${JSON.stringify(CONFIG)})({ src: '100% cat.jpg', width: 100 }),
        placeholder.placeholderUrl('${HASH}'),
        error instanceof client.ResponseError && error.code,
      ]),
    );
  });
`;
const ENTRY_POINTS = {
  client: 'cdk-thumbnails/client',
  upload: 'cdk-thumbnails/client/upload',
  placeholder: 'cdk-thumbnails/client/placeholder',
};

let folder: string;
let installed: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-client-'));
  installed = installClient(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Runs Node.js with an empty environment in the folder of the project. */
function node(...args: string[]): string {
  return execFileSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env: {} });
}

test.each([
  ['require', 'one.cjs', (name: string, path: string) => `const ${name} = require('${path}');`],
  ['import', 'two.mjs', (name: string, path: string) => `import * as ${name} from '${path}';`],
])(
  'the entry points have the functions of the sources after %s, and share the class of errors',
  (_name, file, load) => {
    const loads = Object.entries(ENTRY_POINTS).map(([name, path]) => load(name, path));
    writeFileSync(join(folder, file), loads.join('\n') + SCRIPT);
    expect(JSON.parse(node(file))).toEqual(RESULT);
  },
);

test('the entry points of the client import only the shared module', () => {
  for (const file of readdirSync(join(installed, 'dist/client')).filter((name) => name.endsWith('js'))) {
    const text = readFileSync(join(installed, 'dist/client', file), 'utf8');
    const imported = [...text.matchAll(/\bfrom\s*"([^"]+)"|\brequire\("([^"]+)"\)/g)].map(
      ([, one, other]) => one ?? other,
    );
    expect(imported.filter((name) => !/^\.\/requests\.m?js$/.test(name!))).toEqual([]);
  }
});

test('only the placeholder module contains ThumbHash and the licence of ThumbHash', () => {
  for (const file of readdirSync(join(installed, 'dist/client')).filter((name) => name.endsWith('js'))) {
    const text = readFileSync(join(installed, 'dist/client', file), 'utf8');
    expect([file, /^\/\*! ThumbHash .*MIT/.test(text), text.includes('data:image/png')]).toEqual([
      file,
      file.startsWith('placeholder.'),
      file.startsWith('placeholder.'),
    ]);
  }
});

// Applications bundle only the functions that they import.
test.each([
  ['*', 'cdk-thumbnails/client', 4000],
  ['{ loader }', 'cdk-thumbnails/client', 2000],
  ['{ pictureAttributes, thumbnailUrl }', 'cdk-thumbnails/client', 1600],
  ['*', 'cdk-thumbnails/client/upload', 2800],
  ['*', 'cdk-thumbnails/client/placeholder', 2400],
])('the export %s of %s has less than %d bytes after minification', (names, path, maximum) => {
  writeFileSync(join(folder, 'entry.mjs'), `export ${names} from '${path}';`);
  const options = "{ bundle: true, minify: true, format: 'esm', entryPoints: ['entry.mjs'], write: false }";
  const esbuild = JSON.stringify(require.resolve('esbuild'));
  const text = node('-p', `require(${esbuild}).buildSync(${options}).outputFiles[0].text`);
  expect(Buffer.byteLength(text)).toBeLessThan(maximum);
});

describe('the types', () => {
  const CONSUMER = `
    import { type ClientConfig, loader, pictureAttributes, type ReadyImage, ResponseError } from 'cdk-thumbnails/client';
    import { placeholderUrl } from 'cdk-thumbnails/client/placeholder';
    import { upload } from 'cdk-thumbnails/client/upload';
    declare const config: ClientConfig;
    declare const image: ReadyImage;
    export const url: string = loader(config)({ src: 'cat.jpg', width: 100 });
    export const width: number = pictureAttributes(config, image, { alt: '' }).img.width;
    export const uploaded: Promise<{ key: string }> = upload(config, new Blob([]));
    export const placeholder: string = placeholderUrl('');
    export const code = (error: unknown): string => (error instanceof ResponseError ? error.code : '');
    // @ts-expect-error alt is required
    pictureAttributes(config, image, {});
    // @ts-expect-error retry is internal
    export { retry } from 'cdk-thumbnails/client';
  `;

  test.each([
    ['nodenext', ts.ModuleKind.NodeNext, ts.ModuleResolutionKind.NodeNext, 'consumer.mts'],
    ['nodenext with CommonJS', ts.ModuleKind.NodeNext, ts.ModuleResolutionKind.NodeNext, 'consumer.cts'],
    ['bundlers', ts.ModuleKind.ESNext, ts.ModuleResolutionKind.Bundler, 'consumer.ts'],
    ['node10', ts.ModuleKind.CommonJS, ts.ModuleResolutionKind.Node10, 'consumer.ts'],
  ])('the types are resolved with the module resolution of %s', (_name, module, moduleResolution, name) => {
    const file = join(folder, name);
    writeFileSync(file, CONSUMER);
    const program = ts.createProgram([file], {
      strict: true,
      noEmit: true,
      skipDefaultLibCheck: true,
      target: ts.ScriptTarget.ES2023,
      types: [],
      typeRoots: [],
      ignoreDeprecations: '6.0',
      module,
      moduleResolution,
    });
    const messages = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
    expect(messages).toEqual([]);
  });
});

test('the client accepts all formats and fits of the runtime', () => {
  const text = readFileSync(join(root, 'client/config.ts'), 'utf8');
  const members = (declaration: RegExp): string[] =>
    [...declaration.exec(text)![1]!.matchAll(/'(\w+)'/g)].map(([, member]) => member!).toSorted();
  expect(members(/ImageFormat = ([^;]+);/)).toEqual([...FORMATS].toSorted());
  expect(members(/fit: ([^;]+);/)).toEqual([...FITS].toSorted());
});
