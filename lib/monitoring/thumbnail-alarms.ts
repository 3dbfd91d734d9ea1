import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Construct } from 'constructs';
import type { IThumbnailPipeline } from '../pipeline/thumbnail-pipeline-interface';
import { injectedProps } from '../private/property-injection';
import { ValidationErrors } from '../private/validation';
import { type AlarmDefinition, alarmDefinitions, type AlarmName } from './alarm-definitions';
import { validateAlarmOptions, validateUnavailable } from './alarm-validation';
import { monitoringSourceOf } from './monitoring-source';
import { withOptions } from './pipeline-metrics';
import type { ThumbnailAlarmOptions, ThumbnailAlarmsOptions } from './thumbnail-alarm-options';

/** Documentation page with one section for each alarm. */
const TROUBLESHOOTING = 'https://github.com/cdk-thumbnails/cdk-thumbnails/blob/main/docs/reference/troubleshooting.md';

/** Properties of {@link ThumbnailAlarms}. */
export interface ThumbnailAlarmsProps extends ThumbnailAlarmsOptions {
  /** Pipeline of this app, or an imported pipeline. */
  readonly pipeline: IThumbnailPipeline;
}

/** An alarm with a metric and a threshold. */
interface SelectedAlarm {
  readonly name: AlarmName;
  readonly definition: AlarmDefinition;
  readonly options: ThumbnailAlarmOptions;
  readonly metric: cloudwatch.IMetric;
  readonly threshold: number;
}

/**
 * CloudWatch alarms of a pipeline.
 *
 * AWS bills a monthly fee for each metric of an alarm: see docs/guides/monitoring.md. Missing data does not breach an alarm.
 */
export class ThumbnailAlarms extends Construct {
  /** Id of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-thumbnails.ThumbnailAlarms';

  /** Alarms by the names of their options, such as `deadLetters`. */
  public readonly alarms: { [name: string]: cloudwatch.Alarm };
  /** Composite alarm over all other alarms. Undefined if `compositeAlarmEnabled` is false or there are no other alarms. */
  public readonly compositeAlarm?: cloudwatch.CompositeAlarm;

  /**
   * Creates the alarms.
   *
   * @param scope parent construct
   * @param id construct id
   * @param props pipeline, actions, thresholds and alarms to omit
   * @throws Error if props are invalid; the message lists all errors
   */
  public constructor(scope: Construct, id: string, props: ThumbnailAlarmsProps) {
    super(scope, id);
    props = injectedProps(scope, id, ThumbnailAlarms.PROPERTY_INJECTION_ID, props);

    const source = monitoringSourceOf(this, props.pipeline);
    const definitions = Object.entries(alarmDefinitions(source)) as [AlarmName, AlarmDefinition][];
    const errors = new ValidationErrors();
    const selected = definitions.flatMap(([name, definition]): SelectedAlarm[] => {
      const options = props[name] ?? {};
      errors.add(validateAlarmOptions(options, definition), name);
      const metric = definition.metric(props.pipeline, source);
      const threshold = options.threshold ?? definition.threshold;
      if (metric && threshold !== undefined) {
        return options.enabled === false ? [] : [{ name, definition, options, metric, threshold }];
      }
      errors.add(validateUnavailable(name, props[name]));
      return [];
    });
    errors.throwIfAny(this);

    this.alarms = Object.fromEntries(selected.map((alarm) => [alarm.name, this.createAlarm(alarm, props)]));
    const alarms = Object.values(this.alarms);
    if (alarms.length > 0 && (props.compositeAlarmEnabled ?? true)) {
      this.compositeAlarm = new cloudwatch.CompositeAlarm(this, 'AnyAlarm', {
        alarmRule: cloudwatch.AlarmRule.anyOf(...alarms),
        alarmDescription: describe(
          `Any alarm of ${props.pipeline.node.path}`,
          'Read the alarms in the state ALARM',
          'alarms',
        ),
      });
      this.compositeAlarm.addAlarmAction(...(props.compositeAlarmActions ?? []));
    }
  }

  private createAlarm(
    { name, definition, options, metric, threshold }: SelectedAlarm,
    { topic, actions = [] }: ThumbnailAlarmsOptions,
  ): cloudwatch.Alarm {
    const { id, finding, advice } = definition;
    const common = {
      alarmDescription: describe(finding, advice, name),
      metric: withOptions(metric, { period: options.period ?? definition.period }),
      evaluationPeriods: options.evaluationPeriods ?? definition.evaluationPeriods,
      datapointsToAlarm: options.datapointsToAlarm,
      treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING,
    };
    const alarm = definition.isAnomaly
      ? new cloudwatch.AnomalyDetectionAlarm(this, id, {
          ...common,
          stdDevs: threshold,
          comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_UPPER_THRESHOLD,
        })
      : new cloudwatch.Alarm(this, id, {
          ...common,
          threshold,
          comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        });
    if (options.actions) {
      alarm.addAlarmAction(...options.actions);
      return alarm;
    }
    if (topic) {
      const notification = new SnsAction(topic);
      alarm.addAlarmAction(notification);
      alarm.addOkAction(notification);
    }
    alarm.addAlarmAction(...actions);
    return alarm;
  }
}

function describe(finding: string, advice: string, section: string): string {
  return `cdk-thumbnails: ${finding}. ${advice}. See ${TROUBLESHOOTING}#${section.toLowerCase()}`;
}
