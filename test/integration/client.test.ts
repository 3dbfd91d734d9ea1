// Uses `cdk-thumbnails/client` in a project without other packages.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import ts from 'typescript';
import * as source from '../../client';
import { FITS, FORMATS } from '../../runtime/contract';
import { installClient } from '../support/signer';

const root = join(__dirname, '../..');
const CONFIG = {
  url: 'https://img.example.com',
  thumbnails: [{ name: 'small', width: 200, height: 200, fit: 'inside' as const, formats: ['webp' as const] }],
};
const HASH = '1QcSHQRnh493V4dIh4eXh1h4kJUI';
const SCRIPT = `
  const url = client.loader(${JSON.stringify(CONFIG)})({ src: '100% cat.jpg', width: 100 });
  console.log(JSON.stringify([Object.keys(client).sort(), url, client.placeholderUrl('${HASH}')]));
`;

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
  ['require', 'one.cjs', "const client = require('cdk-thumbnails/client');"],
  ['import', 'two.mjs', "import * as client from 'cdk-thumbnails/client';"],
])('the client has the functions of the source after %s', (_name, file, load) => {
  writeFileSync(join(folder, file), load + SCRIPT);
  expect(JSON.parse(node(file))).toEqual([
    Object.keys(source).sort(),
    source.loader(CONFIG)({ src: '100% cat.jpg', width: 100 }),
    source.placeholderUrl(HASH),
  ]);
});

test('the client imports no modules and contains the licence of ThumbHash', () => {
  for (const file of ['index.mjs', 'index.js']) {
    const text = readFileSync(join(installed, 'dist/client', file), 'utf8');
    expect(text).not.toMatch(/\bimport\b|\brequire\(/);
    expect(text).toMatch(/^\/\*! .*ThumbHash .*MIT/);
  }
});

// Applications bundle only the functions that they import.
test.each([
  ['{ loader }', 2000],
  ['{ upload }', 2800],
  ['{ pictureAttributes, thumbnailUrl }', 1600],
  ['{ placeholderUrl }', 2400],
  ['*', 7000],
])('the export %s has at most %d bytes after minification', (names, maximum) => {
  writeFileSync(join(folder, 'entry.mjs'), `export ${names} from 'cdk-thumbnails/client';`);
  const options =
    "{ bundle: true, minify: true, format: 'esm', legalComments: 'none', entryPoints: ['entry.mjs'], write: false }";
  const esbuild = JSON.stringify(require.resolve('esbuild'));
  const text = node('-p', `require(${esbuild}).buildSync(${options}).outputFiles[0].text`);
  expect(Buffer.byteLength(text)).toBeLessThan(maximum);
  expect(gzipSync(text).length).toBeLessThan(4000);
});

describe('the types', () => {
  const CONSUMER = `
    import { type ClientConfig, loader, pictureAttributes, type ReadyImage, ResponseError, upload } from 'cdk-thumbnails/client';
    declare const config: ClientConfig;
    declare const image: ReadyImage;
    export const url: string = loader(config)({ src: 'cat.jpg', width: 100 });
    export const width: number = pictureAttributes(config, image, { alt: '' }).img.width;
    export const uploaded: Promise<{ key: string }> = upload(config, new Blob([]));
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
