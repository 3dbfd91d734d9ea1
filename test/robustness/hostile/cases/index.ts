import type { HostileCase } from './case';
import { disguiseCases } from './disguises';
import { gifCases } from './gif';
import { heifCases } from './heif';
import { jpegCases } from './jpeg';
import { pngCases } from './png';
import { svgCases } from './svg';
import { tiffCases } from './tiff';
import { webpCases } from './webp';

export type { HostileCase, Outcome } from './case';
export { drawing } from './svg';

/** All hostile cases by format. */
export const HOSTILE: Readonly<Record<string, readonly HostileCase[]>> = {
  jpeg: jpegCases,
  png: pngCases,
  gif: gifCases,
  webp: webpCases,
  tiff: tiffCases,
  'avif and heic': heifCases,
  svg: svgCases,
  'disguised files': disguiseCases,
};
