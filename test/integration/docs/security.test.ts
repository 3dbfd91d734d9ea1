import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { plain, read, root, tableBelow } from './blocks';

const page = 'docs/explanation/security.md';

test.each(['Threat model', 'Entry points'])('every row of the table %s lists existing test files', (heading) => {
  const rows = tableBelow(page, heading);
  expect(rows.length).toBeGreaterThanOrEqual(10);
  const problems = rows.flatMap(({ 'Entry point': entryPoint, Tests: tests = '' }) => {
    const paths = plain(tests).split(', ');
    return paths
      .filter((path) => !path.endsWith('.test.ts') || !existsSync(join(root, path)))
      .map((path) => [entryPoint, path]);
  });
  expect(problems).toEqual([]);
});

test('every test file that the text mentions exists', () => {
  const paths = [...read(page).matchAll(/`(test\/[^`*]+)`/g)].map(([, path]) => path!);
  expect(paths.length).toBeGreaterThan(50);
  expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
