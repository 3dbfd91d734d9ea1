import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { pixelAt, type Pixel } from '../../../support/images';
import { oneThumbnail } from '../rendering';

// Expected values follow from the formulas of ITU-T H.273 and IEC 61966-2-1, without ICC profiles.

type Triple = readonly [number, number, number];

/** Matrices from linear RGB with white point D65 to linear sRGB. The chromaticities are from H.273, table 2. */
const TO_SRGB: Readonly<Record<string, readonly Triple[]>> = {
  'BT.709': [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  // The matrices convert to XYZ and then to linear sRGB: https://www.w3.org/TR/css-color-4/#color-conversion-code
  'Display P3': [
    [1.2249401762805598, -0.22494017628055996, 0],
    [-0.042056954709688163, 1.0420569547096881, 0],
    [-0.019637554590334432, -0.078636045550631889, 1.0982736001409663],
  ],
  'BT.2020': [
    [1.6604910021084345, -0.58764113878854951, -0.072849863319884883],
    [-0.12455047452159074, 1.1328998971259603, -0.0083494226043694768],
    [-0.018150763354905303, -0.10057889800800739, 1.1187296613629127],
  ],
};
const PRIMARIES: Readonly<Record<string, number>> = { 'BT.709': 1, 'BT.2020': 9, 'Display P3': 12 };

const CURVES: Readonly<Record<string, { readonly number: number; readonly toLinear: (value: number) => number }>> = {
  sRGB: { number: 13, toLinear: (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4) },
  'BT.709': { number: 1, toLinear: (v) => (v < 0.081 ? v / 4.5 : ((v + 0.099) / 1.099) ** (1 / 0.45)) },
  linear: { number: 8, toLinear: (v) => v },
  'gamma 2.2': { number: 4, toLinear: (v) => v ** 2.2 },
};

const encode = (light: number): number => {
  const clamped = Math.min(1, Math.max(0, light));
  return 255 * (clamped <= 0.0031308 ? 12.92 * clamped : 1.055 * clamped ** (1 / 2.4) - 0.055);
};

function expectedOf(colour: Triple, primaries: string, curve: string): number[] {
  const linear = colour.map((value) => CURVES[curve]!.toLinear(value / 255));
  return TO_SRGB[primaries]!.map((row) => encode(row.reduce((sum, weight, index) => sum + weight * linear[index]!, 0)));
}

/** Inserts chunks after the header of a PNG. */
function withChunks(png: Buffer, ...chunks: readonly [type: string, data: Buffer][]): Buffer {
  const parts = chunks.map(([type, data]) => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    sum.writeUInt32BE(crc32(body));
    return Buffer.concat([length, body, sum]);
  });
  return Buffer.concat([png.subarray(0, 33), ...parts, png.subarray(33)]);
}

const cicp = (primaries: number, transfer: number): [string, Buffer] => [
  'cICP',
  Buffer.from([primaries, transfer, 0, 1]),
];
const gama = (value: number): [string, Buffer] => ['gAMA', u32(Math.round(value * 100_000))];
const chrm = (...values: readonly number[]): [string, Buffer] => [
  'cHRM',
  Buffer.concat(values.map((value) => u32(Math.round(value * 100_000)))),
];

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

function plain([r, g, b]: Triple): sharp.Sharp {
  return sharp({ create: { width: 16, height: 16, channels: 3, background: { r, g, b } } });
}

/** Replaces the code points in the `colr` box of an AVIF. */
async function avifWith(colour: Triple, primaries: number, transfer: number): Promise<Buffer> {
  const avif = await plain(colour).avif({ lossless: true }).toBuffer();
  const at = avif.indexOf('nclx');
  expect(at).toBeGreaterThan(0);
  avif.writeUInt16BE(primaries, at + 4);
  avif.writeUInt16BE(transfer, at + 6);
  return avif;
}

async function colourOf(source: Buffer): Promise<Pixel> {
  return pixelAt((await oneThumbnail(source, { format: 'png' })).body, 4, 4);
}

function expectNear(pixel: Pixel, expected: readonly number[]): void {
  const differences = expected.map((value, index) => Math.abs(value - pixel[index]!));
  expect({ pixel, expected, isNear: Math.max(...differences) <= 2 }).toMatchObject({ isNear: true });
}

const COLOURS: readonly Triple[] = [
  [200, 60, 40],
  [40, 160, 90],
  [30, 60, 180],
  [128, 128, 128],
  [20, 24, 18],
];
const SPACES = Object.keys(PRIMARIES).flatMap((primaries) =>
  Object.keys(CURVES).map((curve) => [primaries, curve] as const),
);

describe.each(SPACES)('%s with the curve %s', (primaries, curve) => {
  test('a cICP chunk of a PNG is converted to sRGB', async () => {
    for (const colour of COLOURS) {
      const source = withChunks(
        await plain(colour).png().toBuffer(),
        cicp(PRIMARIES[primaries]!, CURVES[curve]!.number),
      );
      expectNear(await colourOf(source), expectedOf(colour, primaries, curve));
    }
  });

  test('a PNG with a cICP chunk and 16 bits per channel is converted to sRGB', async () => {
    const png = await plain([200, 60, 40]).toColourspace('rgb16').png().toBuffer();
    const source = withChunks(png, cicp(PRIMARIES[primaries]!, CURVES[curve]!.number));
    expectNear(await colourOf(source), expectedOf([200, 60, 40], primaries, curve));
  });

  test('an AVIF with code points in its `colr` box is converted to sRGB', async () => {
    for (const colour of COLOURS) {
      const source = await avifWith(colour, PRIMARIES[primaries]!, CURVES[curve]!.number);
      expectNear(await colourOf(source), expectedOf(colour, primaries, curve));
    }
  });
});

describe('HDR', () => {
  /** Encodes light in cd/m² with the perceptual quantizer. @see ITU-R BT.2100, table 4 */
  const pq = (light: number): number => {
    const [m1, m2] = [2610 / 16_384, (2523 / 4096) * 128];
    const [c1, c2, c3] = [3424 / 4096, (2413 / 4096) * 32, (2392 / 4096) * 32];
    const power = (light / 10_000) ** m1;
    return ((c1 + c2 * power) / (1 + c3 * power)) ** m2;
  };
  const greyPng = async (signal: number, transfer: number): Promise<Buffer> => {
    const data = new Uint16Array(16 * 16 * 3).fill(Math.round(65_535 * signal));
    const raw = { width: 16, height: 16, channels: 3 } as const;
    const png = await sharp(data, { raw }).toColourspace('rgb16').png().toBuffer();
    return withChunks(png, cicp(9, transfer));
  };

  test('the conversion of PQ preserves mid-tones relative to a white of 203 cd/m²', async () => {
    for (const share of [0.01, 0.05, 0.18, 0.4]) {
      const [red] = await colourOf(await greyPng(pq(203 * share), 16));
      expect(Math.abs(red - encode(share))).toBeLessThanOrEqual(2);
    }
  });

  test('the conversion of PQ compresses highlights up to 1,000 cd/m² without clipping', async () => {
    const values = [];
    for (const light of [101, 203, 400, 600]) {
      values.push((await colourOf(await greyPng(pq(light), 16)))[0]);
    }
    expect(values).toEqual([...new Set(values)].sort((one, other) => one - other));
    expect(values.at(-1)).toBeLessThanOrEqual(255);
  });

  test('the conversion of HLG maps a signal of 75 % to about reference white', async () => {
    // ITU-R BT.2408: 75 % HLG is 203 cd/m² on a display of 1,000 cd/m².
    const [hlg] = await colourOf(await greyPng(0.75, 18));
    const [reference] = await colourOf(await greyPng(pq(203), 16));
    expect(Math.abs(hlg - reference)).toBeLessThanOrEqual(2);
  });
});

describe('a gAMA chunk', () => {
  const SRGB_PRIMARIES = [0.3127, 0.329, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06] as const;
  const P3_PRIMARIES = [0.3127, 0.329, 0.68, 0.32, 0.265, 0.69, 0.15, 0.06] as const;
  const linearOf = (colour: Triple, gamma: number): number[] => colour.map((value) => (value / 255) ** (1 / gamma));

  test('a gAMA chunk without a cHRM chunk has the primaries of sRGB', async () => {
    for (const gamma of [1, 0.7, 0.3]) {
      const source = withChunks(await plain([200, 60, 40]).png().toBuffer(), gama(gamma));
      expectNear(await colourOf(source), linearOf([200, 60, 40], gamma).map(encode));
    }
  });

  test('a gAMA chunk applies to greyscale images', async () => {
    const grey = await plain([128, 128, 128]).toColourspace('b-w').png().toBuffer();
    expectNear(await colourOf(withChunks(grey, gama(1))), [188, 188, 188]);
  });

  test('a gAMA chunk with a cHRM chunk has the primaries of the cHRM chunk', async () => {
    const source = withChunks(await plain([200, 60, 40]).png().toBuffer(), gama(1 / 2.2), chrm(...P3_PRIMARIES));
    const linear = linearOf([200, 60, 40], 1 / 2.2);
    const expected = TO_SRGB['Display P3']!.map((row) =>
      encode(row.reduce((sum, value, index) => sum + value * linear[index]!, 0)),
    );
    expectNear(await colourOf(source), expected);
  });

  test('a gAMA chunk and a cHRM chunk with the values of sRGB do not change the colours', async () => {
    const source = withChunks(await plain([200, 60, 40]).png().toBuffer(), gama(0.45455), chrm(...SRGB_PRIMARIES));
    expect(await colourOf(source)).toEqual([200, 60, 40, 255]);
  });

  test.each<[string, [string, Buffer][]]>([
    ['an sRGB chunk', [['sRGB', Buffer.from([0])]]],
    ['a cICP chunk', [cicp(1, 13)]],
  ])('the chunk is ignored in a file with %s', async (_, chunks) => {
    const source = withChunks(await plain([200, 60, 40]).png().toBuffer(), ...chunks, gama(1));
    expect(await colourOf(source)).toEqual([200, 60, 40, 255]);
  });

  test.each([0, 4_000_000])('a gAMA chunk with the value %d is ignored', async (value) => {
    const source = withChunks(await plain([200, 60, 40]).png().toBuffer(), ['gAMA', u32(value)]);
    expect(await colourOf(source)).toEqual([200, 60, 40, 255]);
  });

  test('a gAMA chunk with an invalid cHRM chunk uses the primaries of sRGB', async () => {
    const source = withChunks(await plain([200, 60, 40]).png().toBuffer(), gama(1), chrm(0, 0, 0, 0, 0, 0, 0, 0));
    expectNear(await colourOf(source), linearOf([200, 60, 40], 1).map(encode));
  });
});

test('a cICP chunk has precedence over an ICC profile', async () => {
  const png = await plain([200, 60, 40]).withIccProfile('p3').png().toBuffer();
  const untagged = await sharp(png, { ignoreIcc: true }).raw().toBuffer();
  expectNear(await colourOf(withChunks(png, cicp(1, 13))), [...untagged.subarray(0, 3)]);
});

test('a conversion preserves transparency', async () => {
  const png = await plain([200, 60, 40]).ensureAlpha(0.5).png().toBuffer();
  const pixel = await colourOf(withChunks(png, cicp(12, 13)));
  expectNear(pixel, expectedOf([200, 60, 40], 'Display P3', 'sRGB'));
  expect(Math.abs(pixel[3] - 128)).toBeLessThanOrEqual(1);
});
