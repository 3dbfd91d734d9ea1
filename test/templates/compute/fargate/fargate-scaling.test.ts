// Tests the number of worker tasks. A simulation applies the alarms and policies of the template to a queue.
import { Script } from 'node:vm';
import { Duration } from 'aws-cdk-lib';
import type { Template } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import fc from 'fast-check';
import { type ThumbnailFargateWorkerOptions, ThumbnailCompute } from '../../../../lib';
import { capacitySteps } from '../../../../lib/compute/fargate/backlog-scaling';
import { fargate, scalableTargetOf } from '../../../support/templates/fargate';
import { onlyResource, synthesize } from '../../../support/templates/stacks';

fc.configureGlobal({ seed: 1 });

interface Alarm {
  readonly Threshold: number;
  readonly ComparisonOperator: string;
  readonly EvaluationPeriods: number;
  readonly TreatMissingData: string;
  readonly AlarmActions: readonly { readonly Ref: string }[];
  readonly Metrics: readonly {
    readonly Id: string;
    readonly Expression?: string;
    readonly MetricStat?: {
      readonly Metric: { readonly MetricName: string; readonly Dimensions: unknown };
      readonly Period: number;
      readonly Stat: string;
    };
  }[];
}

interface Policy {
  readonly StepScalingPolicyConfiguration: {
    readonly AdjustmentType: string;
    readonly Cooldown: number;
    readonly StepAdjustments: readonly {
      readonly MetricIntervalLowerBound?: number;
      readonly MetricIntervalUpperBound?: number;
      readonly ScalingAdjustment: number;
    }[];
  };
}

/** Numbers of visible messages and of messages in flight (`held`). SQS can omit the latter if the value is 0. */
interface Counts {
  readonly visible: number;
  readonly held: number | undefined;
}

class Alarms {
  public readonly backlog: Alarm;
  public readonly idle: Alarm;
  private readonly target: { readonly MinCapacity: number; readonly MaxCapacity: number };
  private readonly policies: Readonly<Record<string, unknown>>;
  private idleMinutes = 0;

  public constructor(template: Template) {
    const alarms = Object.entries(template.findResources('AWS::CloudWatch::Alarm'));
    const alarm = (name: string): Alarm =>
      (alarms.find(([id]) => id.includes(name))![1] as { readonly Properties: Alarm }).Properties;
    expect(alarms).toHaveLength(2);
    this.backlog = alarm('BacklogAlarm');
    this.idle = alarm('IdleAlarm');
    this.target = scalableTargetOf(template, 'worker') as unknown as typeof this.target;
    this.policies = template.findResources('AWS::ApplicationAutoScaling::ScalingPolicy');
  }

  public policy({ AlarmActions }: Alarm): Policy['StepScalingPolicyConfiguration'] {
    const policy = this.policies[AlarmActions[0]!.Ref] as { readonly Properties: Policy };
    return policy.Properties.StepScalingPolicyConfiguration;
  }

  /** Returns the desired count after one minute, by the rules of CloudWatch and Application Auto Scaling. */
  public after(counts: Counts, tasks: number): number {
    const { backlog, idle } = this;
    const wanted = valueOf(backlog, counts);
    this.idleMinutes = valueOf(idle, counts) <= idle.Threshold ? this.idleMinutes + 1 : 0;
    if (wanted >= backlog.Threshold) {
      return this.scaled(backlog, wanted);
    }
    if (this.idleMinutes >= idle.EvaluationPeriods) {
      return this.scaled(idle, 0);
    }
    return tasks;
  }

  /**
   * Returns the desired count that the step scaling policy of an alarm sets.
   *
   * @see https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
   */
  private scaled(alarm: Alarm, value: number): number {
    const { AdjustmentType, StepAdjustments } = this.policy(alarm);
    if (AdjustmentType !== 'ExactCapacity') {
      throw new Error(`AdjustmentType: received ${AdjustmentType}; expected ExactCapacity`);
    }
    const breach = value - alarm.Threshold;
    const isOver = alarm.ComparisonOperator === 'GreaterThanOrEqualToThreshold';
    const steps = StepAdjustments.filter(
      ({ MetricIntervalLowerBound: lower = -Infinity, MetricIntervalUpperBound: upper = Infinity }) =>
        isOver ? breach >= lower && breach < upper : breach > lower && breach <= upper,
    );
    if (steps.length !== 1) {
      throw new Error(`${steps.length} steps match the value ${breach}; expected one step`);
    }
    return Math.min(this.target.MaxCapacity, Math.max(this.target.MinCapacity, steps[0]!.ScalingAdjustment));
  }
}

type Expression = (visible: number, held: number | undefined, FILL: unknown, IF: unknown) => number;
const expressions = new Map<string, Expression>();

/** Evaluates a metric math expression as JavaScript with the functions IF and FILL. */
function valueOf(alarm: Alarm, { visible, held }: Counts): number {
  const text = alarm.Metrics.find(({ Expression }) => Expression !== undefined)?.Expression ?? '';
  const expression =
    expressions.get(text) ?? (new Script(`(visible, held, FILL, IF) => ${text}`).runInThisContext() as Expression);
  expressions.set(text, expression);
  const FILL = (value: number | undefined, filler: number): number => value ?? filler;
  const IF = (condition: boolean, yes: number, no: number): number => (condition ? yes : no);
  return expression(visible, held, FILL, IF);
}

const alarmsWith = (worker?: ThumbnailFargateWorkerOptions): Alarms => new Alarms(fargate({ worker }).template);

describe('the alarms', () => {
  const alarms = alarmsWith();

  test('the alarms use only metrics of SQS, with a period of one minute', () => {
    for (const alarm of [alarms.backlog, alarms.idle]) {
      const metrics = alarm.Metrics.flatMap(({ Id, MetricStat }) => (MetricStat ? [{ Id, ...MetricStat }] : []));
      expect(metrics.map(({ Id, Metric }) => [Id, Metric.MetricName])).toEqual([
        ['visible', 'ApproximateNumberOfMessagesVisible'],
        ['held', 'ApproximateNumberOfMessagesNotVisible'],
      ]);
      for (const { Period, Stat, Metric } of metrics) {
        expect([Period, Stat]).toEqual([60, 'Maximum']);
        expect(Metric.Dimensions).toEqual([
          { Name: 'QueueName', Value: { 'Fn::GetAtt': ['PhotosQueueED84B6A0', 'QueueName'] } },
        ]);
      }
    }
  });

  test('the alarms scale out after one minute and scale in after five minutes', () => {
    expect(alarms.backlog).toMatchObject({
      EvaluationPeriods: 1,
      Threshold: 1,
      TreatMissingData: 'notBreaching',
    });
    expect(alarms.idle).toMatchObject({
      EvaluationPeriods: 5,
      Threshold: 0,
      ComparisonOperator: 'LessThanOrEqualToThreshold',
      TreatMissingData: 'notBreaching',
    });
    expect(alarmsWith({ scaleInDelay: Duration.minutes(20) }).idle.EvaluationPeriods).toBe(20);
  });

  test('the cooldown of the policies equals the period of the alarms', () => {
    for (const alarm of [alarms.backlog, alarms.idle]) {
      expect(alarms.policy(alarm).Cooldown).toBe(60);
    }
  });

  test.each([
    ['one image starts a task', { visible: 1, held: undefined }, 0, 1],
    ['one image starts a task if the number of messages in flight is 0', { visible: 1, held: 0 }, 0, 1],
    ['a backlog of 100 images starts one task', { visible: 100, held: 0 }, 0, 1],
    ['a backlog of 101 images starts two tasks', { visible: 101, held: 0 }, 0, 2],
    ['a backlog of 730 images starts eight tasks at once', { visible: 730, held: 0 }, 0, 8],
    ['a backlog above the maximum starts ten tasks', { visible: 100_000, held: 0 }, 0, 10],
    ['an unchanged backlog starts no more tasks while eight tasks start', { visible: 730, held: 1 }, 8, 8],
    ['an unchanged backlog starts no more tasks while eight tasks are busy', { visible: 714, held: 16 }, 8, 8],
    ['a small backlog stops no task', { visible: 3, held: 16 }, 8, 8],
    ['one message in flight stops no task', { visible: 0, held: 1 }, 8, 8],
    ['an empty queue stops no task within the first minute', { visible: 0, held: undefined }, 8, 8],
    ['a backlog above the capacity of two busy tasks starts more tasks', { visible: 400, held: 4 }, 2, 5],
  ])('%s', (_what, counts, before, after) => {
    expect(alarmsWith().after(counts, before)).toBe(after);
  });

  test('the alarm includes the number of messages in flight per task', () => {
    const large = alarmsWith({ cpu: 4096 });
    expect(large.after({ visible: 400, held: 0 }, 0)).toBe(1);
    expect(large.after({ visible: 401, held: 0 }, 0)).toBe(2);
    // One task has five messages in flight, and a task may have a backlog of 400 messages.
    expect(large.after({ visible: 390, held: 5 }, 1)).toBe(1);
    expect(large.after({ visible: 396, held: 5 }, 1)).toBe(2);
  });

  test('the alarms apply backlogPerTask and the capacities', () => {
    const own = alarmsWith({ backlogPerTask: 10, minCapacity: 2, maxCapacity: 4 });
    expect([1, 25, 35, 1000].map((visible) => own.after({ visible, held: 0 }, 2))).toEqual([2, 3, 4, 4]);
    const idle = Array.from({ length: 6 }, () => own.after({ visible: 0, held: 0 }, 4));
    expect(idle).toEqual([4, 4, 4, 4, 2, 2]);
  });

  test('the alarms have 20 steps if maxCapacity exceeds 20', () => {
    const many = alarmsWith({ maxCapacity: 500 });
    expect(many.after({ visible: 100_000, held: 0 }, 0)).toBe(500);
    const tasks = many.after({ visible: 5_000, held: 0 }, 0);
    expect(tasks).toBeGreaterThanOrEqual(50);
    expect(tasks).toBeLessThanOrEqual(70);
  });
});

test('each policy has at most 20 steps, which increase up to the maximum capacity', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), (max) => {
      const steps = capacitySteps(max);
      expect(steps[0]).toBe(1);
      expect(steps.at(-1)).toBe(max);
      expect(steps.length).toBe(Math.min(20, max));
      expect(steps.every((step, index) => index === 0 || step > steps[index - 1]!)).toBe(true);
    }),
  );
});

/**
 * Number of messages in flight per task of 1 vCPU and 2 GiB. The task renders one image while it reads or writes
 * another image.
 */
const MESSAGES_IN_TASK = 2;

test('the service scales to zero after it has processed every message without an interruption', () => {
  const arrivals = fc.array(fc.integer({ min: 0, max: 800 }), { minLength: 1, maxLength: 12 });
  const perMinute = fc.integer({ min: 5, max: 250 });
  const minutesToStart = fc.integer({ min: 1, max: 3 });
  const { template } = fargate({ worker: { maxCapacity: 6 } });
  fc.assert(
    fc.property(arrivals, perMinute, minutesToStart, (batches, speed, startTime) => {
      const alarms = new Alarms(template);
      let waiting = 0;
      /** Minutes until each desired task runs. */
      let tasks: number[] = [];
      for (let minute = 0; minute < 400; minute += 1) {
        waiting += batches[minute] ?? 0;
        tasks = tasks.map((left) => Math.max(0, left - 1));
        const running = tasks.filter((left) => left === 0).length;
        waiting -= Math.min(waiting, running * speed);
        const atWork = Math.min(running, waiting);
        const held = Math.min(MESSAGES_IN_TASK * running, waiting);
        const wanted = alarms.after({ visible: waiting - held, held: held === 0 ? undefined : held }, tasks.length);
        // A scale-in may cancel starting tasks, but never stops busy tasks.
        if (wanted < atWork || (waiting > 0 && wanted === 0)) {
          throw new Error(
            `minute ${minute}: ${wanted} desired tasks for ${waiting} images; expected at least ${atWork} busy tasks`,
          );
        }
        tasks = Array.from({ length: wanted }, (_, index) => tasks[index] ?? startTime);
      }
      expect([waiting, tasks.length]).toEqual([0, 0]);
    }),
    { numRuns: 200, seed: 7 },
  );
});

describe('an inactive queue', () => {
  test('a schedule sends a request without effect to the queue every three hours', () => {
    const { template } = fargate();
    const schedule = onlyResource(template, 'AWS::Scheduler::Schedule');
    expect(schedule).toMatchObject({
      ScheduleExpression: 'rate(3 hours)',
      State: 'ENABLED',
      Target: { RetryPolicy: { MaximumRetryAttempts: 0 } },
    });
    expect(JSON.stringify(schedule)).toContain(':scheduler:::aws-sdk:sqs:untagQueue');
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          { Effect: 'Allow', Action: 'sqs:UntagQueue', Resource: { 'Fn::GetAtt': ['PhotosQueueED84B6A0', 'Arn'] } },
        ],
      },
    });
  });

  test.each<[string, ThumbnailFargateWorkerOptions, number]>([
    ['an inactive queue needs no schedule if minCapacity is 1', { minCapacity: 1 }, 0],
    ['an inactive queue has no schedule if keepQueueActive is false', { keepQueueActive: false }, 0],
    ['an inactive queue has a schedule if keepQueueActive is true', { minCapacity: 1, keepQueueActive: true }, 1],
  ])('%s', (_what, worker, count) => {
    const { template, pipeline } = fargate({ worker });
    template.resourceCountIs('AWS::Scheduler::Schedule', count);
    expect(pipeline.workerService?.keepQueueActive === undefined).toBe(count === 0);
  });
});

test('the API scales by requests and CPU utilization', () => {
  const policies = (props: Parameters<typeof fargate>[0]): unknown[] =>
    Object.values(
      fargate(props).template.findResources('AWS::ApplicationAutoScaling::ScalingPolicy', {
        Properties: { PolicyType: 'TargetTrackingScaling' },
      }),
    ).map(
      (policy) =>
        (policy as { Properties: { TargetTrackingScalingPolicyConfiguration: unknown } }).Properties
          .TargetTrackingScalingPolicyConfiguration,
    );
  const tracks = (metric: string, value: number): unknown => ({
    PredefinedMetricSpecification: expect.objectContaining({ PredefinedMetricType: metric }) as unknown,
    TargetValue: value,
    ScaleInCooldown: 300,
    ScaleOutCooldown: 60,
  });
  expect(policies({})).toEqual([
    tracks('ALBRequestCountPerTarget', 3000),
    tracks('ECSServiceAverageCPUUtilization', 60),
  ]);
  expect(policies({ api: { requestsPerTask: 100, targetUtilizationPercent: 40 } })).toEqual([
    tracks('ALBRequestCountPerTarget', 100),
    tracks('ECSServiceAverageCPUUtilization', 40),
  ]);
});

test('an existing encrypted queue with any visibility timeout adds the permission to decrypt', () => {
  const { template } = synthesize((stack) => ({
    compute: ThumbnailCompute.fargate(),
    queue: new sqs.Queue(stack, 'Mine', { encryptionMasterKey: new kms.Key(stack, 'Key') }),
  }));
  expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toMatch(
    /kms:Decrypt.*sqs:ChangeMessageVisibility|sqs:ChangeMessageVisibility.*kms:Decrypt/,
  );
});
