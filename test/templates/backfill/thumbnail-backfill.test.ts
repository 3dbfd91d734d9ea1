import { App, Duration, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json';
import {
  Thumbnail,
  type ThumbnailBackfillOptions,
  ThumbnailCompute,
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
  ThumbnailRefresh,
} from '../../../lib';
import { permissionsOf } from '../../support/templates/permissions';
import { newStack, quietly, warningsOf } from '../../support/templates/stacks';
import { findingsOf } from '../security/nag';

type Props = ThumbnailPipelineProps | ((stack: Stack) => ThumbnailPipelineProps);

function synthesize(props: Props = {}, options: ThumbnailBackfillOptions | undefined = {}, stack = newStack()) {
  const pipeline = new ThumbnailPipeline(stack, 'Photos', typeof props === 'function' ? props(stack) : props);
  pipeline.addBackfill(undefined, options);
  return { stack, pipeline, template: quietly(() => Template.fromStack(stack)) };
}

type Resources = Readonly<
  Record<string, { readonly Type: string; readonly DependsOn?: string[]; Properties: unknown }>
>;

test('addBackfill() changes only the retention period of the existing resources', () => {
  const stack = newStack();
  new ThumbnailPipeline(stack, 'Photos');
  const { Resources: before } = quietly(() => Template.fromStack(stack)).toJSON() as { Resources: Resources };
  const { Resources: after } = synthesize().template.toJSON() as { Resources: Resources };
  const added = Object.entries(after).filter(([id]) => !(id in before));
  expect(added.map(([, { Type }]) => Type).sort()).toEqual([
    'AWS::IAM::Policy',
    'AWS::IAM::Policy',
    'AWS::IAM::Role',
    'AWS::StepFunctions::StateMachine',
  ]);
  const changed = Object.keys(before).filter((id) => JSON.stringify(before[id]) !== JSON.stringify(after[id]));
  expect(changed.map((id) => id.replace(/[0-9A-F]{8}$/, ''))).toEqual(['PhotosQueue']);
  expect(after[changed[0]!]!.Properties).toMatchObject({ MessageRetentionPeriod: 1_209_600 });
});

describe('permissions', () => {
  test('the state machine may only list sources, send to one queue and start its own executions', () => {
    const { template } = synthesize({ sourcePrefix: 'in/', thumbnailPrefix: 'out/' });
    const permissions = permissionsOf(template, 'PhotosBackfill').map((line) => line.replace(/[0-9A-F]{8}$/, ''));
    const executions = 'arn:AWS::Partition:states:AWS::Region:AWS::AccountId:execution:PhotosBackfillStateMachine';
    expect(permissions.filter((line) => !line.startsWith('logs:'))).toEqual([
      's3:ListBucket on PhotosSourceBucket',
      'sqs:GetQueueAttributes on PhotosQueue',
      'sqs:SendMessage on PhotosQueue',
      `states:DescribeExecution on ${executions}/*`,
      `states:DescribeExecution on ${executions}:*`,
      `states:RedriveExecution on ${executions}/*`,
      `states:RedriveExecution on ${executions}:*`,
      'states:StartExecution on PhotosBackfillStateMachine',
      `states:StopExecution on ${executions}/*`,
      `states:StopExecution on ${executions}:*`,
    ]);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 's3:ListBucket', Condition: { StringLike: { 's3:prefix': 'in/*' } } }),
        ]),
      },
    });
  });

  test('grantStart() grants permissions to start, describe, stop and resume executions', () => {
    const stack = newStack();
    const role = new Role(stack, 'Operator', { assumedBy: new AccountRootPrincipal() });
    const pipeline = new ThumbnailPipeline(stack, 'Photos');
    pipeline.addBackfill().grantStart(role);
    const template = quietly(() => Template.fromStack(stack));
    const actions = permissionsOf(template, 'Operator').map((line) => line.split(' on ')[0]);
    expect(actions).toEqual(
      expect.arrayContaining([
        'states:DescribeExecution',
        'states:DescribeMapRun',
        'states:DescribeStateMachine',
        'states:ListExecutions',
        'states:ListMapRuns',
        'states:RedriveExecution',
        'states:StartExecution',
        'states:StopExecution',
      ]),
    );
    expect(permissionsOf(template, 'Operator').filter((line) => line.startsWith('states:DescribeMapRun'))).toEqual([
      expect.stringMatching(/:mapRun:PhotosBackfillStateMachine\/\*$/),
    ]);
  });

  test('the permissions include the inventory and the KMS keys of the inventory and of the queue', () => {
    const { template } = synthesize(
      (stack) => ({
        queue: new sqs.Queue(stack, 'Queue', {
          encryptionMasterKey: new kms.Key(stack, 'QueueKey'),
          visibilityTimeout: Duration.hours(1),
        }),
      }),
      {},
    );
    expect(permissionsOf(template, 'PhotosBackfill').filter((line) => line.startsWith('kms:'))).toEqual([
      'kms:Decrypt on QueueKey',
      'kms:GenerateDataKey on QueueKey',
    ]);
    const stack = newStack();
    const inventoryBucket = new Bucket(stack, 'Inventory', { encryptionKey: new kms.Key(stack, 'Key') });
    const permissions = permissionsOf(synthesize({}, { inventoryBucket }, stack).template, 'PhotosBackfill');
    expect(permissions).toEqual(expect.arrayContaining(['s3:GetObject on Inventory/*', 'kms:Decrypt on Key']));
  });
});

test('addBackfill() supports an imported source bucket', () => {
  const { template } = synthesize((stack) => ({ sourceBucket: Bucket.fromBucketName(stack, 'Source', 'photos') }));
  expect(permissionsOf(template, 'PhotosBackfill')).toContainEqual(
    expect.stringMatching(/^s3:ListBucket on .*photos$/),
  );
});

test('addBackfill() warns about a short retention period only for an existing queue', () => {
  const withQueue = (queueProps: sqs.QueueProps) =>
    synthesize((stack) => ({
      queue: new sqs.Queue(stack, 'Queue', { visibilityTimeout: Duration.hours(1), ...queueProps }),
    }));
  const isWarned = ({ stack }: { stack: Stack }): boolean =>
    warningsOf(stack).some((warning) => warning.includes('cdk-thumbnails:backfillRetention'));
  expect(isWarned(withQueue({}))).toBe(true);
  expect(isWarned(withQueue({ retentionPeriod: Duration.days(14) }))).toBe(false);
  expect(isWarned(synthesize())).toBe(false);
});

describe('validation', () => {
  test('addBackfill() reports all invalid options', () => {
    expect(() => synthesize({}, { maxBacklog: 1, maxConcurrency: 0, toleratedFailurePercentage: 101 })).toThrow(
      /^Stack\/Photos\/Backfill: 3 validation errors:.*maxBacklog: 1 .*maxConcurrency: 0 .*toleratedFailurePercentage: 101/s,
    );
  });

  test('addBackfill() rejects a second backfill with the same id', () => {
    const { pipeline } = synthesize();
    expect(() => pipeline.addBackfill()).toThrow(/^Stack\/Photos: addBackfill: id: 'Backfill' is in use/);
    expect(() => pipeline.addBackfill('Another')).not.toThrow();
  });
});

describe('refresh', () => {
  const refresh = ThumbnailRefresh.onChange();

  function callsOf(props: Props = {}, options: ThumbnailBackfillOptions = { refresh }) {
    const { template } = synthesize(props, options);
    const [resource] = Object.values(template.findResources('Custom::AWS')) as {
      readonly DependsOn: string[];
      readonly Properties: Readonly<Record<string, unknown>>;
    }[];
    const text = (name: string): string => JSON.stringify(resource!.Properties[name] ?? '');
    return { template, resource, create: text('Create'), update: text('Update'), delete: text('Delete') };
  }

  test('the refresh starts an execution only after a change of settings', () => {
    const { create, update, delete: onDelete } = callsOf();
    expect(create).toContain('describeStateMachine');
    expect(create).not.toContain('startExecution');
    expect(update).toContain('startExecution');
    expect(update).toContain('stopOlder');
    expect(onDelete).toBe('""');
    for (const call of [create, update]) {
      expect(call).toContain('ignoreErrorCodesMatching');
    }
  });

  test('the refresh starts an execution on the first deployment if onFirstDeployment is true', () => {
    const { create } = callsOf({}, { refresh: ThumbnailRefresh.onChange({ onFirstDeployment: true }) });
    expect(create).toContain('startExecution');
  });

  test.each<[string, ThumbnailPipelineProps, boolean]>([
    ['thumbnails', { thumbnails: [Thumbnail.inside('other', 9)] }, true],
    ['limits', { limits: { maxPixels: 9 } }, true],
    ['cache control', { cacheControl: 'no-cache' }, true],
    ['thumbnail prefix', { thumbnailPrefix: 'v2/' }, true],
    ['source suffixes', { sourceSuffixes: ['.jpg'] }, true],
    ['tracing', { tracing: true }, false],
    ['API', { apiEnabled: false }, false],
  ])(
    'the refresh starts an execution after a change of %s only if the change affects thumbnails',
    (_, props, isChanged) => {
      expect(callsOf(props).update !== callsOf().update).toBe(isChanged);
    },
  );

  test.each([
    ['Lambda', () => ThumbnailCompute.lambda(), ['AWS::Lambda::Function', 'AWS::Lambda::EventSourceMapping']],
    ['Fargate', () => ThumbnailCompute.fargate(), ['AWS::ECS::Service']],
  ])('the refresh follows the update of the workers on %s and of the state machine', (_, compute, types) => {
    const { template, resource } = callsOf({ compute: compute() });
    const all = (template.toJSON() as { Resources: Resources }).Resources;
    const before = resource!.DependsOn.map((id) => all[id]!.Type);
    expect(before).toEqual(expect.arrayContaining([...types, 'AWS::StepFunctions::StateMachine', 'AWS::IAM::Policy']));
  });

  test('the refresh has an output with the console URL of its executions', () => {
    const { template } = callsOf();
    expect(Object.keys(template.findOutputs('*', { Description: Match.stringLikeRegexp('Executions') }))).toHaveLength(
      1,
    );
  });

  test('the refresh is disabled by default', () => {
    expect(synthesize().template.findResources('Custom::AWS')).toEqual({});
  });
});

/** Findings of cdk-nag, with reasons. docs/guides/backfill.md contains this list. */
const ACKNOWLEDGED = [
  // The actions for executions and log deliveries do not support a narrower resource.
  /^IAM5\[Resource::/,
  /^IAMNoInlinePolicy$/,
  // Logs of all events would cost more than the backfill. X-Ray shows no more information than the map run.
  /^SF1$|^SF2$|^StepFunctionStateMachine/,
];

test('the documentation lists all findings of cdk-nag', () => {
  const findings = (withBackfill: boolean): string[] => {
    const app = new App({ context: recommendedFlags });
    const pipeline = new ThumbnailPipeline(new Stack(app, 'Stack'), 'Photos');
    if (withBackfill) {
      pipeline.addBackfill();
    }
    quietly(() => app.synth());
    return findingsOf(app).map(({ rule, path }) => `${rule} on ${path}`);
  };
  const before = new Set(findings(false));
  const unknown = findings(true)
    .filter((finding) => !before.has(finding))
    .filter((finding) => !ACKNOWLEDGED.some((pattern) => pattern.test(finding.split(' on ')[0]!)));
  expect(unknown).toEqual([]);
});
