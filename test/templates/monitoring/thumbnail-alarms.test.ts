import { Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Ec2Action, Ec2InstanceAction, SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import {
  ThumbnailAccess,
  ThumbnailAlarms,
  type ThumbnailAlarmsOptions,
  ThumbnailCompute,
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
} from '../../../lib';
import { Ec2Compute } from '../../support/templates/ec2-compute';
import { onEks } from '../../support/templates/eks';
import { errorFor, newStack, onlyResource, quietly, synthesize, warningsOf } from '../../support/templates/stacks';

interface AlarmProperties {
  readonly AlarmDescription: string;
  readonly Threshold?: number;
  readonly Metrics?: unknown[];
  readonly AlarmActions?: unknown[];
  readonly OKActions?: unknown[];
}

function withAlarms(
  options: ThumbnailAlarmsOptions | ((stack: Stack) => ThumbnailAlarmsOptions) = {},
  props: ThumbnailPipelineProps = {},
): { readonly stack: Stack; readonly alarms: ThumbnailAlarms; readonly template: Template } {
  const stack = newStack();
  const pipeline = new ThumbnailPipeline(stack, 'Photos', props);
  const alarms = pipeline.addAlarms(typeof options === 'function' ? options(stack) : options);
  return { stack, alarms, template: quietly(() => Template.fromStack(stack)) };
}

/** Returns the alarms of this library by construct id, without the alarms that scale Fargate services. */
function alarmsOf(template: Template): Record<string, AlarmProperties> {
  return Object.fromEntries(
    Object.entries(template.findResources('AWS::CloudWatch::Alarm'))
      .filter(([id]) => id.startsWith('PhotosAlarms'))
      .map(([id, { Properties }]) => [
        id.replace('PhotosAlarms', '').replace(/[0-9A-F]{8}$/, ''),
        Properties as AlarmProperties,
      ]),
  );
}

const RUNTIME = ['DeadLetters', 'FailureRate', 'OldestMessageAge', 'Rejections'];

test('addAlarms() creates no alarm by default', () => {
  synthesize().template.resourceCountIs('AWS::CloudWatch::Alarm', 0);
});

test.each<[string, ThumbnailPipelineProps, string[]]>([
  [
    'Lambda',
    {},
    ['ApiErrors', 'ApiLatency', 'ApiServerErrors', 'ApiThrottles', 'WorkerErrors', 'WorkerStopped', 'WorkerThrottles'],
  ],
  [
    'Lambda with a maximum concurrency',
    { compute: ThumbnailCompute.lambda({ maxConcurrency: 20 }), apiEnabled: false },
    ['WorkerAtMaximum', 'WorkerErrors', 'WorkerStopped', 'WorkerThrottles'],
  ],
  [
    'Fargate',
    { compute: ThumbnailCompute.fargate() },
    ['ApiAtMaximum', 'ApiLatency', 'ApiServerErrors', 'ApiUnhealthyTasks', 'WorkerAtMaximum', 'WorkerStopped'],
  ],
  [
    'a web function',
    { api: { compute: ThumbnailCompute.webFunction() } },
    ['ApiErrors', 'WorkerErrors', 'WorkerStopped', 'WorkerThrottles'],
  ],
])('addAlarms() creates the alarms that %s has metrics for', (_, props, expected) => {
  const { template, stack } = withAlarms({}, props);
  expect(Object.keys(alarmsOf(template)).sort()).toEqual([...RUNTIME, ...expected].sort());
  template.resourceCountIs('AWS::CloudWatch::CompositeAlarm', 1);
  expect(warningsOf(stack).filter((warning) => warning.includes('CloudWatch'))).toEqual([]);
});

test('addAlarms() creates the alarms of the runtime and of API Gateway for a compute type without metrics', () => {
  const stack = newStack();
  const cluster = new ecs.Cluster(stack, 'Cluster', { vpc: new ec2.Vpc(stack, 'Vpc') });
  cluster.addCapacity('Machines', {
    instanceType: new ec2.InstanceType('m8g.large'),
    machineImage: ecs.EcsOptimizedImage.amazonLinux2023(ecs.AmiHardwareType.ARM),
  });
  const pipeline = new ThumbnailPipeline(stack, 'Photos', {
    compute: new Ec2Compute(cluster),
    api: { access: ThumbnailAccess.publicRead() },
  });
  expect(Object.keys(pipeline.addAlarms().alarms)).toEqual([
    'deadLetters',
    'oldestMessageAge',
    'failureRate',
    'rejections',
    'apiServerErrors',
    'apiLatency',
  ]);
});

test('addAlarms() creates the alarms of the queue, the runtime and API Gateway for EKS', () => {
  const { pipeline } = onEks();
  expect(Object.keys(pipeline.addAlarms().alarms)).toEqual([
    'deadLetters',
    'oldestMessageAge',
    'failureRate',
    'rejections',
    'apiUnhealthyTasks',
    'apiServerErrors',
    'apiLatency',
  ]);
});

test('the alarm for a web function counts the log lines of failed requests', () => {
  const { template } = withAlarms({}, { api: { compute: ThumbnailCompute.webFunction() } });
  const { FilterPattern, MetricTransformations } = onlyResource(template, 'AWS::Logs::MetricFilter') as {
    readonly FilterPattern: string;
    readonly MetricTransformations: readonly [{ readonly MetricName: string; readonly MetricNamespace: string }];
  };
  const [{ MetricName, MetricNamespace }] = MetricTransformations;
  expect(FilterPattern).toBe('"ERROR" "request failed"');
  expect(MetricNamespace).toMatch(/^cdk-thumbnails\/\w+$/);
  expect(alarmsOf(template)['ApiErrors']).toMatchObject({
    MetricName,
    Namespace: MetricNamespace,
    Statistic: 'Sum',
    Threshold: 5,
  });
});

test('a web function without alarms and dashboards has no metric filter', () => {
  const { template } = synthesize({ api: { compute: ThumbnailCompute.webFunction() } });
  template.resourceCountIs('AWS::Logs::MetricFilter', 0);
});

test('the alarms have the documented 19 billed metrics for Lambda and 18 for Fargate', () => {
  const billed = (props: ThumbnailPipelineProps): number =>
    Object.values(alarmsOf(withAlarms({}, props).template))
      .map(({ Metrics = [{ MetricStat: {} }] }) =>
        JSON.stringify(Metrics).includes('ANOMALY_DETECTION_BAND')
          ? 3
          : Metrics.filter((metric) => 'MetricStat' in (metric as object)).length,
      )
      .reduce((sum, count) => sum + count, 0);
  expect(billed({})).toBe(19);
  expect(billed({ compute: ThumbnailCompute.fargate() })).toBe(18);
});

test('addAlarms() adds only alarms to the template', () => {
  const before = synthesize().template.toJSON()['Resources'] as Record<string, unknown>;
  const after = withAlarms().template.toJSON()['Resources'] as Record<string, unknown>;
  expect(Object.keys(after).filter((id) => id.startsWith('PhotosAlarms'))).toHaveLength(12);
  expect(Object.fromEntries(Object.entries(after).filter(([id]) => !id.startsWith('PhotosAlarms')))).toEqual(before);
});

test('the description of each alarm contains the cause, the fix and a link to the documentation', () => {
  for (const [id, { AlarmDescription }] of Object.entries(alarmsOf(withAlarms().template))) {
    expect(AlarmDescription).toMatch(/^cdk-thumbnails: [^.]+\. [^.]+\. See https:\/\/\S+\/troubleshooting\.md#\S+$/);
    expect(AlarmDescription).toContain(`#${id.toLowerCase()}`);
  }
});

test('the failure rate is the percentage of failed attempts', () => {
  const { Metrics, Threshold } = alarmsOf(withAlarms().template)['FailureRate']!;
  expect(Threshold).toBe(10);
  expect(Metrics).toHaveLength(6);
  expect(JSON.stringify(Metrics)).toContain('>= 20, 100 * FILL(failed, 0)');
  expect(JSON.stringify(Metrics)).toContain('"Stack/Photos"');
});

test('the alarm for rejections uses anomaly detection', () => {
  const { template } = withAlarms({ rejections: { threshold: 6 } });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    ComparisonOperator: 'GreaterThanUpperThreshold',
    ThresholdMetricId: 'expr_1',
    Metrics: Match.arrayWith([
      Match.objectLike({ Expression: 'ANOMALY_DETECTION_BAND(m0, 6)' }),
      Match.objectLike({ MetricStat: Match.objectLike({ Period: 900, Stat: 'Sum' }) }),
    ]),
  });
});

test('the alarm for stopped workers compares the number of waiting messages with the number of running workers', () => {
  const { Metrics } = alarmsOf(withAlarms({}, { compute: ThumbnailCompute.fargate() }).template)['WorkerStopped']!;
  expect(JSON.stringify(Metrics)).toContain('IF(FILL(running, 0) < 1, FILL(waiting, 0), 0)');
  expect(JSON.stringify(Metrics)).toContain('"SampleCount"');
});

test('the alarms for the maximum concurrency of services have the threshold maxCapacity', () => {
  const { template } = withAlarms({}, { compute: ThumbnailCompute.fargate({ worker: { maxCapacity: 7 } }) });
  expect(alarmsOf(template)['WorkerAtMaximum']).toMatchObject({ Threshold: 7, EvaluationPeriods: 6 });
});

test('the alarm for the maximum concurrency of a function has the smaller of two limits as threshold', () => {
  const compute = ThumbnailCompute.lambda({ maxConcurrency: 20, reservedConcurrentExecutions: 30 });
  expect(alarmsOf(withAlarms({}, { compute }).template)['WorkerAtMaximum']).toMatchObject({ Threshold: 20 });
});

describe('settings', () => {
  test('the settings can change threshold, period and number of periods', () => {
    const { template } = withAlarms({
      oldestMessageAge: {
        threshold: 60,
        period: Duration.minutes(1),
        evaluationPeriods: 10,
        datapointsToAlarm: 5,
      },
    });
    expect(alarmsOf(template)['OldestMessageAge']).toMatchObject({
      Threshold: 60,
      Period: 60,
      EvaluationPeriods: 10,
      DatapointsToAlarm: 5,
    });
  });

  test('the settings can disable alarms', () => {
    const { template, alarms } = withAlarms({ rejections: { enabled: false }, compositeAlarmEnabled: false });
    expect(alarmsOf(template)).not.toHaveProperty('Rejections');
    expect(alarms.compositeAlarm).toBeUndefined();
    template.resourceCountIs('AWS::CloudWatch::CompositeAlarm', 0);
  });

  test('the error lists all invalid settings', () => {
    const stack = newStack();
    const pipeline = new ThumbnailPipeline(stack, 'Photos', { apiEnabled: false });
    const options: ThumbnailAlarmsOptions = {
      deadLetters: { threshold: 0 },
      failureRate: { period: Duration.seconds(90) },
      rejections: { evaluationPeriods: 3, datapointsToAlarm: 4 },
      oldestMessageAge: { period: Duration.hours(12) },
      apiLatency: { threshold: 500 },
      apiErrors: { enabled: false },
    };
    const message = (() => {
      try {
        pipeline.addAlarms(options);
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    })();
    const [first, ...lines] = message.split('\n').map((line) => line.replace(/^ {2}- /, ''));
    expect(first).toMatch(/^Stack\/Photos\/Alarms: 5 /);
    expect(lines).toEqual([
      errorFor('deadLetters.threshold', '0 is out of range'),
      errorFor('oldestMessageAge.evaluationPeriods', '3 periods of 43200 s', '1 day'),
      errorFor('failureRate.period', '90 s', 'whole minutes'),
      errorFor('rejections.datapointsToAlarm', '4', '1 to 3'),
      errorFor('apiLatency', 'no metric', 'enabled to false'),
    ]);
  });

  test('the settings can enable an alarm without a default threshold', () => {
    const { template } = withAlarms({ workerAtMaximum: { threshold: 900 } });
    expect(alarmsOf(template)['WorkerAtMaximum']).toMatchObject({ Threshold: 900 });
  });
});

describe('actions', () => {
  test('an alarm notifies a topic when the state becomes ALARM or OK', () => {
    const { template } = withAlarms((stack) => ({ topic: new sns.Topic(stack, 'Topic') }));
    for (const { AlarmActions, OKActions } of Object.values(alarmsOf(template))) {
      expect(AlarmActions).toHaveLength(1);
      expect(OKActions).toEqual(AlarmActions);
    }
    template.hasResourceProperties('AWS::CloudWatch::CompositeAlarm', { AlarmActions: Match.absent() });
  });

  test('single alarms and the composite alarm can have other actions', () => {
    const reboot = new Ec2Action(Ec2InstanceAction.REBOOT);
    const { template } = withAlarms((stack) => ({
      topic: new sns.Topic(stack, 'Topic'),
      actions: [reboot],
      deadLetters: { actions: [] },
      compositeAlarmActions: [new SnsAction(new sns.Topic(stack, 'Pager'))],
    }));
    const { DeadLetters, ApiErrors } = alarmsOf(template);
    expect(DeadLetters).not.toHaveProperty('AlarmActions');
    expect(ApiErrors!.AlarmActions).toHaveLength(2);
    template.hasResourceProperties('AWS::CloudWatch::CompositeAlarm', { AlarmActions: [Match.anyValue()] });
  });
});

test('ThumbnailAlarms creates the further alarms that a second call of addAlarms() cannot create', () => {
  const stack = newStack();
  const pipeline = new ThumbnailPipeline(stack, 'Photos');
  pipeline.addAlarms();
  expect(() => pipeline.addAlarms()).toThrow(/^Stack\/Photos: addAlarms: .*ThumbnailAlarms/);
  const { alarms } = new ThumbnailAlarms(stack, 'Strict', { pipeline, deadLetters: { evaluationPeriods: 2 } });
  expect(alarms['deadLetters']).toBeInstanceOf(cloudwatch.Alarm);
});

test('addAlarms() creates alarms for the known resources of an imported pipeline', () => {
  const stack = newStack();
  const pipeline = ThumbnailPipeline.fromThumbnailPipelineAttributes(stack, 'Photos', {
    sourceBucket: s3.Bucket.fromBucketName(stack, 'Uploads', 'uploads'),
    thumbnailBucket: s3.Bucket.fromBucketName(stack, 'Thumbnails', 'thumbnails'),
    queue: sqs.Queue.fromQueueArn(stack, 'Queue', 'arn:aws:sqs:eu-west-1:111122223333:photos'),
    httpApiId: 'a1b2c3',
  });
  const { alarms } = new ThumbnailAlarms(stack, 'Alarms', { pipeline });
  expect(Object.keys(alarms)).toEqual(['oldestMessageAge', 'apiServerErrors', 'apiLatency']);
});

test('the alarm for the age of messages excludes noisy message groups if the pipeline has a backfill', () => {
  const alarmOf = (withBackfill: boolean): { Metrics?: { Expression?: string }[]; MetricName?: string } => {
    const stack = newStack();
    const pipeline = new ThumbnailPipeline(stack, 'Photos');
    if (withBackfill) {
      pipeline.addBackfill();
    }
    pipeline.addAlarms();
    const alarms = quietly(() => Template.fromStack(stack)).findResources('AWS::CloudWatch::Alarm');
    const [, alarm] = Object.entries(alarms).find(([id]) => id.includes('OldestMessageAge'))!;
    return (alarm as { Properties: object }).Properties;
  };
  expect(alarmOf(false).MetricName).toBe('ApproximateAgeOfOldestMessage');
  const { Metrics = [] } = alarmOf(true);
  expect(Metrics.flatMap(({ Expression }) => Expression ?? [])).toEqual([
    'IF(FILL(noisy, 0) > 0, FILL(quiet, 0), age)',
  ]);
  expect(JSON.stringify(Metrics)).toContain('ApproximateAgeOfOldestMessageInQuietGroups');
});
