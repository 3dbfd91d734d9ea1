import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { build as buildBundles, transform, type BuildOptions, type Metafile, type Plugin } from 'esbuild';

/** Name of a function that marks an `import()`. The build replaces the marked `import()` with `require()` of the chunk. */
const MARK = 'requireChunk';
/** Names of the files with code that several bundles use, or that a bundle loads on demand. */
const CHUNK_NAMES = 'chunk-[hash]';

/**
 * Bundles entry points into CommonJS files with common chunks. A bundle loads a module on demand from a chunk of its own, if
 * the source calls `require()` or `import()`. Therefore, V8 does not parse code that a process does not use.
 *
 * The function converts each resulting file to CommonJS, because Node.js loads such files faster. esbuild itself can split only
 * ECMAScript modules.
 */
export async function bundleWithChunks(options: BuildOptions & { readonly outdir: string }): Promise<Metafile> {
  const { outputFiles, metafile } = await buildBundles({
    ...options,
    metafile: true,
    write: false,
    format: 'esm',
    splitting: true,
    chunkNames: CHUNK_NAMES,
    plugins: [chunksOfRequires],
  });
  await mkdir(options.outdir, { recursive: true });
  await Promise.all(outputFiles.map(async ({ path, text }) => writeFile(path, await asCommonJs(path, text, options))));
  return metafile;
}

/**
 * Replaces `require()` with `import()` in the sources of this project, because esbuild moves only imported modules into chunks.
 */
const chunksOfRequires: Plugin = {
  name: 'chunks-of-requires',
  setup: (build) => {
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      return source.includes('declare function require(')
        ? { contents: source.replace(/\brequire\(('[^']+')\)/g, `${MARK}(import($1))`), loader: 'ts' }
        : undefined;
    });
  },
};

async function asCommonJs(path: string, text: string, { target, minify }: BuildOptions): Promise<string> {
  const source = text.replace(new RegExp(`\\b${MARK}\\(import\\(("[^"]+")\\)\\)`, 'g'), 'require($1)');
  if (source.includes(MARK)) {
    throw new Error(`${path}: contains ${MARK} without the import of a chunk; expected require() with a constant path`);
  }
  const { code } = await transform(source, {
    target,
    minify,
    format: 'cjs',
    platform: 'node',
    // Converts each `import()` to `require()`, because Node.js then loads a CommonJS file faster.
    supported: { 'dynamic-import': false },
  });
  return code;
}
