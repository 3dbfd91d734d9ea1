import sharp, { type JpegOptions } from 'sharp';
import { scanFaultOf } from '../../../../runtime/engine/jpeg/jpeg-scan';
import { Random } from '../../../support/random';

/** Creates noise over a gradient, which needs long Huffman codes at high quality. */
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
  test.each([90, 92, 94, 96, 98, 99, 100])('at quality %i', async (quality) => {
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
            // The reference: libjpeg decodes the image without a warning.
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
