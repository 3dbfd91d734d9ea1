import sharp from 'sharp';
import { render } from '../../../runtime/engine';
import type { Warning } from '../../../runtime/errors/warning-codes';
import { inserted, patched, pngChunksOf } from '../../robustness/hostile/bytes';
import { noisy } from '../../robustness/hostile/seeds';
import { heic } from '../../support/heic';
import { animation, quadrants, seenQuadrants, UPRIGHT } from '../../support/images';
import { oneThumbnail, optionsFor, rejectionFrom } from './rendering';

const SMALL = {
  name: 'small',
  fit: 'inside',
  width: 40,
  height: 40,
  formats: [{ type: 'webp' }],
  animated: true,
} as const;

async function warningsOf(source: Buffer, detectJpegCorruption = true): Promise<readonly Warning[]> {
  return (await render(source, { ...optionsFor([SMALL]), detectJpegCorruption })).warnings;
}

/** Changes the scan parameters of a JPEG to the values of Samsung cameras: the last coefficient is 0 instead of 63. */
function withSamsungScan(jpeg: Buffer): Buffer {
  const scan = jpeg.indexOf('ffda', 'hex');
  return patched(jpeg, scan + jpeg.readUInt16BE(scan + 2), Buffer.from([0]));
}

/** Replaces data in the middle of a JPEG by bytes that are valid Huffman codes. */
function withDamage(jpeg: Buffer): Buffer {
  const middle = Math.floor(jpeg.length / 2);
  return Buffer.from(jpeg).fill(0x5a, middle, middle + 200);
}

describe('an intact image has no warning', () => {
  test.each(['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'] as const)('%s', async (format) => {
    expect(await warningsOf(await quadrants({ format }))).toEqual([]);
  });

  test('a HEIC, an animation and an image with data after its end have no warning', async () => {
    expect(await warningsOf(heic())).toEqual([]);
    for (const format of ['gif', 'webp'] as const) {
      expect(await warningsOf(await animation({ format, frames: ['red', 'green'] }))).toEqual([]);
    }
    for (const format of ['jpeg', 'png', 'gif'] as const) {
      expect(await warningsOf(Buffer.concat([await quadrants({ format }), Buffer.from('trailer')]))).toEqual([]);
    }
  });
});

describe('a JPEG', () => {
  test('the rendering of a JPEG contains the warning of libjpeg', async () => {
    const source = withSamsungScan(await quadrants());
    await expect(sharp(source, { failOn: 'warning' }).raw().toBuffer()).rejects.toThrow('Invalid SOS parameters');
    const { warnings, thumbnails } = await render(source, optionsFor([SMALL]));
    expect(warnings).toEqual([{ code: 'decoder-warning', message: 'Invalid SOS parameters for sequential JPEG' }]);
    expect(await seenQuadrants(thumbnails[0]!.body)).toEqual(UPRIGHT);
  });

  test('a JPEG with damage that libjpeg does not report has a warning only with detectJpegCorruption', async () => {
    const source = withDamage(await noisy(400, 300).jpeg().toBuffer());
    await expect(sharp(source, { failOn: 'warning' }).raw().toBuffer()).resolves.toHaveLength(400 * 300 * 3);
    expect(await warningsOf(source, true)).toMatchObject([{ code: 'corrupt' }]);
    expect(await warningsOf(source, false)).toEqual([]);
  });

  test('a JPEG with data after the last block has a warning with detectJpegCorruption', async () => {
    const whole = await noisy(400, 300).jpeg().toBuffer();
    const source = inserted(whole, whole.length - 2, Buffer.from('left over'));
    expect(await warningsOf(source)).toContainEqual(expect.objectContaining({ code: 'corrupt' }));
  });

  test('a JPEG without its last rows is rejected', async () => {
    const whole = await noisy(400, 300).jpeg().toBuffer();
    for (const detectJpegCorruption of [false, true]) {
      const rejected = render(whole.subarray(0, -200), { ...optionsFor([SMALL]), detectJpegCorruption });
      expect((await rejectionFrom(rejected)).code).toBe('truncated');
    }
  });
});

describe('a missing end after complete pixels', () => {
  test('a missing end of a PNG causes a warning or a rejection with the same code', async () => {
    const whole = await quadrants({ format: 'png' });
    const source = whole.subarray(0, pngChunksOf(whole).at(-1)!.at);
    const codes = await warningsOf(source).then(
      (warnings) => warnings.map(({ code }) => code),
      (error: { code: string }) => [error.code],
    );
    expect(codes).toEqual(['truncated']);
  });

  test('a missing end of an animated GIF causes a warning', async () => {
    const whole = await animation({ width: 200, height: 150, frames: ['red', 'green', 'blue', 'yellow'] });
    for (const part of [0.4, 0.6, 0.8]) {
      const source = whole.subarray(0, Math.floor(whole.length * part));
      expect(await warningsOf(source)).toMatchObject([{ code: 'truncated' }]);
      const made = await oneThumbnail(source, { format: 'webp', animated: true });
      expect((await sharp(made.body).metadata()).pages ?? 1).toBe(made.frames);
    }
  });
});

test('`frames` counts the frames of the output, in which equal frames are merged', async () => {
  const source = await animation({ format: 'webp', frames: ['red', 'red', 'green', 'green'] });
  const made = await oneThumbnail(source, { format: 'webp', animated: true });
  expect((await sharp(made.body).metadata()).pages).toBe(made.frames);
});
