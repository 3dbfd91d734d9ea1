import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { declarationsOf } from './signer';

/** Modules of the client, which the entry point exports. */
const MODULES = ['config', 'urls', 'loader', 'picture', 'placeholder', 'requests', 'get-image', 'upload'];

/** Licence comment, which minifiers keep. NOTICE contains the licence of ThumbHash. */
const BANNER =
  '/*! cdk-thumbnails/client, Apache-2.0. Contains ThumbHash (https://github.com/evanw/thumbhash), MIT, Copyright (c) 2023 Evan Wallace. */';

/**
 * Builds `cdk-thumbnails/client`: one readable file without dependencies as ECMAScript module and as CommonJS, and its types.
 * Bundlers of applications minify it and remove unused functions.
 *
 * @throws Error if the types of a source file depend on other files
 */
export async function buildClient(root: string, outdir: string): Promise<void> {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  for (const [file, format] of [
    ['index.mjs', 'esm'],
    ['index.js', 'cjs'],
  ] as const) {
    await build({
      entryPoints: [join(root, 'client/index.ts')],
      outfile: join(outdir, file),
      bundle: true,
      platform: 'neutral',
      mainFields: ['module', 'main'],
      target: 'es2022',
      format,
      banner: { js: BANNER },
      logLevel: 'warning',
    });
  }
  const types = MODULES.map((name) => withoutImports(declarationsOf(join(root, 'client', `${name}.ts`)))).join('');
  for (const file of ['index.d.ts', 'index.d.mts']) {
    writeFileSync(join(outdir, file), types);
  }
}

/** Removes the imports of a declaration file, because one file contains all declarations. */
function withoutImports(declarations: string): string {
  return declarations.replace(/^(?:import|export) [^;]*?from '[^']+';\n/gm, '');
}
