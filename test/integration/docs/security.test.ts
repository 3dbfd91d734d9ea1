import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { plain, root, tableBelow } from './blocks';

const page = 'docs/security.md';

test('every row of the threat model lists existing test files', () => {
  const rows = tableBelow(page, 'Threat model');
  expect(rows.length).toBeGreaterThanOrEqual(10);
  const problems = rows.flatMap(({ 'Entry point': entryPoint, Tests: tests = '' }) => {
    const paths = plain(tests).split(', ');
    return paths
      .filter((path) => !path.endsWith('.test.ts') || !existsSync(join(root, path)))
      .map((path) => [entryPoint, path]);
  });
  expect(problems).toEqual([]);
});
