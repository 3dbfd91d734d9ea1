import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { filesBelow } from '../../../scripts/directory-hash';
import { uniteRuntimes } from '../../../scripts/runtime';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'unite-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const write = (name: string, files: Readonly<Record<string, string>>): string => {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name, path)), { recursive: true });
    writeFileSync(join(folder, name, path), text);
  }
  return join(folder, name);
};

test('uniteRuntimes() stores equal files once and keeps the files of each architecture', () => {
  const arm64 = write('arm64', { 'service.js': '1', 'node_modules/@img/sharp-linux-arm64/lib.so': 'arm64' });
  const x64 = write('x86_64', { 'service.js': '1', 'node_modules/@img/sharp-linux-x64/lib.so': 'x64' });
  const united = write('runtime', { 'file-of-an-earlier-build.js': '' });
  uniteRuntimes([arm64, x64], united);
  expect(filesBelow(united).map((path) => [path, readFileSync(join(united, path), 'utf8')])).toEqual([
    ['node_modules/@img/sharp-linux-arm64/lib.so', 'arm64'],
    ['node_modules/@img/sharp-linux-x64/lib.so', 'x64'],
    ['service.js', '1'],
  ]);
});

test('uniteRuntimes() throws an error if a file differs between the architectures', () => {
  const folders = [write('arm64', { 'service.js': '1' }), write('x86_64', { 'service.js': '2' })];
  expect(() => uniteRuntimes(folders, join(folder, 'runtime'))).toThrow(join(folder, 'x86_64', 'service.js'));
});
