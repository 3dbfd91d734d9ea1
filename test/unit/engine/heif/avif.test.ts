import sharp from 'sharp';
import { isLayered } from '../../../../runtime/engine/heif/primary-item';
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

test('the thumbnail of an animated AVIF with a still image shows the still image', async () => {
  const source = await avif();
  source.write('avis', 8, 'latin1');
  const movie = Buffer.concat([u32(16), Buffer.from('moov'), u32(8), Buffer.from('free')]);
  expect(await seenQuadrants((await oneThumbnail(Buffer.concat([source, movie]))).body)).toEqual(UPRIGHT);
});

test('an AVIF sequence without a still image is unsupported', async () => {
  const head = Buffer.concat([u32(20), Buffer.from('ftypavis'), u32(0), Buffer.from('avis')]);
  const movie = Buffer.concat([u32(16), Buffer.from('moov'), u32(8), Buffer.from('free')]);
  expect((await rejectionFrom(oneThumbnail(Buffer.concat([head, movie])))).code).toBe('unsupported-format');
});

test('an AVIF with too many items is rejected', async () => {
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

describe('layered AVIF', () => {
  // AV1 Image File Format, section 2.3: sizes of the layers, operating point and selected layer.
  const [LAYER_SIZES, OPERATING_POINT, LAYER] = [
    Buffer.concat([Buffer.from([1]), u32(100), u32(0), u32(0)]),
    Buffer.from([0]),
    Buffer.from([0, 0]),
  ];

  test.each([
    ['a1lx', LAYER_SIZES, false],
    ['a1op', OPERATING_POINT, true],
    ['lsel', LAYER, true],
    ['lsel', Buffer.from([0, 1]), true],
    ['a1op', Buffer.from([1]), true],
  ])('a layered AVIF with %s, variant %#, shows the image or is unsupported', async (type, content, isEssential) => {
    const source = withProperty(await avif(), type, content, isEssential);
    expect(isLayered(source)).toBe(true);
    const seen = await oneThumbnail(source).then(
      ({ body }) => seenQuadrants(body),
      ({ code }: { readonly code: string }) => code,
    );
    expect(['unsupported-format', UPRIGHT]).toContainEqual(seen);
  });

  test('a layered AVIF with damaged data is unsupported', async () => {
    const source = withProperty(await avif(), 'a1lx', LAYER_SIZES, false);
    source.fill(0xff, source.indexOf('mdat') + 4);
    expect((await rejectionFrom(oneThumbnail(source))).code).toBe('unsupported-format');
  });
});

/** Adds a property to the only item of an AVIF. */
function withProperty(source: Buffer, type: string, content: Buffer, isEssential: boolean): Buffer {
  const startOf = (box: string): number => source.indexOf(box) - 4;
  const sizeAt = (at: number): number => source.readUInt32BE(at);
  const [ipco, ipma] = [startOf('ipco'), startOf('ipma')];
  const property = Buffer.concat([u32(8 + content.length), Buffer.from(type), content]);
  let count = 0;
  for (let at = ipco + 8; at < ipco + sizeAt(ipco); at += sizeAt(at)) {
    count += 1;
  }
  const association = Buffer.from([(isEssential ? 0x80 : 0) | (count + 1)]);
  const added = property.length + association.length;
  const result = Buffer.from(source);
  for (const [at, bytes] of [
    [startOf('meta'), added],
    [startOf('iprp'), added],
    [ipco, property.length],
    [ipma, association.length],
  ] as const) {
    result.writeUInt32BE(sizeAt(at) + bytes, at);
  }
  // The additional property moves the item, which directly follows the header of the `mdat` box. Updates the offset in `iloc`.
  const itemAt = startOf('mdat') + 8;
  result.writeUInt32BE(itemAt + added, result.indexOf(u32(itemAt), startOf('iloc')));
  // These fields precede the associations: size, type, version and flags, number of entries, item id.
  const associations = ipma + 18;
  result[associations]! += 1;
  const [propertiesEnd, entryEnd] = [ipco + sizeAt(ipco), associations + 1 + source[associations]!];
  return Buffer.concat([
    result.subarray(0, propertiesEnd),
    property,
    result.subarray(propertiesEnd, entryEnd),
    association,
    result.subarray(entryEnd),
  ]);
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
