import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import type { FileRecord } from '../../../cli/render/records';
import { renderFiles } from '../../../cli/render/render-files';
import { quadrants } from '../../support/images';

let directory: string;
beforeEach(() => (directory = mkdtempSync(join(tmpdir(), 'render-'))));
afterEach(() => rmSync(directory, { recursive: true }));

function stream(onText: (text: string) => void): Writable {
  return new Writable({
    write(chunk: Buffer, _, done) {
      onText(chunk.toString());
      done();
    },
  });
}

test('if one file fails, renderFiles() continues, writes a record for each file and returns exit code 1', async () => {
  const photos = join(directory, 'photos');
  mkdirSync(photos);
  const photo = await quadrants();
  // The number of files exceeds the concurrency. Therefore, the last file starts after the first file is complete.
  const count = availableParallelism() + 4;
  const names = Array.from({ length: count }, (_, index) => `${String(index).padStart(4, '0')}.jpg`);
  names.forEach((name) => writeFileSync(join(photos, name), photo));
  const last = join(photos, names.at(-1)!);

  const records: FileRecord[] = [];
  const out = stream((text) => {
    records.push(JSON.parse(text) as FileRecord);
    rmSync(last, { force: true });
  });
  expect(
    await renderFiles([photos], { out: join(directory, 'out'), json: true }, { out, err: stream(() => undefined) }),
  ).toBe(1);
  const failed = records.filter(({ status }) => status !== 'made');
  expect(failed).toMatchObject([{ file: last, status: 'failed', message: 'the file was removed during the run' }]);
  expect(records).toHaveLength(count);
});

test('the command prints a progress bar and the rejected and failed files on a terminal', async () => {
  writeFileSync(join(directory, 'cat.jpg'), await quadrants());
  writeFileSync(join(directory, 'notes.jpg'), 'not an image');
  let [lines, bar] = ['', ''];
  const terminal = Object.assign(
    stream((text) => (bar += text)),
    { isTTY: true, cursorTo: () => true, clearLine: () => true },
  );
  const code = await renderFiles(
    [directory],
    { out: join(directory, 'out') },
    { out: stream((text) => (lines += text)), err: terminal },
  );
  expect(code).toBe(0);
  expect(bar).toContain('2/2 files');
  expect(lines).toMatch(/^rejected +\S+notes\.jpg: .*\(unsupported-format\)\n1 made, 1 rejected in [\d.]+ s\n$/);
});

test('the command rejects a file whose path exceeds the maximum length of a key', async () => {
  const deep = join(directory, 'photos', ...Array.from({ length: 6 }, () => 'd'.repeat(200)));
  mkdirSync(deep, { recursive: true });
  const photo = await quadrants();
  writeFileSync(join(deep, 'far.jpg'), photo);
  writeFileSync(join(directory, 'photos', 'near.jpg'), photo);
  const records: FileRecord[] = [];
  const out = stream((text) => records.push(JSON.parse(text) as FileRecord));
  const terminal = { out, err: stream(() => undefined) };
  expect(await renderFiles([join(directory, 'photos')], { out: join(directory, 'out'), json: true }, terminal)).toBe(0);
  expect(records).toMatchObject([
    { file: join(deep, 'far.jpg'), status: 'rejected', code: 'invalid-key', thumbnails: [] },
    { file: join(directory, 'photos/near.jpg'), status: 'made' },
  ]);
  expect(records[0]!.message).toContain('1024 bytes');
});

test('the command prints a warning about a damaged file', async () => {
  const photo = await quadrants();
  writeFileSync(
    join(directory, 'cat.jpg'),
    Buffer.concat([photo.subarray(0, -2), Buffer.from('more'), photo.subarray(-2)]),
  );
  let lines = '';
  const terminal = { out: stream((text) => (lines += text)), err: stream(() => undefined) };
  const settings = join(directory, 'settings.json');
  writeFileSync(settings, JSON.stringify({ detectJpegCorruption: true }));
  await renderFiles([join(directory, 'cat.jpg')], { out: join(directory, 'out'), settings }, terminal);
  expect(lines).toMatch(/^made .*; warning: data is left over/m);
});

test('the command escapes control characters in a file name', async () => {
  writeFileSync(join(directory, 'a\u001b[2J\u009b\u202e.jpg'), await quadrants());
  let lines = '';
  const terminal = { out: stream((text) => (lines += text)), err: stream(() => undefined) };
  await renderFiles([directory], { out: join(directory, 'out') }, terminal);
  expect(lines).toContain('a\\u001b[2J\\u009b\\u202e.jpg: jpeg');
});
