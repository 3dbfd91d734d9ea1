import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { photosOf } from '../../../bench/photos';
import { quadrants } from '../../support/images';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'photos-'))));
afterEach(() => rmSync(folder, { recursive: true }));

test('photosOf() follows symbolic links, and skips invalid images, folders and files without a JPEG suffix', async () => {
  const image = await quadrants({ width: 80, height: 60, format: 'jpeg' });
  writeFileSync(join(folder, 'a.jpg'), image);
  writeFileSync(join(folder, 'B.JPEG'), image);
  writeFileSync(join(folder, 'notes.txt'), 'no photo');
  writeFileSync(join(folder, 'text.jpg'), 'no photo');
  mkdirSync(join(folder, 'folder.jpg'));
  symlinkSync(join(folder, 'a.jpg'), join(folder, 'link.jpg'));
  symlinkSync(join(folder, 'missing'), join(folder, 'broken.jpg'));
  const lines: string[] = [];
  const photos = await photosOf(folder, folder, (line) => lines.push(line));
  expect(photos).toEqual(['B.JPEG', 'a.jpg', 'link.jpg'].map((name) => join(folder, name)));
  expect(lines).toEqual([expect.stringMatching(/^text\.jpg is skipped: /)]);
});

test('a folder without usable photos causes an error', async () => {
  writeFileSync(join(folder, 'text.jpg'), 'no photo');
  await expect(photosOf(folder, folder, () => undefined)).rejects.toThrow('contains no usable .jpg file');
});
