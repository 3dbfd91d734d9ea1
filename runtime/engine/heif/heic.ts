import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Deadline } from '../deadline';
import { heifRejectionOf, type HeifFailure } from '../decoder-errors';
import { sharp } from '../libvips';
import type { Size } from '../pixels/geometry';
import { pixelsToSrgb } from '../pixels/icc-profile';
import { profileOfCodePoints } from '../pixels/matrix-profile';
import { toPixels, type Pixels } from '../pixels/pixels';
import { ImageRejection } from '../rejection';
import { withoutCrop } from './clean-aperture';
import type { CodePoints } from './primary-item';

/** Image that the worker thread decodes. The script {@link ./heic-decoder} declares an identical type. */
interface HeicImage {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly premultiplied: boolean;
  readonly profile: Uint8Array | undefined;
  readonly codePoints: CodePoints | undefined;
}
type Result = { readonly image: HeicImage } | { readonly failure: HeifFailure };

/** Path of the worker thread's script. The build copies the script to the folder of the bundle. */
const DECODER = join(__dirname, 'heic-decoder.js');

/**
 * Maximum WebAssembly memory of the decoder in bytes. The memory contains the code, the file, and the buffers of the
 * HEVC decoder: one tile or the reference frames. It does not contain the pixels of the decoded image.
 */
const DECODER_MEMORY = 512 * 1024 * 1024;
/** Limits of the worker thread's JavaScript heap in MB. The heap contains neither pixels nor WebAssembly memory. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 };

/**
 * Decodes a HEIC and resizes the image. libheif applies the rotation and mirroring of the container. The function ignores the
 * EXIF orientation, because the EXIF orientation only repeats the rotation and mirroring.
 *
 * @throws ImageRejection if libheif reports an error, or the image exceeds `maxPixels`
 * @see ISO/IEC 23008-12, section 6.5.10
 */
export async function decodeHeic(bytes: Buffer, size: Size, maxPixels: number, deadline: Deadline): Promise<Pixels> {
  const uncropped = withoutCrop(bytes);
  const image = await decodeInThread(uncropped?.bytes ?? bytes, maxPixels, deadline);
  const { pixels, width, height, channels, premultiplied, profile, codePoints } = image;
  const source = sharp(pixels, { raw: { width, height, channels, premultiplied }, limitInputPixels: false });
  const resized = (uncropped ? source.extract(uncropped.area) : source)
    .resize(size.width, size.height, { fit: 'fill' })
    .timeout({ seconds: deadline.remainingSeconds });
  const decoded = await toPixels(resized);
  const colours = profile ?? (codePoints && profileOfCodePoints(codePoints.primaries, codePoints.transfer));
  return colours === undefined ? decoded : pixelsToSrgb(decoded, colours);
}

async function decodeInThread(bytes: Buffer, maxPixels: number, deadline: Deadline): Promise<HeicImage> {
  const worker = new Worker(DECODER, {
    workerData: { bytes, maxPixels, maxMemory: DECODER_MEMORY },
    resourceLimits: RESOURCE_LIMITS,
    // The worker thread must not inherit flags of the main thread, such as a TypeScript loader.
    execArgv: [],
  });
  try {
    const result = await deadline.race(resultOf(worker));
    if ('failure' in result) {
      throw heifRejectionOf(result.failure, bytes);
    }
    return result.image;
  } finally {
    await worker.terminate();
  }
}

function resultOf(worker: Worker): Promise<Result> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') {
        reject(error);
      } else {
        reject(new ImageRejection('out-of-memory', 'not enough memory to decode the image', { cause: error }));
      }
    });
    worker.once('exit', () => {
      reject(new ImageRejection('corrupt', 'the image is corrupt: its decoder ended without a result'));
    });
  });
}
