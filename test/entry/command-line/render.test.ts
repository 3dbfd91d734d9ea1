import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { FileRecord } from '../../../lambda/entry/command-line/records';
import { render } from '../../../lambda/entry/command-line/render';
import { quadrants } from '../../support/images';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'render-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function stream(told: (text: string) => void): Writable {
  return new Writable({
    write(chunk: Buffer, _, done) {
      told(chunk.toString());
      done();
    },
  });
}

test('a file that cannot be worked on does not stop the others, and the exit code tells', async () => {
  const photos = join(folder, 'photos');
  mkdirSync(photos);
  const photo = await quadrants();
  // More than are worked on at once, so that the last is not begun when the first is done.
  const count = availableParallelism() + 4;
  const names = Array.from({ length: count }, (_, index) => `${String(index).padStart(4, '0')}.jpg`);
  names.forEach((name) => writeFileSync(join(photos, name), photo));
  const last = join(photos, names.at(-1)!);

  const records: FileRecord[] = [];
  const out = stream((text) => {
    records.push(JSON.parse(text) as FileRecord);
    rmSync(last, { force: true });
  });
  expect(await render([photos], { out: join(folder, 'out'), json: true }, { out, err: stream(() => undefined) })).toBe(
    1,
  );
  const failed = records.filter(({ status }) => status !== 'rendered');
  expect(failed).toMatchObject([
    { file: last, status: 'error', message: 'the file was deleted while it was worked on' },
  ]);
  expect(records).toHaveLength(count);
});

test('on a terminal a bar tells how far it is, and lines only what went wrong', async () => {
  writeFileSync(join(folder, 'cat.jpg'), await quadrants());
  writeFileSync(join(folder, 'notes.jpg'), 'not an image');
  let [lines, bar] = ['', ''];
  const terminal = Object.assign(
    stream((text) => (bar += text)),
    { isTTY: true, cursorTo: () => true, clearLine: () => true },
  );
  const code = await render(
    [folder],
    { out: join(folder, 'out') },
    { out: stream((text) => (lines += text)), err: terminal },
  );
  expect(code).toBe(0);
  expect(bar).toContain('2/2 files');
  expect(lines).toMatch(/^rejected +\S+notes\.jpg: .*\(unsupported-format\)\n1 rendered, 1 rejected in [\d.]+ s\n$/);
});
