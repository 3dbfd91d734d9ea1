import sharp from 'sharp';
import { render, type Rendering } from '../../../../runtime/engine';
import { inserted, patched, pngChunksOf } from '../../../robustness/hostile/bytes';
import { noisy } from '../../../robustness/hostile/seeds';
import { heic } from '../../../support/heic';
import { animation, quadrants, seenQuadrants, UPRIGHT } from '../../../support/images';
import { oneThumbnail, optionsFor, rejectionFrom } from '../rendering';

const SMALL = {
  name: 'small',
  fit: 'inside',
  width: 40,
  height: 40,
  formats: [{ type: 'webp' }],
  animated: true,
} as const;

function rendered(source: Buffer): Promise<Rendering> {
  return render(source, { ...optionsFor([SMALL]), detectJpegCorruption: true });
}

/** A JPEG with the parameters of its scan as cameras by Samsung write them: 63 for the last coefficient becomes 0. */
function likeSamsung(jpeg: Buffer): Buffer {
  const scan = jpeg.indexOf('ffda', 'hex');
  return patched(jpeg, scan + jpeg.readUInt16BE(scan + 2), Buffer.from([0]));
}

/** Other bytes in the middle, among which a decoder finds codes as well. */
function damage(source: Buffer): void {
  const middle = Math.floor(source.length / 2);
  source.fill(0x5a, middle, middle + 200);
}

describe('a whole picture is not said to be salvaged', () => {
  test.each(['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const)('%s', async (format) => {
    expect(await rendered(await quadrants({ format }))).toMatchObject({ warnings: [] });
  });

  test('heic, animation, and bytes after the end', async () => {
    expect(await rendered(heic())).toMatchObject({ warnings: [] });
    for (const format of ['gif', 'webp'] as const) {
      const source = await animation({ format, frames: ['red', 'green'] });
      expect(await rendered(source)).toMatchObject({ warnings: [] });
    }
    for (const format of ['jpeg', 'png', 'gif'] as const) {
      const source = Buffer.concat([await quadrants({ format }), Buffer.from('and more')]);
      expect(await rendered(source)).toMatchObject({ warnings: [] });
    }
  });
});

describe('a JPEG', () => {
  test('with the scan parameters of Samsung is made, and says so', async () => {
    const source = likeSamsung(await quadrants());
    await expect(sharp(source, { failOn: 'warning' }).raw().toBuffer()).rejects.toThrow('Invalid SOS parameters');
    const { warnings, thumbnails } = await rendered(source);
    expect(warnings).toEqual([{ code: 'corrupt', message: 'Invalid SOS parameters for sequential JPEG' }]);
    expect(await seenQuadrants(thumbnails[0]!.body)).toEqual(UPRIGHT);
  });

  test('with the same and a damaged middle is refused', async () => {
    const source = likeSamsung(await noisy(400, 300).jpeg().toBuffer());
    damage(source);
    expect((await rejectionFrom(oneThumbnail(source))).code).toBe('corrupt');
  });

  test('with a damaged middle is refused, though its decoder does not even warn', async () => {
    const source = await noisy(400, 300).jpeg().toBuffer();
    damage(source);
    await expect(sharp(source, { failOn: 'warning' }).raw().toBuffer()).resolves.toHaveLength(400 * 300 * 3);
    expect(await rejectionFrom(oneThumbnail(source))).toMatchObject({ code: 'corrupt', retryable: false });
  });

  test('with a damaged middle is made where nobody wants it verified, except where its decoder warns', async () => {
    const source = await noisy(400, 300).jpeg().toBuffer();
    const options = { ...optionsFor([SMALL]), detectJpegCorruption: false };
    damage(source);
    expect(await render(source, options)).not.toHaveProperty('salvaged');
    expect((await rejectionFrom(render(source.subarray(0, -200), options))).code).toBe('truncated');
  });

  test('with data behind its last pixel is made, and says so', async () => {
    const whole = await noisy(400, 300).jpeg().toBuffer();
    const { warnings } = await rendered(inserted(whole, whole.length - 2, Buffer.from('left over')));
    expect(warnings).toMatchObject([{ code: 'corrupt' }]);
  });

  test('whose end is missing is refused, be it only the marker', async () => {
    const whole = await noisy(400, 300).jpeg().toBuffer();
    const end = whole.subarray(-2);
    for (const source of [
      whole.subarray(0, -2),
      Buffer.concat([whole.subarray(0, -6), end]),
      whole.subarray(0, -200),
    ]) {
      expect((await rejectionFrom(oneThumbnail(source))).code).toBe('truncated');
    }
  });
});

describe('other formats that are made although their end is missing say so', () => {
  test('a PNG without its last chunk', async () => {
    const whole = await quadrants({ format: 'png' });
    const last = pngChunksOf(whole).at(-1)!;
    const work = rendered(whole.subarray(0, last.at));
    const told = await work.then(
      ({ warnings }) => warnings[0]?.code,
      (error: { code: string }) => error.code,
    );
    expect(told).toBe('truncated');
  });

  test('a moving GIF without its last frames', async () => {
    const whole = await animation({ width: 200, height: 150, frames: ['red', 'green', 'blue', 'yellow'] });
    for (const part of [0.4, 0.6, 0.8]) {
      const { warnings, thumbnails } = await rendered(whole.subarray(0, Math.floor(whole.length * part)));
      expect(warnings).toMatchObject([{ code: 'truncated' }]);
      const [made] = thumbnails;
      expect((await sharp(made!.body).metadata()).pages ?? 1).toBe(made!.frames);
    }
  });
});

test('frames that are alike are counted as one, as they are stored', async () => {
  const source = await animation({ format: 'webp', frames: ['red', 'red', 'green', 'green'] });
  const [made] = (await rendered(source)).thumbnails;
  expect((await sharp(made!.body).metadata()).pages).toBe(made!.frames);
});
