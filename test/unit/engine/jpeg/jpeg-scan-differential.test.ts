import sharp, { type JpegOptions } from 'sharp';
import { scanFaultOf } from '../../../../runtime/engine/jpeg/jpeg-scan';
import { encodeJpeg } from '../../../support/jpeg-encoder';
import { Random } from '../../../support/random';

/** Creates a gradient with noise. At high quality, the image needs long Huffman codes. */
function noise(random: Random, width: number, height: number, channels: 1 | 3, amplitude: number): sharp.Sharp {
  const pixels = Buffer.alloc(width * height * channels);
  for (let at = 0; at < pixels.length; at++) {
    pixels[at] = Math.min(255, (at % 97) + random.below(amplitude + 1));
  }
  return sharp(pixels, { raw: { width, height, channels } });
}

const COLOURSPACES = ['srgb', 'b-w', 'cmyk'] as const;
const SAMPLINGS = ['4:2:0', '4:4:4'] as const;
const AMPLITUDES = [0, 40, 255] as const;

describe.each(COLOURSPACES)('intact JPEGs in %s have no fault', (space) => {
  test.each([90, 92, 94, 96, 98, 99, 100])('an intact JPEG at quality %i has no fault', async (quality) => {
    const random = Random.of(quality, COLOURSPACES.indexOf(space));
    for (const chromaSubsampling of SAMPLINGS) {
      for (const amplitude of AMPLITUDES) {
        for (const optimiseCoding of [true, false]) {
          for (const progressive of [false, true]) {
            const [width, height] = [1 + random.below(200), 1 + random.below(200)];
            const options: JpegOptions = { quality, chromaSubsampling, optimiseCoding, progressive };
            const jpeg = await noise(random, width, height, space === 'b-w' ? 1 : 3, amplitude)
              .toColourspace(space)
              .jpeg(options)
              .toBuffer();
            // libjpeg is the reference: libjpeg decodes an intact image without a warning.
            await sharp(jpeg, { failOn: 'warning' }).raw().toBuffer();
            expect({ options, width, height, fault: scanFaultOf(jpeg) }).toEqual({
              options,
              width,
              height,
              fault: undefined,
            });
          }
        }
      }
    }
  });
});

describe.each([
  ['4:4:4', [1, 1]],
  ['4:2:2', [2, 1]],
  ['4:4:0', [1, 2]],
  ['4:2:0', [2, 2]],
  ['4:1:1', [4, 1]],
] as const)('intact JPEGs with %s sampling and restart intervals', (_, sampling) => {
  test.each([1, 3] as const)('an intact JPEG of %i components has no fault', async (components) => {
    const random = Random.of(4 * sampling[0] + sampling[1], components);
    for (const step of [1, 4, 40]) {
      for (const restartInterval of [0, 1, 2, 7, 1000]) {
        const [width, height] = [1 + random.below(60), 1 + random.below(60)];
        const values = Array.from({ length: 3 * 60 * 60 }, () => random.below(256));
        const sample = (component: number, x: number, y: number) => values[(component * 60 + y) * 60 + x]!;
        const jpeg = encodeJpeg({ width, height, sampling, components, step, restartInterval, sample });
        const { data, info } = await sharp(jpeg, { failOn: 'warning' }).raw().toBuffer({ resolveWithObject: true });
        expect(info).toMatchObject({ width, height });
        if (components === 1 && step === 1) {
          const grey = Array.from({ length: width * height }, (__, at) => data[at * info.channels]!);
          grey.forEach((value, at) =>
            expect(Math.abs(value - sample(0, at % width, Math.floor(at / width)))).toBeLessThan(4),
          );
        }
        const found = { step, restartInterval, width, height, fault: scanFaultOf(jpeg) };
        expect(found).toEqual({ ...found, fault: undefined });
        // A lost restart interval is a fault.
        const markers = restartMarkersOf(jpeg);
        if (markers.length > 1) {
          const [from = 0, to = 0] = markers;
          expect(scanFaultOf(Buffer.concat([jpeg.subarray(0, from), jpeg.subarray(to)]))).toBeDefined();
        }
      }
    }
  });
});

/** Returns the positions of the restart markers. */
function restartMarkersOf(jpeg: Buffer): number[] {
  return Array.from(jpeg.keys()).filter((at) => jpeg[at] === 0xff && (jpeg[at + 1]! & 0xf8) === 0xd0);
}
