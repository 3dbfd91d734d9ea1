import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Deadline } from '../deadline';
import { heifRejectionOf, type HeifFailure } from '../decoder-errors';
import { sharp } from '../libvips';
import type { Size } from '../pixels/geometry';
import { displayP3, toSrgb } from '../pixels/icc-profile';
import { toPixels, type Pixels } from '../pixels/pixels';
import { ImageRejection } from '../rejection';

/** See {@link ./heic-decoder}, which runs in the thread: here and there it is the same. */
interface HeicPicture {
  readonly pixels: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly premultiplied: boolean;
  readonly profile: Uint8Array | undefined;
  readonly primaries: number | undefined;
}
type Answer = { readonly picture: HeicPicture } | { readonly failure: HeifFailure };

/** Beside this file in the sources, and beside the program's bundle when it is built. */
const DECODER = join(__dirname, 'heic-decoder.js');

/** Colour primaries of Display P3 in ITU-T H.273. */
const PRIMARIES_DISPLAY_P3 = 12;

/** Memory of the WebAssembly decoder beyond what the pixels explain: its code, the file, one tile or the reference frames. */
const DECODER_MEMORY = 512 * 1024 * 1024;
/** The thread's own JavaScript needs little; pixels and WebAssembly are not counted here. */
const RESOURCE_LIMITS = { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 16 };

/**
 * Decodes a HEIC and brings it to a size. libheif itself applies the rotation and mirroring that the container asks for;
 * the EXIF orientation beside it is a copy for information, as the format's standard says, and is not applied again.
 */
export async function decodeHeic(bytes: Buffer, size: Size, maxPixels: number, deadline: Deadline): Promise<Pixels> {
  const { pixels, width, height, channels, premultiplied, profile, primaries } = await decodeInThread(
    bytes,
    maxPixels,
    deadline,
  );
  const source = sharp(pixels, { raw: { width, height, channels, premultiplied }, limitInputPixels: false });
  const resized = source
    .resize(size.width, size.height, { fit: 'fill' })
    .timeout({ seconds: deadline.remainingSeconds });
  const picture = await toPixels(resized);
  if (profile !== undefined) {
    return toSrgb(picture, profile);
  }
  return primaries === PRIMARIES_DISPLAY_P3 ? toSrgb(picture, await displayP3()) : picture;
}

async function decodeInThread(bytes: Buffer, maxPixels: number, deadline: Deadline): Promise<HeicPicture> {
  const worker = new Worker(DECODER, {
    workerData: { bytes, maxPixels, maxMemory: DECODER_MEMORY },
    resourceLimits: RESOURCE_LIMITS,
    // The program's own flags (a loader of TypeScript, for one) are not for this thread.
    execArgv: [],
  });
  try {
    const answer = await deadline.race(answerOf(worker));
    if ('failure' in answer) {
      throw heifRejectionOf(answer.failure, bytes);
    }
    return answer.picture;
  } finally {
    await worker.terminate();
  }
}

function answerOf(worker: Worker): Promise<Answer> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') {
        reject(error);
      } else {
        reject(new ImageRejection('out-of-memory', 'there is not enough memory to decode the image', { cause: error }));
      }
    });
    worker.once('exit', () => {
      reject(new ImageRejection('corrupt', 'the image is damaged: its decoder gave up without a word'));
    });
  });
}
