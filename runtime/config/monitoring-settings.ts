import * as z from 'zod';
import { MONITORING_VARIABLES } from '../contract';
import { flag, parseEnvironment, type Environment } from './parse-environment';

/** Settings of logs and metrics: the values of {@link MONITORING_VARIABLES}. */
export interface MonitoringSettings {
  /** Whether the runtime emits the detailed metrics: counts by error code and by format, and byte counts. */
  readonly detailedMetrics: boolean;
}

const environmentSchema = z.object({ [MONITORING_VARIABLES.detailedMetrics]: flag('false') });

/**
 * Reads the settings of logs and metrics.
 *
 * @throws SettingsError if a variable is invalid
 */
export function readMonitoringSettings(environment: Environment): MonitoringSettings {
  return { detailedMetrics: parseEnvironment(environmentSchema, environment).DETAILED_METRICS };
}
