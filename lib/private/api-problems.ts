import type { ThumbnailApiOptions } from '../thumbnail-api';
import { checkInteger } from './checks';

/** More than API Gateway gives to any account, so that what is over it is a slip. */
const MAX_RATE = 1_000_000;

/** What is wrong with the options of an API. */
export function apiProblems({ throttle }: ThumbnailApiOptions): string[] {
  return [
    ...checkInteger('throttle.rateLimit', throttle?.rateLimit, { min: 1, max: MAX_RATE, unit: 'requests per second' }),
    ...checkInteger('throttle.burstLimit', throttle?.burstLimit, { min: 1, max: MAX_RATE, unit: 'requests' }),
  ];
}
