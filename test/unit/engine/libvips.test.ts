import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { sniff } from '../../../runtime/engine';
import { quadrants } from '../../support/images';

// Importing the engine disables the loaders of all unsupported formats in sharp.

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'engine-libvips-'))));
afterAll(() => rmSync(folder, { recursive: true }));

/** First bytes of formats whose loader is marked as untrusted in libvips. */
const UNTRUSTED: Readonly<Record<string, string>> = {
  svg: '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
  ppm: 'P3\n1 1\n255\n1 2 3\n',
  pgm: 'P2\n1 1\n255\n1\n',
  pbm: 'P1\n1 1\n1\n',
  pfm: 'PF\n1 1\n-1.0\n\0\0\0\0\0\0\0\0\0\0\0\0',
  csv: '1,2,3\n4,5,6\n',
  mat: '2 2\n1 2\n3 4\n',
  pdf: '%PDF-1.4\n',
  hdr: '#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n\0\0\0\0',
  fits: 'SIMPLE  =                    T',
  v: '\xb6\xa6\xf2\x08',
  jxl: '\xff\x0a\0\0',
  jp2: '\0\0\0\x0cjP  \r\n\x87\n',
  exr: 'v/1\x01',
  bmp: 'BM\0\0\0\0',
  raw: '\x01\x02\x03\x04',
};

test.each(Object.entries(UNTRUSTED))('the loader of %s is disabled for buffers and files', async (extension, start) => {
  expect(sniff(Buffer.from('\xff\xd8\xff', 'latin1'))).toBe('jpeg');
  const bytes = Buffer.concat([Buffer.from(start, 'latin1'), Buffer.alloc(200)]);
  const file = join(folder, `image.${extension}`);
  writeFileSync(file, bytes);
  await expect(sharp(bytes).metadata()).rejects.toThrow('unsupported image format');
  await expect(sharp(file).metadata()).rejects.toThrow('unsupported image format');
});

test.each(['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const)(
  'the loader of %s is enabled for buffers only',
  async (format) => {
    const bytes = await quadrants({ format });
    const file = join(folder, `whole.${format}`);
    writeFileSync(file, bytes);
    await expect(sharp(bytes).metadata()).resolves.toMatchObject({ width: 80 });
    await expect(sharp(file).metadata()).rejects.toThrow('unsupported image format');
  },
);
