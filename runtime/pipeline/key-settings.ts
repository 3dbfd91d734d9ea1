import { ruleApplies, type CoreSettings, type RuleSettings } from '../contract';

/**
 * Returns a function that returns the settings of a source key: those of the first rule that applies, or of the pipeline.
 *
 * Keys of the same rule share one object, so that callers can cache what they derive from it.
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
