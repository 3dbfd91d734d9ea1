import { codePointsOf } from '../heif/primary-item';
import { greyTableOf } from '../pixels/grey-profile';
import { profileOfCodePoints } from '../pixels/matrix-profile';
import type { SourceFormat, SourceMetadata } from '../types';
import { pngColourOf } from './png-colour';

/** Colour information of a source that libvips does not apply in its conversion to sRGB. */
export interface SourceColour {
  /** ICC profile of the decoded pixels. Undefined if libvips already converts the pixels to sRGB. */
  readonly profile?: Buffer;
  /** Table from 16-bit grey samples to 8-bit sRGB values. Defined only for sources with 16-bit grey and an ICC profile. */
  readonly greyTable?: Uint8Array;
  /** Whether libvips must ignore the ICC profile in the file, because other colour information has precedence. */
  readonly ignoresIcc: boolean;
  /** Whether the source has 16 bits per channel and an ICC profile. By default, sharp converts such a source to Display P3. */
  readonly deepWithIcc: boolean;
  /** Whether the source has more than 8 bits per channel. */
  readonly deep: boolean;
}

/**
 * Returns the information for the conversion of decoded pixels to sRGB. libvips applies most ICC profiles, but ignores:
 * - code points of ITU-T H.273 (CICP) in AVIF and PNG
 * - the gamma of PNG
 * - ICC profiles of 16-bit grey
 */
export function sourceColourOf(format: SourceFormat, bytes: Buffer, metadata: SourceMetadata): SourceColour {
  const { hasProfile, space, icc } = metadata;
  const deep = metadata.depth === 'ushort';
  const base = { ignoresIcc: false, deepWithIcc: space === 'rgb16' && hasProfile, deep };
  if (format === 'png') {
    const { profile, overridesIcc } = pngColourOf(bytes);
    if (profile || overridesIcc) {
      return { ...base, ...(profile && { profile }), ignoresIcc: overridesIcc, deepWithIcc: false };
    }
  }
  if (format === 'avif' && !hasProfile) {
    const codePoints = codePointsOf(bytes);
    const profile = codePoints && profileOfCodePoints(codePoints.primaries, codePoints.transfer);
    return { ...base, ...(profile && { profile }) };
  }
  if (space === 'grey16' && icc) {
    const greyTable = greyTableOf(icc);
    return { ...base, ...(greyTable && { greyTable }) };
  }
  return base;
}
