import { ruleApplies, type CoreSettings, type RuleSettings } from '../contract';

/**
 * Returns a function that returns the settings of a source key. The first matching rule determines the settings. For a key
 * without a matching rule, the function returns the settings of the pipeline.
 *
 * The function returns the same object for all keys of a rule. Therefore, callers can use the object as a cache key.
 */
export function settingsByKey<Settings extends Pick<CoreSettings, 'thumbnails' | 'limits' | 'rules'>>(
  settings: Settings,
): (key: string) => Settings {
  const { rules } = settings;
  const byRule = new Map<RuleSettings, Settings>();
  return (key) => {
    const rule = rules.find((candidate) => ruleApplies(candidate, key));
    if (!rule) {
      return settings;
    }
    const found = byRule.get(rule) ?? { ...settings, thumbnails: rule.thumbnails, limits: rule.limits };
    byRule.set(rule, found);
    return found;
  };
}
