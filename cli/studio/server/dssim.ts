import sharp from 'sharp';

/** Weights of Y, Cb and Cr. Y has the highest weight, because the eye is most sensitive to brightness. */
const WEIGHTS = [0.8, 0.1, 0.1] as const;
/** Maximum width and height of the compared centre crop, in pixels. A comparison of larger images would require seconds. */
const PART = 512;
/** Stabilizing constants of SSIM for values from 0 to 255. */
const [C1, C2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
/** Radius of the Gaussian window in pixels. The window has 11 pixels and a standard deviation of 1.5. */
const RADIUS = 5;
const WINDOW = gaussian(RADIUS, 1.5);

interface Planes {
  readonly width: number;
  readonly height: number;
  /** Y, Cb and Cr. */
  readonly planes: readonly Float32Array[];
}

/**
 * Returns the structural dissimilarity (DSSIM) of two images of equal size: (1 - SSIM) / 2. The value is 0 for equal pixels,
 * and at most 1.
 *
 * Calculates SSIM on Y, Cb and Cr at full resolution, with the Gaussian window of 11 pixels from Wang et al. (2004): "Image
 * quality assessment: from error visibility to structural similarity". For large images, the function compares only the centre
 * crop.
 *
 * @param background colour behind transparent pixels, such as `#ffffff`
 * @throws Error if the sizes differ
 */
export async function dssim(image: Buffer, reference: Buffer, background = '#ffffff'): Promise<number> {
  const [one, other] = await Promise.all([planesOf(image, background), planesOf(reference, background)]);
  if (one.width !== other.width || one.height !== other.height) {
    throw new Error(
      `sizes differ: ${one.width}×${one.height} and ${other.width}×${other.height} pixels; expected equal sizes`,
    );
  }
  const { width, height } = one;
  const similarity = WEIGHTS.reduce(
    (sum, weight, index) => sum + weight * ssim(one.planes[index]!, other.planes[index]!, width, height),
    0,
  );
  return (1 - similarity) / 2;
}

/** Returns the Y, Cb and Cr planes (ITU-R BT.601, full range) of the centre crop. */
async function planesOf(bytes: Buffer, background: string): Promise<Planes> {
  const { width: fullWidth, height: fullHeight } = await sharp(bytes).metadata();
  const [width, height] = [Math.min(PART, fullWidth), Math.min(PART, fullHeight)];
  const [left, top] = [Math.floor((fullWidth - width) / 2), Math.floor((fullHeight - height) / 2)];
  const data = await sharp(bytes)
    .extract({ left, top, width, height })
    .flatten({ background })
    .toColourspace('srgb')
    .removeAlpha()
    .raw()
    .toBuffer();
  const planes = WEIGHTS.map(() => new Float32Array(width * height));
  for (let from = 0, to = 0; to < width * height; from += 3, to++) {
    const [r, g, b] = [data[from]!, data[from + 1]!, data[from + 2]!];
    const y = 0.299 * r + 0.587 * g + 0.114 * b;
    planes[0]![to] = y;
    planes[1]![to] = 128 + (b - y) / 1.772;
    planes[2]![to] = 128 + (r - y) / 1.402;
  }
  return { width, height, planes };
}

/** Returns the mean structural similarity (SSIM) of two planes. */
function ssim(one: Float32Array, other: Float32Array, width: number, height: number): number {
  const product = (left: Float32Array, right: Float32Array): Float32Array =>
    left.map((value, at) => value * right[at]!);
  const blurred = [one, other, product(one, one), product(other, other), product(one, other)].map((plane) =>
    blur(plane, width, height),
  );
  const [mean1, mean2, square1, square2, cross] = blurred as [
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
    Float32Array,
  ];
  let sum = 0;
  for (let at = 0; at < mean1.length; at++) {
    const [m1, m2] = [mean1[at]!, mean2[at]!];
    const variances = square1[at]! - m1 * m1 + square2[at]! - m2 * m2;
    const covariance = cross[at]! - m1 * m2;
    sum += ((2 * m1 * m2 + C1) * (2 * covariance + C2)) / ((m1 * m1 + m2 * m2 + C1) * (variances + C2));
  }
  return sum / mean1.length;
}

/**
 * Convolves a plane with the Gaussian window, horizontally and vertically. Pixels beyond an edge have the value of the nearest
 * edge pixel.
 */
function blur(plane: Float32Array, width: number, height: number): Float32Array {
  const rows = convolve(plane, width, height, 1, width);
  return convolve(rows, height, width, width, 1);
}

/**
 * Convolves lines of `length` pixels. The distance between two pixels of a line is `step`. The distance between the starts of
 * two lines is `stride`.
 */
function convolve(plane: Float32Array, length: number, lines: number, step: number, stride: number): Float32Array {
  const result = new Float32Array(plane.length);
  for (let line = 0; line < lines; line++) {
    const start = line * stride;
    for (let at = 0; at < length; at++) {
      let sum = 0;
      for (let offset = -RADIUS; offset <= RADIUS; offset++) {
        const from = Math.min(length - 1, Math.max(0, at + offset));
        sum += WINDOW[offset + RADIUS]! * plane[start + from * step]!;
      }
      result[start + at * step] = sum;
    }
  }
  return result;
}

function gaussian(radius: number, deviation: number): readonly number[] {
  const values = Array.from({ length: 2 * radius + 1 }, (_, at) =>
    Math.exp(-((at - radius) ** 2) / (2 * deviation ** 2)),
  );
  const total = values.reduce((sum, value) => sum + value, 0);
  return values.map((value) => value / total);
}
