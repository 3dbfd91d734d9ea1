import sharp from 'sharp';
import { requireCompetitor } from './competitors';

/** The part of https://github.com/obartra/ssim that the benchmark uses. */
interface SsimModule {
  readonly ssim: (
    one: ImageData,
    other: ImageData,
    options: { readonly ssim: 'fast'; readonly downsample: false },
  ) => { readonly mssim: number };
}

interface ImageData {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8ClampedArray;
}

/** Weights of Y, Cb and Cr. Y has the highest weight, because the eye is most sensitive to brightness. */
const WEIGHTS = [0.8, 0.1, 0.1] as const;
/** Maximum width and height of the compared centre crop, in pixels. A comparison of larger images would require seconds. */
const PART = 512;

/**
 * Returns the structural dissimilarity (DSSIM) of two images of equal size: (1 - SSIM) / 2. The value is 0 for equal
 * pixels, and at most 1.
 *
 * Calculates SSIM on Y, Cb and Cr at full resolution, with the Gaussian window of 11 pixels from Wang et al. (2004):
 * "Image quality assessment: from error visibility to structural similarity". For large images, the function compares
 * only the centre crop.
 *
 * The studio has its own implementation, because the published package does not contain ssim.js.
 *
 * @throws Error if the sizes differ
 */
export async function dssim(image: Buffer, reference: Buffer): Promise<number> {
  const [planes, wanted] = await Promise.all([planesOf(image), planesOf(reference)]);
  const { ssim } = requireCompetitor('ssim.js') as SsimModule;
  const similarity = WEIGHTS.reduce((sum, weight, index) => {
    const { mssim } = ssim(planes[index]!, wanted[index]!, { ssim: 'fast', downsample: false });
    return sum + weight * mssim;
  }, 0);
  return (1 - similarity) / 2;
}

/** Returns Y, Cb and Cr (ITU-R BT.601, full range) as grey images. Blends transparent pixels with white. */
async function planesOf(bytes: Buffer): Promise<ImageData[]> {
  const { width: fullWidth, height: fullHeight } = await sharp(bytes).metadata();
  const part = { width: Math.min(PART, fullWidth), height: Math.min(PART, fullHeight) };
  const [left, top] = [Math.floor((fullWidth - part.width) / 2), Math.floor((fullHeight - part.height) / 2)];
  const { data, info } = await sharp(bytes)
    .extract({ left, top, ...part })
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const planes = WEIGHTS.map(() => new Uint8ClampedArray(width * height * 4));
  for (let from = 0, to = 0; from < data.length; from += 3, to += 4) {
    const [r, g, b] = [data[from]!, data[from + 1]!, data[from + 2]!];
    const y = 0.299 * r + 0.587 * g + 0.114 * b;
    paint(planes[0]!, to, y);
    paint(planes[1]!, to, 128 + (b - y) / 1.772);
    paint(planes[2]!, to, 128 + (r - y) / 1.402);
  }
  return planes.map((plane) => ({ width, height, data: plane }));
}

function paint(plane: Uint8ClampedArray, at: number, value: number): void {
  plane[at] = plane[at + 1] = plane[at + 2] = value;
}
