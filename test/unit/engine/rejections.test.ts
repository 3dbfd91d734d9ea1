import sharp from 'sharp';
import { REJECTION_CODES } from '../../../runtime/engine';
import { encodingErrorOf, heifRejectionOf, rejectionOf, withMessage } from '../../../runtime/engine/decoder-errors';
import { ImageRejection } from '../../../runtime/engine/rejection';
import { heic } from '../../support/heic';
import { animation, quadrants, seenQuadrants, UPRIGHT, type ImageFormat } from '../../support/images';
import { oneThumbnail, rejectionFrom } from './rendering';

const FORMATS: readonly ImageFormat[] = ['jpeg', 'png', 'webp', 'avif', 'gif', 'tiff'];

/** Creates a detailed image. The pixels require more bytes than the header. */
async function busy(format: ImageFormat, progressive = false): Promise<Buffer> {
  const noise = Buffer.alloc(200 * 150 * 3);
  let seed = 7;
  for (let i = 0; i < noise.length; i++) {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    noise[i] = seed >> 16;
  }
  const image = sharp(noise, { raw: { width: 200, height: 150, channels: 3 } }).blur(1.5);
  return format === 'jpeg'
    ? image.jpeg({ progressive }).toBuffer()
    : image.toFormat(format, { progressive }).toBuffer();
}

describe.each(FORMATS)('a %s', (format) => {
  test('an image without its end is rejected as truncated', async () => {
    const whole = await busy(format);
    for (let part = 1; part < 20; part++) {
      const rejection = await rejectionFrom(oneThumbnail(whole.subarray(0, Math.floor((whole.length * part) / 20))));
      expect(rejection).toMatchObject({ code: 'truncated', retryable: false });
      expect(rejection.message).toContain('the end of the file is missing');
    }
  });

  test('an image is rendered or rejected after random changes', async () => {
    const whole = await busy(format);
    let seed = 20_260_402;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return seed % below;
    };
    for (let i = 0; i < 60; i++) {
      const source = Buffer.from(whole);
      for (let k = 0; k < 4; k++) {
        source[random(source.length)] = random(256);
      }
      try {
        await oneThumbnail(source);
      } catch (error) {
        expect(error).toBeInstanceOf(ImageRejection);
      }
    }
  });
});

test.each([
  ['progressive JPEG', () => busy('jpeg', true)],
  ['interlaced PNG', () => busy('png', true)],
])('a %s without its end is rejected as truncated', async (_name, make) => {
  const whole = await make();
  expect((await rejectionFrom(oneThumbnail(whole.subarray(0, whole.length / 2)))).code).toBe('truncated');
});

test.each(FORMATS)('a %s of 24 bytes is rejected', async (format) => {
  const rejection = await rejectionFrom(oneThumbnail((await busy(format)).subarray(0, 24)));
  expect(['truncated', 'unsupported-format', 'corrupt']).toContain(rejection.code);
});

test.each(['png', 'webp'] as const)('a %s with damaged pixels is rejected', async (format) => {
  const source = await busy(format);
  const middle = Math.floor(source.length / 2);
  source.fill(0xf7, middle, middle + 400);
  expect((await rejectionFrom(oneThumbnail(source))).code).toBe('corrupt');
});

describe('an unusual image', () => {
  test('a JPEG with the scan parameters of Samsung cameras is accepted', async () => {
    const source = await quadrants();
    const scan = source.indexOf('ffda', 'hex');
    // The scan header ends with Ss, Se and AhAl. Se changes from 63 to 0.
    const length = source.readUInt16BE(scan + 2);
    expect(source[scan + 2 + length - 2]).toBe(63);
    source[scan + 2 + length - 2] = 0;
    await expect(sharp(source).raw().toBuffer()).rejects.toThrow('Invalid SOS parameters');
    expect(await seenQuadrants((await oneThumbnail(source)).body)).toEqual(UPRIGHT);
  });

  test('a JPEG with padding before the end marker is accepted', async () => {
    const source = await quadrants();
    const padded = Buffer.concat([source.subarray(0, -2), Buffer.alloc(20), source.subarray(-2)]);
    expect(await seenQuadrants((await oneThumbnail(padded)).body)).toEqual(UPRIGHT);
  });

  test('data after the end', async () => {
    for (const format of FORMATS) {
      const source = Buffer.concat([await quadrants({ format }), Buffer.from('and more')]);
      expect(await seenQuadrants((await oneThumbnail(source)).body)).toEqual(UPRIGHT);
    }
  });
});

describe('svg', () => {
  const svg = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="60"><rect width="80" height="60" fill="#e61e1e"/></svg>',
  );

  test('an SVG is rejected unless allowSvg is true', async () => {
    expect((await rejectionFrom(oneThumbnail(svg))).message).toContain('allowSvg');
    const made = await oneThumbnail(svg, { allowSvg: true });
    expect(made).toMatchObject({ width: 40, height: 30 });
    expect(await seenQuadrants(made.body)).toEqual(['red', 'red', 'red', 'red']);
    expect((await rejectionFrom(oneThumbnail(svg))).code).toBe('unsupported-format');
  });

  test('an SVG that exceeds maxPixels is rejected', async () => {
    const huge = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="30000" height="30000"/>');
    expect((await rejectionFrom(oneThumbnail(huge, { allowSvg: true }))).code).toBe('too-many-pixels');
  });
});

test('a truncated animation is rendered with its complete frames or rejected', async () => {
  const whole = await animation({ width: 200, height: 150, frames: ['red', 'green', 'blue', 'yellow'] });
  for (let part = 1; part < 8; part++) {
    const source = whole.subarray(0, Math.floor((whole.length * part) / 8));
    try {
      expect((await oneThumbnail(source, { format: 'webp', animated: true })).frames).toBeLessThanOrEqual(4);
    } catch (error) {
      expect(error).toMatchObject({ code: 'truncated' });
    }
  }
});

describe('errors', () => {
  const bytes = Buffer.from('\xff\xd8\xff\xda\xff\xd9', 'latin1');
  const code = (message: string): unknown => (rejectionOf(new Error(message), 'jpeg', bytes) as ImageRejection).code;

  test.each([
    ['timeout: 37% complete', 'timeout'],
    ['vips_tracked: out of memory -- size == 150MB', 'out-of-memory'],
    ['std::bad_alloc', 'out-of-memory'],
    ['VipsJpeg: premature end of JPEG image', 'truncated'],
    ['heif: Support for this compression format has not been built in: VVC (4.3000)', 'unsupported-format'],
    ['tiff2vips: LZMA compression support is not configured', 'unsupported-format'],
    ['Input image exceeds channel limit', 'unsupported-format'],
    ['VipsJpeg: Unsupported JPEG process: SOF type 0xc3', 'unsupported-format'],
    ['something that nobody has seen before', 'corrupt'],
  ])('errors of a decoder with the message %j have the code %s', (message, expected) => {
    expect(code(message)).toBe(expected);
  });

  test('the message of a decoder error has one line without repetition', () => {
    const error = new Error(
      'Input buffer has corrupt header: source: bad seek to 9\nheif: Invalid input\nheif: Invalid input\n',
    );
    const rejection = rejectionOf(error, 'jpeg', bytes) as ImageRejection;
    expect(rejection.message).toBe('the image is corrupt (heif: Invalid input)');
    expect(rejection.cause).toBe(error);
    expect((rejectionOf(new Error('Unknown error'), 'jpeg', bytes) as Error).message).toContain('no message');
  });

  test('rejectionOf() and encodingErrorOf() return errors of the runtime unchanged', () => {
    const missing = Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' });
    for (const error of [new TypeError('x is not a function'), new RangeError('out of range'), missing, 'text']) {
      expect(rejectionOf(error, 'jpeg', bytes)).toBe(error);
      expect(encodingErrorOf(error)).toBe(error);
    }
  });

  test('errors of an encoder have only the codes timeout and out-of-memory', () => {
    expect(encodingErrorOf(new Error('timeout: 1% complete'))).toMatchObject({ code: 'timeout' });
    expect(encodingErrorOf(new Error('out of memory'))).toMatchObject({ code: 'out-of-memory' });
    const other = new Error('webpsave: parameter is wrong');
    expect(encodingErrorOf(other)).toBe(other);
  });

  test.each([
    [{ code: 2, subcode: 100 }, 'truncated'],
    [{ code: 2, subcode: 129 }, 'corrupt'],
    [{ code: 2, subcode: 1000 }, 'corrupt'],
    [{ code: 4, subcode: 3000 }, 'unsupported-format'],
    [{ code: 6, subcode: 0 }, 'out-of-memory'],
    [{ code: 6, subcode: 1000 }, 'corrupt'],
    [{ code: 7, subcode: 0 }, 'corrupt'],
  ])('errors of libheif with %j have the code %s', (failure, expected) => {
    expect(heifRejectionOf({ ...failure, message: 'why' }, heic())).toMatchObject({ code: expected });
  });

  test('withMessage() repeats a call that fails without an error message', async () => {
    const answers = ['Unknown error', 'LZMA is not configured'];
    const run = jest.fn(() => Promise.reject(new Error(answers.shift() ?? 'Unknown error')));
    await expect(withMessage(run)).rejects.toThrow('LZMA is not configured');
    expect(run).toHaveBeenCalledTimes(2);
    run.mockClear();
    await expect(withMessage(run)).rejects.toThrow('Unknown error');
    expect(run).toHaveBeenCalledTimes(3);
    await expect(withMessage(() => Promise.resolve('made'))).resolves.toBe('made');
  });
});

test('only timeout and out-of-memory are retryable', () => {
  const retryable = REJECTION_CODES.filter((code) => new ImageRejection(code, 'why').retryable);
  expect(retryable).toEqual(['timeout', 'out-of-memory']);
});
