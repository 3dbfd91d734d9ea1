import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { FileRecord } from '../../../cli/render/records';
import { render } from '../../../cli/render/render';
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

test('a file whose path is longer than a key may be is rejected by name, and the others are made', async () => {
  const deep = join(folder, 'photos', ...Array.from({ length: 6 }, () => 'd'.repeat(200)));
  mkdirSync(deep, { recursive: true });
  const photo = await quadrants();
  writeFileSync(join(deep, 'far.jpg'), photo);
  writeFileSync(join(folder, 'photos', 'near.jpg'), photo);
  const records: FileRecord[] = [];
  const out = stream((text) => records.push(JSON.parse(text) as FileRecord));
  const terminal = { out, err: stream(() => undefined) };
  expect(await render([join(folder, 'photos')], { out: join(folder, 'out'), json: true }, terminal)).toBe(0);
  expect(records).toMatchObject([
    { file: join(deep, 'far.jpg'), status: 'rejected', code: 'invalid-key', thumbnails: [] },
    { file: join(folder, 'photos/near.jpg'), status: 'rendered' },
  ]);
  expect(records[0]!.message).toContain('1024 bytes');
});

test('reports the warnings of a corrupt file', async () => {
  const photo = await quadrants();
  writeFileSync(
    join(folder, 'cat.jpg'),
    Buffer.concat([photo.subarray(0, -2), Buffer.from('more'), photo.subarray(-2)]),
  );
  let lines = '';
  const terminal = { out: stream((text) => (lines += text)), err: stream(() => undefined) };
  const settings = join(folder, 'settings.json');
  writeFileSync(settings, JSON.stringify({ detectJpegCorruption: true }));
  await render([join(folder, 'cat.jpg')], { out: join(folder, 'out'), settings }, terminal);
  expect(lines).toMatch(/^rendered .*; warning: .*\(corrupt\)/m);
});
