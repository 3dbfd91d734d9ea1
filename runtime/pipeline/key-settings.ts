import { ruleApplies, type CoreSettings, type RuleSettings } from '../contract';

/**
 * Returns a function for the settings of a source key. The function returns the settings of the first matching rule. If no rule
 * matches, it returns the settings of the pipeline. All keys of a rule receive one shared object. Therefore, callers can use
 * the object as a cache key.
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
