import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pages, read, root } from './blocks';

const NAMED = /`((?:bench|bin|cli|client|container|cost|docs|examples|lambda|lib|runtime|scripts|test)\/[\w./-]+)`/g;
const texts = [...new Set([...pages(), ...decisions()])];

test('every file and folder that a page mentions exists', () => {
  const names = texts.flatMap((page) =>
    // Code blocks contain paths of other projects.
    Array.from(
      read(page)
        .replace(/^```[\s\S]*?^```/gm, '')
        .matchAll(NAMED),
      ([, path]) => ({ page, path: path! }),
    ),
  );
  expect(names.length).toBeGreaterThan(100);
  expect(names.filter(({ path }) => !existsSync(join(root, path)))).toEqual([]);
});

function decisions(): string[] {
  return readdirSync(join(root, 'docs/decisions')).map((file) => `docs/decisions/${file}`);
}
