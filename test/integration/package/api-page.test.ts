import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { API_FOLDER, apiPages } from '../../../scripts/api-pages';
import { publicMembers, root } from './assembly';

const written = ['API.md', ...readdirSync(join(root, API_FOLDER)).map((name) => `${API_FOLDER}/${name}`)].toSorted();
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

test('API.md and the pages of the types are current; npm run build:lib && npm run build:api updates them', () => {
  const pages = apiPages();
  expect(written).toEqual([...pages.keys()].toSorted());
  expect(written.filter((path) => read(path) !== pages.get(path))).toEqual([]);
});

test('every public type has a row in API.md and a page', () => {
  const types = publicMembers().filter(({ path }) => /^\w+$/.test(path));
  expect(types.length).toBeGreaterThan(100);
  expect(written).toEqual(['API.md', ...types.map(({ path }) => `${API_FOLDER}/${path}.md`)].toSorted());
  const rows = Array.from(read('API.md').matchAll(/^\| \[(\w+)\]\(([^)]+)\) \| (.+) \|$/gm));
  expect(rows.map(([, name, path]) => `${name} ${path}`).toSorted()).toEqual(
    types.map(({ path }) => `${path} ${API_FOLDER}/${path}.md`).toSorted(),
  );
  expect(rows.filter(([, , , summary]) => !summary!.endsWith('.')).map(([row]) => row)).toEqual([]);
});

test('every page has less than 300 kB, so that GitHub renders the page', () => {
  expect(written.filter((path) => Buffer.byteLength(read(path)) >= 300_000)).toEqual([]);
});

test('links of the pages lead to existing files and anchors', () => {
  const links = written.flatMap((page) =>
    Array.from(read(page).matchAll(/(?:href="|\]\()(?!https?:)([^"#)\s]*)(?:#([^")\s]+))?/g), ([, path, anchor]) => ({
      page,
      target: path === '' ? page : join(page, '..', path!),
      anchor,
    })),
  );
  expect(links.length).toBeGreaterThan(1_000);
  const broken = links.filter(
    ({ target, anchor }) =>
      !written.includes(target) || (anchor !== undefined && !read(target).includes(` id="${anchor}"`)),
  );
  expect(broken).toEqual([]);
});
