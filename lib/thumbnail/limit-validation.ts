import { Duration, Token } from 'aws-cdk-lib';
import { DEFAULT_LIMITS, type Limits } from '../../runtime/contract';
import { validateDuration, validateInteger, validateSize } from '../private/validation';
import type { ThumbnailLimits } from './thumbnail-limits';

/** Default maximum number of pixels in sharp: https://sharp.pixelplumbing.com/api-constructor */
const DECODER_PIXELS = 0x3fff ** 2;
const PIXELS = { min: 1, max: DECODER_PIXELS };

/** Validates the limits. */
export function validateLimits(limits: ThumbnailLimits): string[] {
  return [
    ...validateSize('maxFileSize', limits.maxFileSize, { min: 1, max: 2 * 1024 ** 3 }),
    ...validateInteger('maxPixels', limits.maxPixels, PIXELS),
    ...validateInteger('maxProgressivePixels', limits.maxProgressivePixels, PIXELS),
    ...validateInteger('maxAnimationPixels', limits.maxAnimationPixels, PIXELS),
    ...validateInteger('maxFrames', limits.maxFrames, { min: 1, max: 10_000 }),
    ...validateDuration('maxDuration', limits.maxDuration, { min: 1, max: 900 }),
  ];
}

/** Returns the defined limits as settings of the runtime. */
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

/** Returns the defined limits whose values are known at synthesis. */
export function knownLimits(limits: ThumbnailLimits): Partial<Limits> {
  return Object.fromEntries(Object.entries(limitSettings(limits)).filter(([, value]) => !Token.isUnresolved(value)));
}

/** Returns the maximum processing time of one image. */
export function maxDurationOf(limits: ThumbnailLimits): Duration {
  return limits.maxDuration ?? Duration.seconds(DEFAULT_LIMITS.maxDurationSeconds);
}
