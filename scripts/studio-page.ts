import { join } from 'node:path';
import { build, type Metafile } from 'esbuild';

/** Folder of the page, relative to the folder of the bundles. */
export const STUDIO_PAGE = 'studio';

/** Bundles the page of the studio: one script and one style sheet. */
export async function bundleStudioPage(root: string, bundles: string): Promise<Metafile> {
  const { metafile } = await build({
    absWorkingDir: root,
    metafile: true,
    entryPoints: { page: join(root, 'cli/studio/page/main.tsx') },
    outdir: join(bundles, STUDIO_PAGE),
    bundle: true,
    platform: 'browser',
    // These versions are the first ones that support light-dark() and Promise.withResolvers().
    target: ['chrome123', 'firefox120', 'safari17.5'],
    format: 'esm',
    minify: true,
    legalComments: 'none',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'warning',
  });
  return metafile;
}
