import { invalidValue, nested, outOfRange, secondsOf, validateDuration, validateSize } from '../../private/validation';
import type { IThumbnailCompute, ThumbnailComputeContext } from '../compute-protocol';
import type { ThumbnailHybridOptions, ThumbnailLargeFromOptions } from './thumbnail-hybrid-options';

/** Both computes of a hybrid compute. */
export interface HybridParts {
  readonly small: IThumbnailCompute;
  readonly large: IThumbnailCompute;
}

export function validateHybrid(
  { small, large }: HybridParts,
  { largeFrom }: ThumbnailHybridOptions,
  context: ThumbnailComputeContext,
): string[] {
  return [
    ...nested('small', small.validate(context)),
    // Omits the queue and the API access of the pipeline: the large compute has its own queue and serves no HTTP API.
    ...nested('large', large.validate({ maxDuration: context.maxDuration })),
    ...validateMemory({ small, large }),
    ...nested('largeFrom', validateConditions(largeFrom ?? {}, context)),
  ];
}

/** Validates that the large worker has more memory for one image than the small worker. */
function validateMemory({ small, large }: HybridParts): string[] {
  const [smallMiB, largeMiB] = [small.imageMemoryMiB, large.imageMemoryMiB];
  if (smallMiB === undefined || largeMiB === undefined || largeMiB > smallMiB) {
    return [];
  }
  const allowed = `more than the ${smallMiB} MiB of small`;
  return [invalidValue('large', `a compute with ${largeMiB} MiB for one image`, allowed)];
}

function validateConditions(
  { fileSize, duration }: ThumbnailLargeFromOptions,
  { maxDuration }: ThumbnailComputeContext,
): string[] {
  const errors = [
    ...validateSize('fileSize', fileSize, { min: 1, max: Number.MAX_SAFE_INTEGER }),
    ...validateDuration('duration', duration, { min: 1, max: 43_200 }),
  ];
  const [seconds, maxSeconds] = [secondsOf(duration), secondsOf(maxDuration)];
  if (errors.length === 0 && seconds !== undefined && maxSeconds !== undefined && seconds >= maxSeconds) {
    errors.push(outOfRange('duration', `${seconds} s`, `less than limits.maxDuration (${maxSeconds} s)`));
  }
  return errors;
}
