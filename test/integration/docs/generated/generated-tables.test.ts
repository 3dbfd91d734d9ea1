import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pages, read, root, rowsIn, toMarkdown } from '../blocks';
import { EVENT_EXAMPLES } from './event-tables';
import { GENERATED_TABLES } from './generated-tables';

const MARKERS = /<!-- generated: ([^\n]+) -->\n([\s\S]*?)<!-- end -->/g;
const EXAMPLE_MARKERS = /<!-- generated example: (\w+) -->\s+```json\n([\s\S]*?)```\n/g;
const EXAMPLES_PAGE = 'docs/reference/events.md';
/** Every generated table of the pages. */
const shown = pages().flatMap((page) =>
  Array.from(read(page).matchAll(MARKERS), ([, name, markdown]) => ({ page, name: name!, markdown: markdown! })),
);

if (process.env['UPDATE'] === '1') {
  for (const page of new Set(shown.map((table) => table.page))) {
    const updated = read(page).replace(
      MARKERS,
      (_, name: string) => `<!-- generated: ${name} -->\n\n${toMarkdown(GENERATED_TABLES[name]!())}\n\n<!-- end -->`,
    );
    writeFileSync(join(root, page), updated);
  }
  const updated = read(EXAMPLES_PAGE).replace(EXAMPLE_MARKERS, (_, name: keyof typeof EVENT_EXAMPLES) => {
    const example = JSON.stringify(EVENT_EXAMPLES[name](), undefined, 2);
    return `<!-- generated example: ${name} -->\n\n\`\`\`json\n${example}\n\`\`\`\n`;
  });
  writeFileSync(join(root, EXAMPLES_PAGE), updated);
}

test('every generated table is in exactly one page', () => {
  expect(shown.map(({ name }) => name).toSorted()).toEqual(Object.keys(GENERATED_TABLES).toSorted());
});

test.each(shown)(
  '$page: $name is current; UPDATE=1 npx jest test/integration/docs/generated && npm run format updates it',
  ({ page, name }) => {
    const current = Array.from(read(page).matchAll(MARKERS)).find((match) => match[1] === name)![2]!;
    expect(rowsIn(current)).toEqual(GENERATED_TABLES[name]!());
  },
);

test('the page of the events has a current example for each status', () => {
  const examples = Array.from(read(EXAMPLES_PAGE).matchAll(EXAMPLE_MARKERS), ([, name, json]) => [
    name!,
    JSON.parse(json!) as unknown,
  ]);
  const expected = Object.entries(EVENT_EXAMPLES).map(([name, create]) => [name, create()]);
  expect(examples).toEqual(JSON.parse(JSON.stringify(expected)));
});
