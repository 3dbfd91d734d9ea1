// Checks the configuration of the documentation site without VitePress. The build of the site reports dead links.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { sidebar, type SidebarItem } from '../../../site/.vitepress/sidebar';
import { pages, read, root } from './blocks';

/** Index of docs/ on GitHub. */
const INDEX = 'docs/README.md';
/** Links of the sidebar, in order. */
const links = sidebar(root).flatMap(linksOf);

function linksOf(item: SidebarItem): string[] {
  return entriesOf(item).map(([, link]) => link);
}

/** Returns the texts and links of an item and of its items. */
function entriesOf({ text, link, items = [] }: SidebarItem): [text: string, link: string][] {
  return [...(link === undefined ? [] : [[text, link] satisfies [string, string]]), ...items.flatMap(entriesOf)];
}

/** Returns the link of a page in the sidebar. */
function linkOf(path: string): string {
  return `/${path.replace(/(^|\/)README\.md$/, '$1').replace(/\.md$/, '')}`;
}

/** Returns the anchors of the headings on GitHub. The site uses equal anchors. */
function anchorsOf(page: string): string[] {
  return Array.from(read(page).matchAll(/^#+ (.+)$/gm), ([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('the sidebar contains every page of docs/ once, except for the index', () => {
  const documents = pages().filter((path) => path.startsWith('docs/') && path !== INDEX);
  const listed = links.filter((link) => link.startsWith('/docs/') && !link.includes('#'));
  expect(listed.toSorted()).toEqual(documents.map(linkOf).toSorted());
});

test('docs/README.md lists the pages in the order of the sidebar with descriptions', () => {
  const listed = read(INDEX)
    .split(/^## /m)
    .slice(1)
    .map((group) => {
      const [text] = group.split('\n');
      const entries = Array.from(group.matchAll(/^ *- \[(.+?)\]\((\S+?)\): \S/gm), ([, title, href]) => {
        const [, path = '', hash = ''] = /^([^#]*)(.*)$/.exec(href!)!;
        return `${title}: ${linkOf(join('docs', path))}${hash}`;
      });
      expect(entries).toHaveLength(group.match(/\]\(\S+\): /g)!.length);
      return { text, entries };
    });
  // docs/README.md links only to the overview of the decisions, not to each decision.
  const decision = /^\/docs\/decisions\/./;
  expect(listed).toEqual(
    sidebar(root).map((group) => ({
      text: group.text,
      entries: entriesOf(group).flatMap(([text, link]) => (decision.test(link) ? [] : [`${text}: ${link}`])),
    })),
  );
});

test('every link of the sidebar leads to a page and a section', () => {
  const known = new Map(['API.md', ...pages()].map((path) => [linkOf(path), path]));
  for (const link of links) {
    const [path = '', anchor] = link.split('#');
    expect([link, known.has(path)]).toEqual([link, true]);
    if (anchor !== undefined) {
      expect([link, anchorsOf(known.get(path)!)]).toEqual([link, expect.arrayContaining([anchor])]);
    }
  }
});

test('the sidebar has the groups from Get started to Decisions in this order', () => {
  expect(sidebar(root).map(({ text }) => text)).toEqual([
    'Get started',
    'Guides',
    'Reference',
    'Explanation',
    'Decisions',
  ]);
});

test('the folder of the site contains configuration only', () => {
  const files = readdirSync(join(root, 'site')).filter(
    (name) => !['node_modules', 'dist', 'pages', '.vitepress'].includes(name),
  );
  expect(files.toSorted()).toEqual(['package-lock.json', 'package.json', 'pages.mjs']);
});
