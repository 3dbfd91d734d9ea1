import type { Limits } from './source-limits';
import type { ThumbnailSettings } from './thumbnail-settings';

/** Thumbnails and limits of the source keys that start with a prefix and end with a suffix. */
export interface RuleSettings {
  /** Prefix of the source keys. An empty prefix matches every key. */
  readonly prefix: string;
  /** Suffix of the source keys. The comparison is case-insensitive. An empty suffix matches every key. */
  readonly suffix: string;
  readonly thumbnails: readonly ThumbnailSettings[];
  readonly limits: Limits;
}

/** Maximum number of rules. More rules would slow down the runtime, which compares each key with the rules one by one. */
export const MAX_RULES = 5000;

/** Returns whether a source key has the prefix and the suffix of a rule. The runtime uses the first matching rule. */
export function ruleApplies({ prefix, suffix }: Pick<RuleSettings, 'prefix' | 'suffix'>, key: string): boolean {
  return key.startsWith(prefix) && (suffix === '' || key.toLowerCase().endsWith(suffix.toLowerCase()));
}
