import { DEFAULT_LIMITS, type CoreSettings } from '../contract';
import { readCoreSettings } from './core-settings';
import { readEventSettings, type EventSettings } from './event-settings';
import { readForwardingSettings, type ForwardingSettings } from './forwarding-settings';
import { readHttpSettings, type HttpSettings } from './http-settings';
import { readMonitoringSettings, type MonitoringSettings } from './monitoring-settings';
import { ProblemCollector, type Environment } from './parse-environment';

/** All settings of the API function. */
export interface ApiSettings {
  readonly core: CoreSettings;
  readonly http: HttpSettings;
  readonly events: EventSettings;
  /** Settings for forwarding large images to other workers. Undefined if the function renders every image. */
  readonly forwarding: ForwardingSettings | undefined;
  readonly monitoring: MonitoringSettings;
}

/** Defaults for `readHttpSettings()` if the core settings are invalid. The HTTP settings can then still be validated. */
export const CORE_PLACEHOLDER: Pick<CoreSettings, 'limits' | 'rules' | 'allowSvg'> = {
  limits: DEFAULT_LIMITS,
  rules: [],
  allowSvg: false,
};

/**
 * Reads all settings of the API function.
 *
 * @throws SettingsError if a variable is missing or invalid. The error lists the problems of all settings.
 */
export function readApiSettings(environment: Environment): ApiSettings {
  const collector = new ProblemCollector();
  const core = collector.collect(() => readCoreSettings(environment));
  const http = collector.collect(() => readHttpSettings(environment, core ?? CORE_PLACEHOLDER));
  const events = collector.collect(() => readEventSettings(environment));
  const forwarding = collector.collect(() => readForwardingSettings(environment));
  const monitoring = collector.collect(() => readMonitoringSettings(environment));
  collector.throwIfAny();
  return { core: core!, http: http!, events: events!, forwarding, monitoring: monitoring! };
}
