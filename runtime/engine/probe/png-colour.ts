import { BT709, matrixProfile, profileOfCodePoints, type Primaries } from '../pixels/matrix-profile';
import { powerCurve } from '../pixels/transfer-curves';
import { pngChunksOf } from './png-chunks';

/** Colour information of a PNG that libvips does not apply. */
export interface PngColour {
  /** ICC profile of the pixels. Undefined for pixels in sRGB, and for pixels that libvips converts to sRGB. */
  readonly profile: Buffer | undefined;
  /** Whether libvips must ignore an ICC profile in the file. */
  readonly overridesIcc: boolean;
}

/** Relative difference from the gamma of sRGB below which the difference is invisible. @see PNG_GAMMA_THRESHOLD of libpng */
const GAMMA_THRESHOLD = 0.05;
/** Gamma of sRGB in a gAMA chunk. @see PNG specification, section 11.3.2.5 */
const SRGB_GAMMA = 1 / 2.2;
/** Difference from a chromaticity coordinate of sRGB below which the difference is invisible. */
const CHROMATICITY_THRESHOLD = 0.002;

/**
 * Reads the colour chunks before the image data of a PNG. The order of precedence is cICP, iCCP, sRGB, then gAMA with cHRM.
 *
 * @see https://www.w3.org/TR/png-3/#11addnlcolinfo
 */
export function pngColourOf(png: Buffer): PngColour {
  const chunks = colourChunksOf(png);
  const codePoints = chunks.get('cICP');
  if (codePoints && codePoints.length >= 4) {
    return { profile: profileOfCodePoints(codePoints[0]!, codePoints[1]!), overridesIcc: true };
  }
  const gamma = chunks.get('gAMA');
  if (chunks.has('iCCP') || chunks.has('sRGB') || !gamma || gamma.length < 4) {
    return { profile: undefined, overridesIcc: false };
  }
  return { profile: gammaProfile(gamma.readUInt32BE(0) / 100_000, chunks.get('cHRM')), overridesIcc: false };
}

function gammaProfile(gamma: number, chromaticities: Buffer | undefined): Buffer | undefined {
  const primaries = primariesOf(chromaticities);
  const isSrgbGamma = Math.abs(gamma / SRGB_GAMMA - 1) < GAMMA_THRESHOLD;
  // Browsers ignore the invalid gamma 0.
  if (gamma <= 0 || gamma > 10 || (isSrgbGamma && primaries === BT709)) {
    return undefined;
  }
  return matrixProfile(primaries, powerCurve(1 / gamma));
}

/**
 * Returns the primaries of a cHRM chunk. Returns the primaries of sRGB if the chunk is missing or invalid, or if the difference
 * from sRGB is invisible.
 */
function primariesOf(chunk: Buffer | undefined): Primaries {
  if (!chunk || chunk.length < 32) {
    return BT709;
  }
  const at = (index: number): readonly [number, number] => [
    chunk.readUInt32BE(8 * index) / 100_000,
    chunk.readUInt32BE(8 * index + 4) / 100_000,
  ];
  const primaries: Primaries = { white: at(0), red: at(1), green: at(2), blue: at(3) };
  const pairs = (['white', 'red', 'green', 'blue'] as const).map((name) => [primaries[name], BT709[name]] as const);
  const isSrgb = pairs.every(([[x, y], [otherX, otherY]]) =>
    [x - otherX, y - otherY].every((difference) => Math.abs(difference) < CHROMATICITY_THRESHOLD),
  );
  const isValid = pairs.every(([[x, y]]) => x >= 0 && y > 0 && x + y <= 1) && areaOf(primaries) > 1e-3;
  return isSrgb || !isValid ? BT709 : primaries;
}

/** Returns twice the area of the triangle that red, green and blue form in the chromaticity diagram. */
function areaOf({ red, green, blue }: Primaries): number {
  return Math.abs((green[0] - red[0]) * (blue[1] - red[1]) - (blue[0] - red[0]) * (green[1] - red[1]));
}

function colourChunksOf(png: Buffer): Map<string, Buffer> {
  const chunks = new Map<string, Buffer>();
  for (const { type, content } of pngChunksOf(png)) {
    if (type === 'IDAT' || type === 'IEND') {
      break;
    }
    if (['cICP', 'iCCP', 'sRGB', 'gAMA', 'cHRM'].includes(type)) {
      chunks.set(type, content);
    }
  }
  return chunks;
}
