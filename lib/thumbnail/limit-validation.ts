import { Duration } from 'aws-cdk-lib';
import { DEFAULT_LIMITS, type Limits } from '../../runtime/contract';
import { validateDuration, validateInteger, validateSize } from '../private/validation';
import type { ThumbnailLimits } from './thumbnail-limits';

/** The largest picture that the decoder takes unless told otherwise: https://sharp.pixelplumbing.com/api-constructor */
const DECODER_PIXELS = 0x3fff ** 2;
const pixels = { min: 1, max: DECODER_PIXELS };

/** What is wrong with limits. */
export function limitProblems(limits: ThumbnailLimits): string[] {
  return [
    ...validateSize('maxFileSize', limits.maxFileSize, { min: 1, max: 2 * 1024 ** 3 }),
    ...validateInteger('maxPixels', limits.maxPixels, pixels),
    ...validateInteger('maxProgressivePixels', limits.maxProgressivePixels, pixels),
    ...validateInteger('maxAnimationPixels', limits.maxAnimationPixels, pixels),
    ...validateInteger('maxFrames', limits.maxFrames, { min: 1, max: 10_000 }),
    ...validateDuration('maxDuration', limits.maxDuration, { min: 1, max: 900 }),
  ];
}

/** The limits that were given, as the program reads them. */
export function limitSettings(limits: ThumbnailLimits): Partial<Limits> {
  const settings = {
    maxFileSizeBytes: limits.maxFileSize?.toBytes(),
    maxPixels: limits.maxPixels,
    maxProgressivePixels: limits.maxProgressivePixels,
    maxAnimationPixels: limits.maxAnimationPixels,
    maxFrames: limits.maxFrames,
    maxDurationSeconds: limits.maxDuration?.toSeconds({ integral: false }),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

/** Time that one image may take. */
export function maxDurationOf(limits: ThumbnailLimits): Duration {
  return limits.maxDuration ?? Duration.seconds(DEFAULT_LIMITS.maxDurationSeconds);
}
