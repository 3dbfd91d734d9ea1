import type { Limits } from './source-limits';
import type { ThumbnailSettings } from './thumbnail-settings';

/** Thumbnails and limits of the source keys that start with a prefix and end with a suffix. */
export interface RuleSettings {
  /** Start of the keys. An empty prefix matches every key. */
  readonly prefix: string;
  /** End of the keys, compared case-insensitively. An empty suffix matches every key. */
  readonly suffix: string;
  readonly thumbnails: readonly ThumbnailSettings[];
  readonly limits: Limits;
}

/** Maximum number of rules. The runtime reads all rules at startup, and compares each key with the rules in order. */
export const MAX_RULES = 5000;

/** Returns whether a rule applies to a source key. The first rule that applies is used. */
export function ruleApplies({ prefix, suffix }: Pick<RuleSettings, 'prefix' | 'suffix'>, key: string): boolean {
  return key.startsWith(prefix) && (suffix === '' || key.toLowerCase().endsWith(suffix.toLowerCase()));
}
