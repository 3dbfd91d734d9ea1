import { Token } from 'aws-cdk-lib';
import { outOfRange, secondsOf, validateInteger, validationError } from '../private/validation';
import type { AlarmDefinition } from './alarm-definitions';
import type { ThumbnailAlarmOptions } from './thumbnail-alarm-options';

const MAX_PERIODS = 100;
/**
 * Maximum product of period and evaluation periods in seconds, one day:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
const MAX_SECONDS = 86_400;

/** Validates the settings of one alarm. */
export function validateAlarmOptions(
  { threshold, period, evaluationPeriods, datapointsToAlarm }: ThumbnailAlarmOptions,
  definition: AlarmDefinition,
): string[] {
  const errors: string[] = [];
  if (threshold !== undefined && !Token.isUnresolved(threshold) && !(threshold > 0 && threshold < Infinity)) {
    errors.push(outOfRange('threshold', String(threshold), 'a positive number'));
  }
  const seconds = secondsOf(period);
  if (seconds !== undefined && (seconds % 60 !== 0 || seconds < 60 || seconds > MAX_SECONDS)) {
    errors.push(outOfRange('period', `${seconds} s`, 'whole minutes from 1 minute to 1 day'));
  }
  errors.push(
    ...validateInteger('evaluationPeriods', evaluationPeriods, { min: 1, max: MAX_PERIODS }),
    ...validateInteger('datapointsToAlarm', datapointsToAlarm, {
      min: 1,
      max: known(evaluationPeriods ?? definition.evaluationPeriods) ?? MAX_PERIODS,
    }),
  );
  const periods = known(evaluationPeriods ?? definition.evaluationPeriods);
  const total = (periods ?? 0) * (secondsOf(period ?? definition.period) ?? 0);
  if (errors.length === 0 && total > MAX_SECONDS) {
    errors.push(
      outOfRange('evaluationPeriods', `${periods} periods of ${total / periods!} s`, 'at most 1 day in total'),
    );
  }
  return errors;
}

/** Returns errors for a configured alarm if the pipeline does not have the metric of the alarm. */
export function validateUnavailable(name: string, options: ThumbnailAlarmOptions | undefined): string[] {
  if (!options || options.enabled === false) {
    return [];
  }
  return [
    validationError(
      name,
      'the pipeline has no metric or no maximum for this alarm',
      'remove it, or set enabled to false',
    ),
  ];
}

function known(value: number): number | undefined {
  return Token.isUnresolved(value) ? undefined : value;
}
