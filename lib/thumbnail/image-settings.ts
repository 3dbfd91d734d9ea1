import { Duration } from 'aws-cdk-lib';
import {
  DEFAULT_LIMITS,
  DEFAULT_THUMBNAILS,
  imageMemoryMiB,
  type Limits,
  type ThumbnailSettings,
} from '../../runtime/contract';
import { knownLimits, limitSettings, maxDurationOf } from './limit-validation';
import type { Thumbnail } from './thumbnail';
import type { ThumbnailLimits } from './thumbnail-limits';
import type { ThumbnailRule } from './thumbnail-rule';

/** Props that determine the thumbnails of an image. */
export interface ImageProps {
  readonly thumbnails?: readonly Thumbnail[];
  readonly limits?: ThumbnailLimits;
  readonly rules?: readonly ThumbnailRule[];
}

/** Settings of a rule that the runtime reads. The object omits undefined settings. */
export interface RuleEntry {
  readonly prefix?: string;
  readonly suffix?: string;
  readonly thumbnails?: readonly ThumbnailSettings[];
  readonly limits?: Partial<Limits>;
}

/** Returns the thumbnails of the pipeline, without the thumbnails of rules. */
export function thumbnailsOf({ thumbnails }: ImageProps): readonly ThumbnailSettings[] {
  return thumbnails?.map((thumbnail) => thumbnail._settings()) ?? DEFAULT_THUMBNAILS;
}

/** Returns the rules. */
export function ruleEntriesOf({ rules = [] }: ImageProps): readonly RuleEntry[] {
  return rules.map(({ _prefix: prefix, _suffix: suffix, _options: { thumbnails, limits } }) => ({
    ...(prefix !== '' && { prefix }),
    ...(suffix !== '' && { suffix }),
    ...(thumbnails && { thumbnails: thumbnails.map((thumbnail) => thumbnail._settings()) }),
    ...(limits && { limits: limitSettings(limits) }),
  }));
}

/** Returns one list of thumbnails for the pipeline, and one list for each rule that defines thumbnails. */
export function thumbnailSetsOf(props: ImageProps): readonly (readonly ThumbnailSettings[])[] {
  const ofRules = ruleEntriesOf(props).flatMap(({ thumbnails }) => (thumbnails ? [thumbnails] : []));
  return [thumbnailsOf(props), ...ofRules];
}

/** Returns the longest processing time that the pipeline and its rules allow for one image. */
export function maxDurationOfAll({ limits = {}, rules = [] }: ImageProps): Duration {
  const longest = maxDurationOf(limits);
  if (longest.isUnresolved()) {
    return longest;
  }
  const seconds = rules.map(({ _options: { limits: own } }) => knownLimits(own ?? {}).maxDurationSeconds ?? 0);
  return Duration.seconds(Math.max(longest.toSeconds({ integral: false }), ...seconds));
}

/** Returns the limits of the pipeline, and the limits of each rule. Treats values unknown at synthesis as undefined. */
export function allLimitsOf({ limits = {}, rules = [] }: ImageProps): readonly Limits[] {
  const own = { ...DEFAULT_LIMITS, ...knownLimits(limits) };
  return [own, ...rules.map((rule) => ({ ...own, ...knownLimits(rule._options.limits ?? {}) }))];
}

/** Returns the memory in MiB that suffices for most images within the limits of the pipeline and its rules. */
export function imageMemoryOf(props: ImageProps): number {
  return Math.max(...allLimitsOf(props).map((limits) => imageMemoryMiB(limits)));
}
