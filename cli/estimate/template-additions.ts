import type { AdditionOption, EstimateOptions } from '../../cost';
import { CORE_VARIABLES, EVENT_VARIABLES, MONITORING_VARIABLES, PURGE_VARIABLES } from '../../runtime/contract';
import { templateText, type StackTemplate, type TemplateResource } from '../pipeline-templates';

/** Resources and environment variables of one pipeline. */
interface PipelineTemplate {
  readonly resources: StackTemplate['resources'];
  /** Environment variables of each function and task. */
  readonly environments: readonly Readonly<Record<string, unknown>>[];
}

const PURGE_HANDLER = 'purge-function.handler';
/** Default `maxBatchingWindow` of a cache purge in seconds. */
const WINDOW_SECONDS = 60;
/** Default `maxPaths` of a purge. */
const MAX_PATHS = 5;
const METRIC_NAMESPACE = 'cdk-thumbnails';
/** Text at the start of the description of each alarm that the library creates. */
const OWN_ALARM = 'cdk-thumbnails: ';
/** Number of metrics that an anomaly detection band adds: one for the upper bound and one for the lower bound. */
const BAND_METRICS = 2;

/**
 * Returns the optional features that the pipeline uses, with the quantities that determine the cost of these features.
 *
 * Counts only resources of one stack. Omits the scaling alarms of Fargate, because the compute cost includes these alarms.
 */
export function readAdditions({
  resources,
  environments,
}: PipelineTemplate): Pick<EstimateOptions, 'additions' | 'quantities'> {
  const ofType = (type: string): TemplateResource[] =>
    resources.flatMap(([, resource]) => (resource.Type === type ? [resource] : []));
  const isSet = (name: string): boolean => environments.some((variables) => variables[name] !== undefined);
  const isTrue = (name: string): boolean => environments.some((variables) => variables[name] === 'true');

  const alarms = ofType('AWS::CloudWatch::Alarm').filter((alarm) => isMonitoringAlarm(alarm, resources));
  const composites = ofType('AWS::CloudWatch::CompositeAlarm').filter(isOwnAlarm);
  const dashboards = ofType('AWS::CloudWatch::Dashboard').filter(isOwnDashboard).length;
  const purges = resources.filter(([, { Properties }]) => Properties?.Handler === PURGE_HANDLER);
  const { moderation, facesAsFocalPoint } = rekognitionOf(environments);
  const isEnabled: Readonly<Partial<Record<AdditionOption, boolean>>> = {
    'addAlarms()': alarms.length + composites.length > 0,
    'addDashboard()': dashboards > 0,
    eventsEnabled: isSet(EVENT_VARIABLES.busName),
    moderation,
    facesAsFocalPoint,
    'afterMalwareScan()':
      ofType('AWS::GuardDuty::MalwareProtectionPlan').length > 0 || isTrue(CORE_VARIABLES.requireMalwareScan),
    purge: purges.length > 0,
  };
  return {
    additions: (Object.keys(isEnabled) as AdditionOption[]).filter((option) => isEnabled[option]),
    quantities: {
      alarmMetrics: alarms.reduce((total, alarm) => total + alarmMetrics(alarm), 0),
      compositeAlarms: composites.length,
      dashboards,
      ...(!isTrue(MONITORING_VARIABLES.detailedMetrics) && { detailedMetrics: 0 }),
      ...(purges[0] && { purges: purges.length, pathsPerMinute: pathsPerMinute(purges[0], resources) }),
    },
  };
}

function isOwnAlarm({ Properties }: TemplateResource): boolean {
  return templateText(Properties?.AlarmDescription).startsWith(OWN_ALARM);
}

/** Returns whether a dashboard shows metrics of the runtime. */
function isOwnDashboard({ Properties }: TemplateResource): boolean {
  return templateText(Properties?.DashboardBody).includes(`"${METRIC_NAMESPACE}"`);
}

/** Returns whether an alarm is a monitoring alarm of the library. Returns false for an alarm that scales an ECS service. */
function isMonitoringAlarm(alarm: TemplateResource, resources: StackTemplate['resources']): boolean {
  const actions = JSON.stringify(alarm.Properties?.AlarmActions ?? []);
  const scales = resources.some(
    ([id, { Type }]) => Type === 'AWS::ApplicationAutoScaling::ScalingPolicy' && actions.includes(`"${id}"`),
  );
  return isOwnAlarm(alarm) && !scales;
}

/** Returns the number of metrics of an alarm, because AWS bills an alarm for each metric. */
function alarmMetrics({ Properties: { Metrics, ThresholdMetricId } = {} }: TemplateResource): number {
  const metrics = Metrics?.filter(({ MetricStat }) => MetricStat !== undefined).length ?? 1;
  return metrics + (ThresholdMetricId === undefined ? 0 : BAND_METRICS);
}

function pathsPerMinute(
  [id, { Properties }]: StackTemplate['resources'][number],
  resources: StackTemplate['resources'],
): number {
  const mapping = resources.find(
    ([, { Type, Properties: properties }]) =>
      Type === 'AWS::Lambda::EventSourceMapping' && JSON.stringify(properties?.FunctionName ?? '').includes(`"${id}"`),
  );
  const paths = Number(Properties?.Environment?.Variables?.[PURGE_VARIABLES.maxPaths] ?? MAX_PATHS);
  const seconds = Number(mapping?.[1].Properties?.MaximumBatchingWindowInSeconds ?? WINDOW_SECONDS);
  return (paths * 60) / seconds;
}

/**
 * Returns the operations of Amazon Rekognition that the pipeline uses. The result excludes custom checks, because AWS bills
 * a custom check for its function or endpoint.
 */
function rekognitionOf(environments: PipelineTemplate['environments']): {
  readonly moderation: boolean;
  readonly facesAsFocalPoint: boolean;
} {
  const text = environments
    .map((variables) => templateText(variables[CORE_VARIABLES.analysis]))
    .find((value) => value !== '');
  const settings = JSON.parse(text ?? '{}') as {
    readonly provider?: string;
    readonly moderation?: unknown;
    readonly facesAsFocalPoint?: boolean;
  };
  const isRekognition = settings.provider === 'rekognition';
  return {
    moderation: isRekognition && settings.moderation !== undefined,
    facesAsFocalPoint: isRekognition && settings.facesAsFocalPoint === true,
  };
}
