// Uses `cdk-thumbnails/signer` in a project without other packages.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import * as source from '../../client/signer';
import { type Exports, filesIn } from '../support/package-exports';
import { installSigner } from '../support/signer';

const root = join(__dirname, '../..');
const KEY = '0123456789abcdef0123456789abcdef';
const SCRIPT = `
  const options = { id: 'k1', key: '${KEY}', expires: new Date(1789000000_000) };
  console.log(JSON.stringify([Object.keys(signer), signer.signUrl('https://img.example.com/images/my cat.jpg?a=1', options)]));
`;

let folder: string;
let installed: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'cdk-thumbnails-signer-'));
  installed = installSigner(folder);
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Runs a script in a process without access to this project and with an empty environment. */
function run(file: string, text: string): unknown {
  writeFileSync(join(folder, file), text);
  return JSON.parse(execFileSync(process.execPath, [file], { cwd: folder, encoding: 'utf8', env: {} }));
}

const expected = (): unknown => [
  Object.keys(source),
  source.signUrl('https://img.example.com/images/my cat.jpg?a=1', {
    id: 'k1',
    key: KEY,
    expires: new Date(1_789_000_000_000),
  }),
];

test('the signer loaded with require creates the same links as the source', () => {
  expect(run('one.cjs', `const signer = require('cdk-thumbnails/signer');${SCRIPT}`)).toEqual(expected());
});

test('the signer loaded with import creates the same links as the source', () => {
  const [, url] = expected() as [string[], string];
  const program = `import { signUrl } from 'cdk-thumbnails/signer';\nconst signer = { signUrl };${SCRIPT}`;
  expect(run('two.mjs', program)).toEqual([['signUrl'], url]);
});

test('the signer requires only node:crypto', () => {
  const text = readFileSync(join(installed, 'dist/signer/index.js'), 'utf8');
  expect([...text.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name)).toEqual(['node:crypto']);
  expect(Buffer.byteLength(text)).toBeLessThan(8192);
});

describe('the types', () => {
  const CONSUMER = `
    import { signUrl, type SigningKey, type SignOptions } from 'cdk-thumbnails/signer';
    const key: SigningKey = { id: 'k1', key: '${KEY}' };
    const options: SignOptions = { ...key, expires: new Date(0) };
    export const signed: string = signUrl('https://img.example.com/images/cat.jpg', options);
    // @ts-expect-error SignedRequest is internal
    export type { SignedRequest } from 'cdk-thumbnails/signer';
    // @ts-expect-error expires is required
    export const endless = signUrl('https://img.example.com/images/cat.jpg', key);
  `;
  const compile = (text: string, options: ts.CompilerOptions): string[] => {
    const file = join(folder, 'consumer.ts');
    writeFileSync(file, text);
    const program = ts.createProgram([file], {
      strict: true,
      noEmit: true,
      skipDefaultLibCheck: true,
      target: ts.ScriptTarget.ES2023,
      types: [],
      typeRoots: [],
      ...options,
    });
    return ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
  };

  test.each([
    ['nodenext', { module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext }],
    ['bundlers', { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }],
    [
      'node10',
      {
        module: ts.ModuleKind.CommonJS,
        moduleResolution: ts.ModuleResolutionKind.Node10,
        ignoreDeprecations: '6.0',
      },
    ],
  ])('the types are resolved with the module resolution of %s', (_name, options) => {
    expect(compile(CONSUMER, options)).toEqual([]);
  });

  test('the types equal the types of the source', () => {
    const built = JSON.stringify(join(installed, 'dist/signer/index'));
    const own = JSON.stringify(join(root, 'runtime/http/links/sign'));
    const equal = `
      import type * as built from ${built};
      import type * as own from ${own};
      type Equal<A, B> = [A, B] extends [B, A] ? true : never;
      export const same: [
        Equal<typeof built.signUrl, typeof own.signUrl>,
        Equal<built.SignOptions, own.SignOptions>,
        Equal<built.SigningKey, own.SigningKey>,
      ] = [true, true, true];
    `;
    const options = {
      module: ts.ModuleKind.CommonJS,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      types: ['node'],
      typeRoots: [join(root, 'node_modules/@types')],
      skipLibCheck: true,
    };
    expect(compile(equal, options)).toEqual([]);
    expect(compile(equal.replace('built.SigningKey, own.SigningKey', 'string, own.SigningKey'), options)).not.toEqual(
      [],
    );
  });
});

describe('the package', () => {
  const { main, types, exports, typesVersions, files } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as {
    main: string;
    types: string;
    exports: Exports;
    typesVersions: { '*': Record<string, string[]> };
    files: string[];
  };

  test('the package has the constructs as its main entry point, as jsii requires', () => {
    expect([main, types, exports['.']]).toEqual(['dist/lib/index.js', 'dist/lib/index.d.ts', './dist/lib/index.js']);
  });

  test('the package contains every file of its exports', () => {
    const exported = [...filesIn(exports), ...Object.values(typesVersions['*']).flat()].map((path) =>
      path.replace(/^\.\//, ''),
    );
    const contains = (path: string): boolean =>
      path === 'package.json' || files.some((file) => path === file || path.startsWith(`${file}/`));
    expect(exported.filter((path) => !contains(path))).toEqual([]);
  });
});
