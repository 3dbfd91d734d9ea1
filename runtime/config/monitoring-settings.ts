import * as v from 'valibot';
import { MONITORING_VARIABLES } from '../contract';
import { flag, parseEnvironment, received, type Environment } from './parse-environment';

/** Settings of logs and metrics: the values of {@link MONITORING_VARIABLES}. */
export interface MonitoringSettings {
  /** Whether the runtime emits the detailed metrics: counts by error code, counts by format, and numbers of bytes. */
  readonly detailedMetrics: boolean;
  /** Whether the container serves metrics in the text format of Prometheus. */
  readonly servesPrometheus: boolean;
}

const METRICS = ['none', 'prometheus'] as const;

const environmentSchema = v.object({
  [MONITORING_VARIABLES.detailedMetrics]: flag('false'),
  [MONITORING_VARIABLES.metrics]: v.optional(
    v.picklist(METRICS, ({ input }) => received(input, METRICS.join(', '))),
    'none',
  ),
});

/**
 * Reads the settings of logs and metrics.
 *
 * @throws SettingsError if a variable is invalid
 */
export function readMonitoringSettings(environment: Environment): MonitoringSettings {
  const read = parseEnvironment(environmentSchema, environment);
  return { detailedMetrics: read.DETAILED_METRICS, servesPrometheus: read.METRICS === 'prometheus' };
}
