import sharp from 'sharp';
import { seenQuadrants, quadrants, UPRIGHT } from '../../../support/images';
import { oneThumbnail, rejectionFrom } from '../rendering';

const avif = async (): Promise<Buffer> =>
  sharp(await quadrants({ width: 64, height: 64, format: 'png' }))
    .avif()
    .toBuffer();

test.each(['avis', 'mif1', 'mif2', 'msf1', 'miaf', 'MA1B'])(
  'an AVIF with the major brand %s is decoded',
  async (brand) => {
    const source = await avif();
    source.write(brand, 8, 'latin1');
    expect(await seenQuadrants((await oneThumbnail(source)).body)).toEqual(UPRIGHT);
  },
);

test('an animated AVIF with a still image shows the still image', async () => {
  const source = await avif();
  source.write('avis', 8, 'latin1');
  const movie = Buffer.concat([u32(16), Buffer.from('moov'), u32(8), Buffer.from('free')]);
  expect(await seenQuadrants((await oneThumbnail(Buffer.concat([source, movie]))).body)).toEqual(UPRIGHT);
});

test('a sequence without a still image is unsupported', async () => {
  const head = Buffer.concat([u32(20), Buffer.from('ftypavis'), u32(0), Buffer.from('avis')]);
  const movie = Buffer.concat([u32(16), Buffer.from('moov'), u32(8), Buffer.from('free')]);
  expect((await rejectionFrom(oneThumbnail(Buffer.concat([head, movie])))).code).toBe('unsupported-format');
});

test('more items than the engine reads are rejected', async () => {
  const entry = Buffer.concat([
    u32(20),
    Buffer.from('infe'),
    Buffer.from([2, 0, 0, 0, 0, 1, 0, 0]),
    Buffer.from('av01'),
  ]);
  const entries = Buffer.concat(Array.from({ length: 20_001 }, () => entry));
  const items = Buffer.concat([u32(14 + entries.length), Buffer.from('iinf'), Buffer.alloc(6), entries]);
  const meta = Buffer.concat([u32(12 + items.length), Buffer.from('meta'), Buffer.alloc(4), items]);
  const head = Buffer.concat([u32(20), Buffer.from('ftypavif'), u32(0), Buffer.from('avif')]);
  expect((await rejectionFrom(oneThumbnail(Buffer.concat([head, meta])))).code).toBe('too-many-frames');
});

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
