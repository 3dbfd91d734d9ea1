import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { declarationsOf } from './signer';

/** Module that the entry points share, so that all of them export the same class `ResponseError`. */
const SHARED = 'requests';

/** Source modules of each built file. The first module is the entry point. */
const FILES: Readonly<Record<string, readonly string[]>> = {
  index: ['index', 'config', 'urls', 'loader', 'picture', 'get-image'],
  upload: ['upload'],
  placeholder: ['placeholder'],
  [SHARED]: [SHARED],
};

/** Licence comment, which minifiers keep. NOTICE contains the licence of ThumbHash. */
const LICENCES: Readonly<Record<string, string>> = {
  placeholder: '/*! ThumbHash (https://github.com/evanw/thumbhash), MIT, Copyright (c) 2023 Evan Wallace. */',
};

/** File extensions of scripts and declarations by module format. */
const FORMATS = [
  { format: 'esm', script: 'mjs', types: 'd.mts' },
  { format: 'cjs', script: 'js', types: 'd.ts' },
] as const;

/**
 * Builds the entry points of `cdk-thumbnails/client`: minified files without dependencies, as ECMAScript modules and as
 * CommonJS. Also writes the type declarations. Bundlers of applications remove unused functions.
 *
 * @throws Error if the types of a source file depend on other files
 */
export async function buildClient(root: string, outdir: string): Promise<void> {
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  for (const [name, modules] of Object.entries(FILES)) {
    for (const { format, script, types } of FORMATS) {
      await build({
        entryPoints: [join(root, 'client', `${modules[0]!}.ts`)],
        outfile: join(outdir, `${name}.${script}`),
        bundle: true,
        minify: true,
        platform: 'neutral',
        mainFields: ['module', 'main'],
        target: 'es2022',
        format,
        plugins: name === SHARED ? [] : [shared(script)],
        banner: { js: LICENCES[name] ?? '' },
        logLevel: 'warning',
      });
      writeFileSync(join(outdir, `${name}.${types}`), typesOf(root, name, script));
    }
  }
}

/** Replaces imports of the shared module with imports of the built file of this module. */
function shared(extension: string): Plugin {
  return {
    name: 'shared',
    setup: (plugin) =>
      plugin.onResolve({ filter: new RegExp(`^\\./${SHARED}$`) }, () => ({
        path: `./${SHARED}.${extension}`,
        external: true,
      })),
  };
}

/** Returns the declarations of a built file. The declarations import the modules of other built files. */
function typesOf(root: string, name: string, extension: string): string {
  const own = FILES[name]!;
  return own
    .map((module) =>
      declarationsOf(join(root, 'client', `${module}.ts`)).replace(
        /^(?:import|export) [^;]*?from '\.\/([\w-]+)';\n/gm,
        (statement, from: string) => importOf(statement, from, own, extension),
      ),
    )
    .join('');
}

/**
 * Replaces the module name in an import or export with the name of the built file that contains the module. Removes imports
 * within one built file.
 */
function importOf(statement: string, from: string, own: readonly string[], extension: string): string {
  if (own.includes(from)) {
    return '';
  }
  const file = Object.keys(FILES).find((each) => FILES[each]!.includes(from))!;
  return statement.replace(`./${from}`, `./${file}.${extension}`);
}
