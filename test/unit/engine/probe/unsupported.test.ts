import { ImageRejection } from '../../../../runtime/engine';
import { checkFeatures } from '../../../../runtime/engine/probe/unsupported';
import { ascii, frameHeaderOf, inserted, patched, pngChunk, u16le, u32le } from '../../../robustness/hostile/bytes';
import { noisy } from '../../../robustness/hostile/seeds';
import { quadrants } from '../../../support/images';
import { oneThumbnail, rejectionFrom } from '../rendering';

type Fields = Readonly<Record<number, number>>;

/** Creates a TIFF of one or two directories with LONG fields. The second directory can be a SubIFD. */
function tiff(first: Fields, second?: Fields, isSubDirectory = false): Buffer {
  const secondAt = 8 + 2 + (Object.keys(first).length + (isSubDirectory ? 1 : 0)) * 12 + 4;
  const directory = (fields: Fields, next: number): Buffer =>
    Buffer.concat([
      u16le(Object.keys(fields).length),
      ...Object.entries(fields).map(([tag, value]) =>
        Buffer.concat([u16le(Number(tag)), u16le(4), u32le(1), u32le(value)]),
      ),
      u32le(next),
    ]);
  const fields = isSubDirectory ? { ...first, 330: secondAt } : first;
  const next = second !== undefined && !isSubDirectory ? secondAt : 0;
  return Buffer.concat([
    ascii('II'),
    u16le(42),
    u32le(8),
    directory(fields, next),
    second ? directory(second, 0) : u16le(0),
  ]);
}

const PREVIEW = { 254: 1, 256: 160, 257: 120 };
const FULL = { 256: 4000, 257: 3000 };

test.each([
  ['DNGVersion', tiff({ ...PREVIEW, 50706: 0x0104 })],
  ['a colour filter array', tiff({ ...FULL, 262: 32_803 })],
  ['a colour filter array in a SubIFD', tiff(FULL, { ...FULL, 262: 32_803 }, true)],
  ['LinearRaw in a SubIFD', tiff(FULL, { ...FULL, 262: 34_892 }, true)],
  ['a preview before the main image', tiff(PREVIEW, FULL)],
  ['a preview with the main image in a SubIFD', tiff(PREVIEW, FULL, true)],
  ['the signature of CR2', patched(tiff(FULL), 8, ascii('CR\x02\0'))],
  ['old-style JPEG compression', tiff({ ...FULL, 259: 6 })],
  ['planar YCbCr', tiff({ ...FULL, 262: 6, 284: 2 })],
])('a TIFF with %s is not supported', (_name, bytes) => {
  expect(() => checkFeatures('tiff', bytes)).toThrow(ImageRejection);
});

test.each([
  ['one directory', tiff(FULL)],
  ['a preview after the main image', tiff(FULL, PREVIEW)],
  ['a single directory marked as a preview', tiff(PREVIEW)],
  ['interleaved YCbCr', tiff({ ...FULL, 262: 6, 284: 1 })],
])('a TIFF with %s is supported', (_name, bytes) => {
  expect(() => checkFeatures('tiff', bytes)).not.toThrow();
});

test.each([0xc3, 0xc5, 0xc6, 0xc7, 0xcb, 0xcd, 0xce, 0xcf])(
  'a JPEG with frame header %i is not supported',
  async (sof) => {
    const jpeg = await noisy().jpeg().toBuffer();
    const changed = patched(jpeg, frameHeaderOf(jpeg) + 1, Buffer.from([sof]));
    expect((await rejectionFrom(oneThumbnail(changed))).code).toBe('unsupported-format');
  },
);

test('a JPEG with 12 bits per sample is not supported', async () => {
  const jpeg = await noisy().jpeg().toBuffer();
  const changed = patched(jpeg, frameHeaderOf(jpeg) + 4, Buffer.from([12]));
  expect((await rejectionFrom(oneThumbnail(changed))).code).toBe('unsupported-format');
});

test('a CgBI PNG is not supported', async () => {
  const png = inserted(await quadrants({ format: 'png' }), 8, pngChunk('CgBI', Buffer.alloc(4)));
  expect((await rejectionFrom(oneThumbnail(png))).code).toBe('unsupported-format');
});
