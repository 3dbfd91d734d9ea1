import { pages, read, rowsIn } from './blocks';

const decisions = pages().filter((page) => /^docs\/decisions\/\d/.test(page));

const metadata = decisions.map((page) => {
  const [, number, title, status, date] =
    /^# (\d{4}): (.+)\n\n- Status: ([\s\S]+?)\n- Date: (\d{4}-\d{2}-\d{2})\n/.exec(read(page)) ?? [];
  return { page, number, title, status: status?.replace(/\s+/g, ' '), date };
});

test('every decision has a number, a title, a status and a date', () => {
  expect(metadata.filter(({ date }) => date === undefined).map(({ page }) => page)).toEqual([]);
  expect(metadata.map(({ number }) => number)).toEqual(metadata.map((_, index) => String(index + 1).padStart(4, '0')));
});

test.each(decisions)('%s has context, decision and consequences', (page) => {
  expect(read(page).match(/^## .+$/gm)).toEqual(['## Context', '## Decision', '## Consequences']);
});

test('the index lists every decision with its status and date', () => {
  const [, ...rows] = rowsIn(read('docs/decisions/README.md'));
  expect(rows).toEqual(
    metadata.map(({ page, number, title, status, date }) => [
      `[${number}](${page.replace('docs/decisions/', '')})`,
      title,
      status,
      date,
    ]),
  );
});

test('superseded decisions link to their successors', () => {
  for (const { status } of metadata.filter((decision) => decision.status?.includes('superseded by'))) {
    expect(status).toMatch(/superseded by \[\d{4}\]\(/);
  }
});
