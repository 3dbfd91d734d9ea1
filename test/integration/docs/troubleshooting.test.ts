import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { plain, root, tableBelow } from './blocks';

const page = 'docs/reference/troubleshooting.md';

test('the page lists every warning of the constructs', () => {
  const sources = readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  const used = sources.flatMap((path) => [
    ...readFileSync(join(root, 'lib', path), 'utf8').matchAll(
      /(?:addWarningV2|warn|warnAboutUnknownRegion)\(\s*(?:(?:scope|this),)?\s*'([^']+)'/g,
    ),
  ]);
  const ids = [...new Set(used.map(([, id]) => id!))];
  expect(ids.length).toBeGreaterThanOrEqual(10);
  expect(
    tableBelow(page, 'Warnings at synthesis')
      .map(({ Id }) => plain(Id!))
      .toSorted(),
  ).toEqual(ids.toSorted());
  expect(ids.filter((id) => !/^cdk-thumbnails:[a-z][A-Za-z]+$/.test(id))).toEqual([]);
});
