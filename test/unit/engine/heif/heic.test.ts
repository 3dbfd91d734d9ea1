import sharp from 'sharp';
import { probe } from '../../../../runtime/engine';
import { heic, TILE_SIDE } from '../../../support/heic';
import { colorName, distance, pixelAt, pixelsAt, seenQuadrants, UPRIGHT } from '../../../support/images';
import { oneThumbnail, optionsFor, rejectionFrom } from '../rendering';

/** Returns sharp's ICC profile of Display P3. */
async function displayP3(): Promise<Buffer> {
  const pixel = sharp({ create: { width: 1, height: 1, channels: 3, background: 'black' } }).withIccProfile('p3');
  const { icc } = await sharp(await pixel.png().toBuffer()).metadata();
  if (icc === undefined) {
    throw new Error('sharp wrote no profile');
  }
  return icc;
}

test('a HEIC is probed without decoding', async () => {
  expect(await probe(heic(), optionsFor([]))).toEqual({
    format: 'heic',
    width: TILE_SIDE,
    height: TILE_SIDE,
    orientation: 1,
    frames: 1,
    hasAlpha: false,
    progressive: false,
  });
});

test.each([
  ['of one tile', heic()],
  ['of ten bits', heic({ deep: true })],
  ...['mif1', 'mif2', 'miaf', 'msf1', 'hevc'].map((brand): [string, Buffer] => [
    `with the major brand ${brand}`,
    heic({ brands: [brand, 'mif1', 'heic'] }),
  ]),
])('an image %s is decoded', async (_name, source) => {
  const made = await oneThumbnail(source, { width: 32, height: 32 });
  expect(made).toMatchObject({ width: 32, height: 32 });
  expect(await seenQuadrants(made.body)).toEqual(UPRIGHT);
  expect(distance(await pixelAt(made.body, 8, 8), [230, 30, 30, 255])).toBeLessThanOrEqual(3);
});

test('an image with more items than libheif accepts by default is decoded', async () => {
  const made = await oneThumbnail(heic({ columns: 17, rows: 16 }), { width: 17 * 32, height: 16 * 32 });
  expect(made).toMatchObject({ width: 17 * 32, height: 16 * 32 });
  expect(colorName(await pixelAt(made.body, 16 * 32 + 8, 15 * 32 + 8))).toBe('red');
});

test.each(['jpeg', 'webp', 'avif', 'gif'] as const)('a HEIC becomes %s', async (format) => {
  expect(await seenQuadrants((await oneThumbnail(heic(), { format })).body)).toEqual(UPRIGHT);
});

describe('the rotation and mirroring of the container', () => {
  test.each([
    [{ turns: 1 }, ['green', 'yellow', 'red', 'blue']],
    [{ turns: 2 }, ['yellow', 'blue', 'green', 'red']],
    [{ turns: 3 }, ['blue', 'red', 'yellow', 'green']],
    [{ mirror: 'left and right' }, ['green', 'red', 'yellow', 'blue']],
    [{ mirror: 'top and bottom' }, ['blue', 'yellow', 'red', 'green']],
    [{ turns: 1, mirror: 'left and right' }, ['yellow', 'green', 'blue', 'red']],
  ] as const)('%j is applied', async (options, expected) => {
    expect(await seenQuadrants((await oneThumbnail(heic(options))).body)).toEqual(expected);
  });

  test('the engine applies the rotation of the container instead of the EXIF orientation', async () => {
    const made = await oneThumbnail(heic({ turns: 1, orientation: 6 }));
    expect(await seenQuadrants(made.body)).toEqual(['green', 'yellow', 'red', 'blue']);
  });
});

describe('a grid of tiles', () => {
  /** Returns the colours at the centres of all quadrants of all tiles, row by row. */
  async function coloursOf(image: Buffer, columns: number, rows: number): Promise<string[]> {
    const places = Array.from({ length: columns * 2 * rows * 2 }, (_, index) => {
      const [x, y] = [index % (columns * 2), Math.floor(index / (columns * 2))];
      return [x * (TILE_SIDE / 2) + TILE_SIDE / 4, y * (TILE_SIDE / 2) + TILE_SIDE / 4] as const;
    });
    return (await pixelsAt(image, places)).map((pixel) => colorName(pixel));
  }
  const whole = { width: 1000, height: 1000 };

  const across = (tiles: number, ...colours: string[]): string[] => Array.from({ length: tiles }, () => colours).flat();

  test('the engine puts each tile of a grid at its position', async () => {
    const made = await oneThumbnail(heic({ columns: 3, rows: 2 }), whole);
    expect(made).toMatchObject({ width: 3 * TILE_SIDE, height: 2 * TILE_SIDE });
    const tiles = [...across(3, 'red', 'green'), ...across(3, 'blue', 'yellow')];
    expect(await coloursOf(made.body, 3, 2)).toEqual([...tiles, ...tiles]);
  });

  test('the engine puts each tile of a rotated grid at its position', async () => {
    const made = await oneThumbnail(heic({ columns: 3, rows: 2, turns: 1 }), whole);
    expect(made).toMatchObject({ width: 2 * TILE_SIDE, height: 3 * TILE_SIDE });
    const tiles = [...across(2, 'green', 'yellow'), ...across(2, 'red', 'blue')];
    expect(await coloursOf(made.body, 2, 3)).toEqual([...tiles, ...tiles, ...tiles]);
  });

  test.each([0, 1] as const)('a cropped grid shows its centre after %i rotations', async (turns) => {
    const made = await oneThumbnail(heic({ columns: 2, rows: 2, crop: { width: 60, height: 40 }, turns }), whole);
    expect(made).toMatchObject(turns === 0 ? { width: 60, height: 40 } : { width: 40, height: 60 });
    // Each of the four tiles shows the quadrant next to the centre.
    const expected = turns === 0 ? ['yellow', 'blue', 'green', 'red'] : ['blue', 'red', 'yellow', 'green'];
    expect(await seenQuadrants(made.body)).toEqual(expected);
  });

  describe('with tiles that extend beyond the image', () => {
    // 100 × 80 of 128 × 128 pixels are visible: the first tile completely, and the other tiles in part.
    const partial = { columns: 2, rows: 2, claim: { width: 100, height: 80 } } as const;
    const places = [
      [16, 16],
      [48, 16],
      [80, 16],
      [98, 16],
      [16, 48],
      [16, 78],
      [80, 78],
    ] as const;
    const expected = ['red', 'green', 'red', 'green', 'blue', 'red', 'red'];

    test.each([0, 1, 2, 3] as const)(
      'a rotated grid larger than the image is cropped to the image: %i rotations',
      async (turns) => {
        const made = await oneThumbnail(heic({ ...partial, turns }), whole);
        expect(made).toMatchObject(turns % 2 === 0 ? { width: 100, height: 80 } : { width: 80, height: 100 });
        const back = await sharp(made.body)
          .rotate(turns * 90)
          .png()
          .toBuffer();
        expect((await pixelsAt(back, places)).map((pixel) => colorName(pixel))).toEqual(expected);
      },
    );

    test.each(['left and right', 'top and bottom'] as const)(
      'a mirrored grid larger than the image is cropped to the image: %s',
      async (mirror) => {
        const made = await oneThumbnail(heic({ ...partial, mirror }), whole);
        const image = sharp(made.body);
        const back = await (mirror === 'left and right' ? image.flop() : image.flip()).png().toBuffer();
        expect((await pixelsAt(back, places)).map((pixel) => colorName(pixel))).toEqual(expected);
      },
    );
  });
});

describe('the crop of one tile', () => {
  // The tile shows red, green, blue and yellow quadrants. The crop is 32 × 48 around the centre.
  const crop = { width: 32, height: 48 };

  test.each([
    [{ crop }, ['red', 'green', 'blue', 'yellow']],
    [{ crop, turns: 1 }, ['green', 'yellow', 'red', 'blue']],
    [{ crop, turns: 2 }, ['yellow', 'blue', 'green', 'red']],
    [{ crop, mirror: 'left and right' }, ['green', 'red', 'yellow', 'blue']],
    [{ crop, turns: 1, mirror: 'top and bottom' }, ['red', 'blue', 'green', 'yellow']],
  ] as const)('is applied before rotation and mirroring: %j', async (options, expected) => {
    const made = await oneThumbnail(heic(options), { width: 64, height: 64 });
    expect(made).toMatchObject('turns' in options && options.turns === 1 ? { width: 48, height: 32 } : crop);
    expect(await seenQuadrants(made.body)).toEqual(expected);
  });

  test('the engine applies the offset of a crop', async () => {
    const offset = { horizontal: 16, vertical: -8 };
    const made = await oneThumbnail(heic({ crop: { width: 32, height: 32, offset } }), { width: 64, height: 64 });
    expect(made).toMatchObject({ width: 32, height: 32 });
    expect(
      (
        await pixelsAt(made.body, [
          [4, 4],
          [28, 28],
        ])
      ).map((pixel) => colorName(pixel)),
    ).toEqual(['green', 'yellow']);
  });
});

test('a HEIC with an alpha channel has a transparent thumbnail', async () => {
  const made = await oneThumbnail(heic({ transparent: true }), { width: 64, height: 64 });
  const [left, right] = await pixelsAt(made.body, [
    [8, 8],
    [56, 8],
  ]);
  expect([left?.[3], right?.[3]]).toEqual([255, 0]);
  expect(await probe(heic({ transparent: true }), optionsFor([]))).toMatchObject({ hasAlpha: true });
});

describe('in Display P3', () => {
  // (230, 30, 30), (30, 180, 30), (30, 30, 230) and (240, 220, 30) of Display P3, converted to sRGB by littleCMS.
  const EXPECTED = [
    [250, 0, 0, 255],
    [0, 183, 0, 255],
    [31, 30, 239, 255],
    [244, 219, 0, 255],
  ] as const;
  const MIDDLES = [
    [16, 16],
    [48, 16],
    [16, 48],
    [48, 48],
  ] as const;

  test.each([
    ['an ICC profile', async () => heic({ profile: await displayP3() })],
    ['code points', () => Promise.resolve(heic({ primaries: 12 }))],
  ])('a HEIC with %s is converted to sRGB', async (_name, make) => {
    const made = await oneThumbnail(await make(), { width: 64, height: 64 });
    const pixels = await pixelsAt(made.body, MIDDLES);
    pixels.forEach((pixel, index) => expect(distance(pixel, EXPECTED[index] ?? EXPECTED[0])).toBeLessThanOrEqual(3));
  });

  test('a conversion from Display P3 preserves transparency', async () => {
    const made = await oneThumbnail(heic({ profile: await displayP3(), transparent: true }), { width: 64, height: 64 });
    const [red, , , opaque] = await pixelAt(made.body, 16, 16);
    expect(red).toBeGreaterThan(245);
    expect(opaque).toBe(255);
    expect((await pixelAt(made.body, 48, 16))[3]).toBe(0);
  });

  test('a HEIC with an invalid profile is read as sRGB', async () => {
    const made = await oneThumbnail(heic({ profile: Buffer.alloc(200, 0x5a) }));
    expect(await seenQuadrants(made.body)).toEqual(UPRIGHT);
  });
});

/** Permitted error codes of a file with random bytes. */
const CODES = [
  'decoded',
  'corrupt',
  'truncated',
  'unsupported-format',
  'too-many-pixels',
  'too-many-frames',
  'out-of-memory',
];

describe('is rejected', () => {
  test('a HEIC is rejected before decoding if it exceeds the pixel limit', async () => {
    const source = heic({ claim: { width: 30_000, height: 30_000 } });
    expect((await rejectionFrom(oneThumbnail(source))).code).toBe('too-many-pixels');
    const limits = { maxProgressivePixels: TILE_SIDE * TILE_SIDE - 1 };
    expect((await rejectionFrom(oneThumbnail(heic(), { limits }))).code).toBe('too-many-pixels');
    // maxProgressivePixels does not apply to a grid, because the decoder never holds a complete grid in memory.
    expect(await oneThumbnail(heic({ columns: 2, rows: 1 }), { limits })).toMatchObject({ width: 40, height: 20 });
  });

  test('a HEIC is rejected if its header contains an incorrect size', async () => {
    expect((await rejectionFrom(oneThumbnail(heic({ claim: { width: 128, height: 128 } })))).code).toBe('corrupt');
  });

  test('a HEIC is rejected if its end is missing', async () => {
    const source = heic();
    for (const length of [source.length - 1, source.length - 40, 300, 100, 40]) {
      expect((await rejectionFrom(oneThumbnail(source.subarray(0, length)))).code).toBe('truncated');
    }
  });

  test('a HEIC is rejected if decoding exceeds the time limit', async () => {
    const source = heic({ columns: 12, rows: 12 });
    const rejection = await rejectionFrom(oneThumbnail(source, { limits: { maxDurationSeconds: 0.03 } }));
    expect(rejection).toMatchObject({ code: 'timeout', retryable: true });
  });

  test('a HEIC is rejected or decoded after any change of bytes', async () => {
    const original = heic();
    let seed = 20_260_101;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return seed % below;
    };
    for (let i = 0; i < 40; i++) {
      const source = Buffer.from(original);
      for (let k = 0; k < 3; k++) {
        source[random(source.length)] = random(256);
      }
      const outcome = await oneThumbnail(source).then(
        () => 'decoded',
        (error: unknown) => (error as { code?: string }).code,
      );
      expect(CODES).toContain(outcome);
    }
  });
});
