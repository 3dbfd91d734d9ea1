import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { defineConfig } from 'vitepress';
import { sidebar } from './sidebar.ts';

const root = join(import.meta.dirname, '../..');
const REPOSITORY = 'https://github.com/cdk-thumbnails/cdk-thumbnails';
/** Pages of the site: the folder docs/ and some pages of the root. */
const PAGES = /^(?:docs\/.+|README|API|CHANGELOG|CONTRIBUTING)\.md$/;

interface Token {
  readonly type: string;
  readonly children: readonly Token[] | null;
  attrGet(name: string): string | null;
  attrSet(name: string, value: string): void;
}

/** Converts a relative link of a page to a link of the site. Links to files that are not on the site lead to GitHub. */
function linkOf(href: string, from: string): string {
  const [, path = '', hash = ''] = /^([^#]*)(#.*)?$/.exec(href)!;
  if (path === '' || /^(?:[a-z]+:|\/)/.test(path)) {
    return href;
  }
  const target = posix.join(posix.dirname(from), decodeURI(path)).replace(/\/$/, '');
  if (PAGES.test(target)) {
    return `/${target.replace(/(^|\/)README\.md$/, '$1index.md')}${hash}`;
  }
  const file = join(root, target);
  // A link to a missing file remains, so that the build reports it.
  return existsSync(file)
    ? `${REPOSITORY}/${statSync(file).isDirectory() ? 'tree' : 'blob'}/main/${target}${hash}`
    : href;
}

/** Returns the anchor of a heading on GitHub. */
function slugify(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}

export default defineConfig({
  title: 'cdk-thumbnails',
  description: 'AWS CDK constructs for a thumbnail pipeline',
  lang: 'en',
  base: '/cdk-thumbnails/',
  // pages.mjs writes this folder.
  srcDir: 'pages',
  outDir: 'dist',
  cacheDir: '.vitepress/cache',
  cleanUrls: true,
  // All other dead links fail the build.
  ignoreDeadLinks: 'localhostLinks',
  markdown: {
    anchor: { slugify },
    toc: { slugify },
    // Braces are text, as on GitHub.
    attrs: { disable: true },
    config: (md) => {
      md.core.ruler.push('repository-links', ({ tokens, env }: { tokens: Token[]; env: { relativePath: string } }) => {
        for (const token of tokens.flatMap(({ children }) => children ?? [])) {
          if (token.type === 'link_open') {
            token.attrSet('href', linkOf(token.attrGet('href') ?? '', env.relativePath));
          }
        }
      });
    },
  },
  themeConfig: {
    nav: [
      { text: 'Guides', link: '/docs/guides/recipes' },
      { text: 'Reference', link: '/API' },
      { text: 'GitHub', link: REPOSITORY },
    ],
    sidebar: sidebar(root) as never,
    outline: [2, 3],
    search: { provider: 'local' },
    editLink: {
      // VitePress runs the source text of this function in the browser, so that it cannot use constants of this file.
      pattern: ({ filePath }) =>
        `https://github.com/cdk-thumbnails/cdk-thumbnails/edit/main/${filePath.replace(/(^|\/)index\.md$/, '$1README.md')}`,
      text: 'Edit this page on GitHub',
    },
  },
});
