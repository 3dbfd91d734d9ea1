import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { bundledPackages } from '../../../scripts/third-party/components';

const root = join(__dirname, '../../..');

function output(inputs: readonly string[], chunks: readonly string[] = []): Metafile['outputs'][string] {
  return {
    bytes: 1,
    exports: [],
    inputs: Object.fromEntries(inputs.map((path) => [path, { bytesInOutput: 1 }])),
    imports: chunks.map((path) => ({ path, kind: 'require-call' as const })),
  };
}

test('bundledPackages() includes the packages of chunks, and of the chunks that they import', () => {
  const metafile: Metafile = {
    inputs: {},
    outputs: {
      'out/api-function.js': output(['node_modules/hono/dist/hono.js'], ['out/chunk-A.js', 'node:fs']),
      'out/chunk-A.js': output(['runtime/contract/index.ts'], ['out/chunk-B.js']),
      'out/chunk-B.js': output(['node_modules/valibot/dist/index.mjs'], ['out/chunk-A.js']),
      'out/chunk-C.js': output(['node_modules/thumbhash/thumbhash.js']),
    },
  };
  expect(bundledPackages(root, metafile, ['api-function']).map(({ name }) => name)).toEqual(['hono', 'valibot']);
});
