// docs/security.md says what the tests hold.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ACKNOWLEDGEMENTS } from '../../templates/security/acknowledgements';
import { ALLOWED_WILDCARDS, UNCONDITIONAL_SERVICES } from '../../templates/security/wildcards';

const root = join(__dirname, '../../..');
const page = readFileSync(join(root, 'docs/security.md'), 'utf8');

/** Rows of the table whose head begins with these words; every cell without the spaces that formatting adds. */
function table(...head: string[]): string[][] {
  const rows = page.split('\n').map((line) =>
    line
      .split(/(?<!\\)\|/)
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
  const start = rows.findIndex((row) => head.every((word, index) => row[index] === word));
  expect([head, start]).not.toEqual([head, -1]);
  const length = rows.slice(start).findIndex((row) => row.length === 0);
  return rows.slice(start + 2, start + length);
}

const codes = (texts: readonly string[]): string => texts.map((text) => `\`${text}\``).join(', ');

test('lists every wildcard that is allowed', () => {
  expect(table('whose policy', 'actions')).toEqual(
    ALLOWED_WILDCARDS.map(({ of, actions, resources, reason }) => [of, codes(actions), codes(resources), reason]),
  );
});

test('lists every service that is let in without a condition', () => {
  expect(table('where', 'service')).toEqual(
    UNCONDITIONAL_SERVICES.map(({ of, service, reason }) => [of, codes([service]), reason]),
  );
});

test('lists every finding that is acknowledged', () => {
  expect(table('rules', 'on', 'found in')).toEqual(
    ACKNOWLEDGEMENTS.map(({ rules, on, when, reason }) => [codes(rules), codes(on), when, reason]),
  );
});

test('names a test for every door, and these are there', () => {
  const doors = table('door', 'who comes');
  expect(doors.length).toBeGreaterThanOrEqual(10);
  for (const row of doors) {
    const tests = [...row.at(-1)!.matchAll(/`(test\/[^`]+\.test\.ts)`/g)].map(([, path]) => path!);
    expect([row[0], tests.length > 0, tests.filter((path) => !existsSync(join(root, path)))]).toEqual([
      row[0],
      true,
      [],
    ]);
  }
});

test('names files that are there', () => {
  const files = [...page.matchAll(/`((?:scripts|test|lib|docs)\/[\w./-]+\.\w+)`/g)].map(([, path]) => path!);
  expect(files.length).toBeGreaterThan(15);
  expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});
