import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { greyTableOf } from '../../../../runtime/engine/pixels/grey-profile';
import { pixelAt } from '../../../support/images';
import { oneThumbnail } from '../rendering';

/** Returns a monochrome ICC profile with this `kTRC` tag. */
function greyProfile(curve: Buffer): Buffer {
  const head = Buffer.alloc(128 + 4 + 2 * 12);
  const padding = Buffer.alloc((4 - (curve.length % 4)) % 4);
  const white = Buffer.alloc(20);
  white.write('XYZ ', 'latin1');
  [0.9642, 1, 0.8249].forEach((value, index) => white.writeInt32BE(Math.round(value * 65_536), 8 + 4 * index));
  head.writeUInt32BE(2, 128);
  [
    ['wtpt', head.length, white.length],
    ['kTRC', head.length + white.length, curve.length],
  ].forEach(([tag, offset, length], index) => {
    head.write(String(tag), 132 + 12 * index, 'latin1');
    head.writeUInt32BE(Number(offset), 136 + 12 * index);
    head.writeUInt32BE(Number(length), 140 + 12 * index);
  });
  head.writeUInt32BE(head.length + white.length + curve.length + padding.length, 0);
  head.writeUInt32BE(0x02400000, 8);
  head.write('mntrGRAYXYZ ', 12, 'latin1');
  head.write('acsp', 36, 'latin1');
  // libpng requires the white point of ICC profiles.
  white.copy(head, 68, 8);
  return Buffer.concat([head, white, curve, padding]);
}

function curv(...values: readonly number[]): Buffer {
  const tag = Buffer.alloc(12 + 2 * values.length);
  tag.write('curv', 'latin1');
  tag.writeUInt32BE(values.length, 8);
  values.forEach((value, index) => tag.writeUInt16BE(value, 12 + 2 * index));
  return tag;
}

function para(type: number, ...values: readonly number[]): Buffer {
  const tag = Buffer.alloc(12 + 4 * values.length);
  tag.write('para', 'latin1');
  tag.writeUInt16BE(type, 8);
  values.forEach((value, index) => tag.writeInt32BE(Math.round(value * 65_536), 12 + 4 * index));
  return tag;
}

const encode = (light: number): number =>
  255 * (light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055);

/** Adds an ICC profile to a PNG. */
function withProfile(png: Buffer, profile: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from('iCCPgrey\0\0', 'latin1'), deflateSync(profile)]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(body.length - 4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([png.subarray(0, 33), length, body, sum, png.subarray(33)]);
}

/** Creates a 16-bit grey PNG whose pixels have one value. */
async function greyPng(value: number, alpha?: number): Promise<Buffer> {
  const channels = alpha === undefined ? 1 : 2;
  const samples = Uint16Array.from({ length: 16 * 16 * channels }, (_, index) =>
    channels === 2 && index % 2 === 1 ? alpha! : value,
  );
  return sharp(samples, { raw: { width: 16, height: 16, channels } })
    .toColourspace('grey16')
    .png()
    .toBuffer();
}

const PROFILES: readonly (readonly [string, Buffer, (value: number) => number])[] = [
  ['a linear curve', curv(), (value) => value],
  ['a gamma of 1.8', curv(Math.round(1.8 * 256)), (value) => value ** (Math.round(1.8 * 256) / 256)],
  [
    'a table',
    curv(0, 10_000, 65_535),
    (value) => (value < 0.5 ? (value * 2 * 10_000) / 65_535 : ((value - 0.5) * 2 * 55_535 + 10_000) / 65_535),
  ],
  [
    'the parametric curve of sRGB',
    para(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
    (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4),
  ],
  ['a parametric gamma', para(0, 2.2), (value) => value ** 2.2],
];

describe.each(PROFILES)('16-bit grey with %s', (_, curve, toLinear) => {
  test.each([0, 300, 3000, 20_000, 32_896, 60_000, 65_535])(
    '16-bit grey has the sRGB value of the sample %d',
    async (sample) => {
      const source = withProfile(await greyPng(sample), greyProfile(curve));
      const [red, green, blue] = await pixelAt((await oneThumbnail(source, { format: 'png' })).body, 4, 4);
      expect([green, blue]).toEqual([red, red]);
      expect(Math.abs(red - encode(toLinear(sample / 65_535)))).toBeLessThanOrEqual(1);
    },
  );

  test('16-bit grey keeps transparency', async () => {
    const source = withProfile(await greyPng(32_896, 0x8080), greyProfile(curve));
    const [red, , , alpha] = await pixelAt((await oneThumbnail(source, { format: 'png' })).body, 4, 4);
    expect(alpha).toBe(128);
    expect(Math.abs(red - encode(toLinear(32_896 / 65_535)))).toBeLessThanOrEqual(2);
  });
});

test.each([
  ['of RGB', Buffer.concat([Buffer.alloc(16), Buffer.from('RGB '), Buffer.alloc(200)])],
  ['with an unknown curve type', greyProfile(Buffer.from('mft1\0\0\0\0\0\0\0\0'))],
  ['with a truncated table', greyProfile(curv(1, 2, 3)).subarray(0, -4)],
  ['that is empty', Buffer.alloc(0)],
])('a profile %s has no table', (_, profile) => {
  expect(greyTableOf(profile)).toBeUndefined();
});
