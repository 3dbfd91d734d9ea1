import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { directoryHash, filesBelow } from '../../../scripts/directory-hash';

const roots: string[] = [];
afterAll(() => roots.forEach((root) => rmSync(root, { recursive: true })));

function directory(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'directory-hash-'));
  roots.push(root);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

test('filesBelow() lists sorted paths with forward slashes', () => {
  expect(filesBelow(directory({ 'b.js': '', 'a/z.js': '', 'a.js': '' }))).toEqual(['a.js', 'a/z.js', 'b.js']);
});

test('the hash is equal for equal files, regardless of time and order of writing', () => {
  const one = directory({ 'a.js': '1', 'b/c.js': '2' });
  const other = directory({ 'b/c.js': '2', 'a.js': '1' });
  utimesSync(join(other, 'a.js'), 1, 1);
  expect(directoryHash(other)).toBe(directoryHash(one));
});

test.each([
  ['a byte', { 'a.js': '2' }],
  ['a name', { 'b.js': '1' }],
  ['a file more', { 'a.js': '1', 'b.js': '' }],
  ['bytes moved into the name', { 'a.js1': '' }],
])('the hash changes with %s', (_, files) => {
  expect(directoryHash(directory(files as Record<string, string>))).not.toBe(directoryHash(directory({ 'a.js': '1' })));
});
