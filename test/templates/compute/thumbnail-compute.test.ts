import { CfnParameter, Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import {
  type ThumbnailLambdaOptions,
  ThumbnailCompute,
  ThumbnailPipeline,
  type ThumbnailPipelineProps,
} from '../../../lib';
import { errorFor, newStack, onlyResource, problemsOf, synthesize, warningsOf } from '../../support/templates/stacks';

const templateOf = (props?: ThumbnailLambdaOptions): Template =>
  synthesize({ compute: ThumbnailCompute.lambda(props) }).template;
const UPLOAD = { Properties: { Handler: 'upload-function.handler' } };
const API = { Properties: { Handler: 'api-function.handler' } };

describe('lambda', () => {
  test('the default compute is Lambda with Node.js 24, arm64 and one vCPU', () => {
    const { template } = synthesize();
    expect(template.toJSON()).toEqual(templateOf().toJSON());
    for (const handler of [UPLOAD, API]) {
      expect(onlyResource(template, 'AWS::Lambda::Function', handler)).toMatchObject({
        Runtime: 'nodejs24.x',
        Architectures: ['arm64'],
        MemorySize: 1769,
      });
    }
  });

  test('the functions have the allocator variables', () => {
    for (const handler of [UPLOAD, API]) {
      expect(onlyResource(templateOf(), 'AWS::Lambda::Function', handler)).toMatchObject({
        Environment: {
          Variables: { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '8388608', MALLOC_TRIM_THRESHOLD_: '16777216' },
        },
      });
    }
  });

  test('the event source mapping sends one message per invocation and reads batch item failures', () => {
    expect(onlyResource(templateOf(), 'AWS::Lambda::EventSourceMapping')).toEqual({
      BatchSize: 1,
      EventSourceArn: { 'Fn::GetAtt': ['PhotosQueueED84B6A0', 'Arn'] },
      FunctionName: { Ref: 'PhotosUploadFunction3888B256' },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 100 },
    });
  });

  test('the compute grants the permissions of the event source mapping on the queue', () => {
    templateOf().hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Effect: 'Allow',
            Action: ['sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'],
            Resource: { 'Fn::GetAtt': ['PhotosQueueED84B6A0', 'Arn'] },
          },
        ]),
      },
    });
  });

  test('the compute deploys the runtime for the architecture', () => {
    const keyOf = (props?: ThumbnailLambdaOptions): unknown =>
      (onlyResource(templateOf(props), 'AWS::Lambda::Function', UPLOAD)['Code'] as { S3Key: unknown }).S3Key;
    const x86 = { architecture: lambda.Architecture.X86_64 };
    expect(onlyResource(templateOf(x86), 'AWS::Lambda::Function', API)['Architectures']).toEqual(['x86_64']);
    expect(keyOf(x86)).not.toEqual(keyOf());
    expect(keyOf()).toEqual(keyOf({ architecture: lambda.Architecture.ARM_64 }));
  });

  test('the compute applies memory, runtime and tracing to both functions', () => {
    const template = templateOf({
      memorySize: 3008,
      runtime: lambda.Runtime.NODEJS_22_X,
      tracing: lambda.Tracing.ACTIVE,
    });
    for (const handler of [UPLOAD, API]) {
      expect(onlyResource(template, 'AWS::Lambda::Function', handler)).toMatchObject({
        MemorySize: 3008,
        Runtime: 'nodejs22.x',
        TracingConfig: { Mode: 'Active' },
      });
    }
  });

  test('the compute derives the timeout and the visibility timeout from the batch size', () => {
    const times = (props: ThumbnailLambdaOptions, maxDuration?: Duration): unknown[] => {
      const { template } = synthesize({ compute: ThumbnailCompute.lambda(props), limits: { maxDuration } });
      const queue = { Properties: { RedrivePolicy: Match.anyValue() } };
      return [
        onlyResource(template, 'AWS::Lambda::Function', UPLOAD)['Timeout'],
        onlyResource(template, 'AWS::SQS::Queue', queue)['VisibilityTimeout'],
        onlyResource(template, 'AWS::Lambda::Function', API)['Timeout'],
      ];
    };
    expect(times({})).toEqual([60, 360, 29]);
    expect(times({ batchSize: 10 })).toEqual([240, 1440, 29]);
    expect(times({ batchSize: 10 }, Duration.minutes(5))).toEqual([900, 5400, 29]);
    expect(times({ timeout: Duration.seconds(90), maxBatchingWindow: Duration.seconds(30) })).toEqual([90, 570, 29]);
  });

  test('the compute applies batch size and concurrency', () => {
    const template = templateOf({
      batchSize: 100,
      maxBatchingWindow: Duration.seconds(5),
      maxConcurrency: 20,
      reservedConcurrentExecutions: 20,
      timeout: Duration.minutes(15),
    });
    expect(onlyResource(template, 'AWS::Lambda::EventSourceMapping')).toMatchObject({
      BatchSize: 100,
      MaximumBatchingWindowInSeconds: 5,
      ScalingConfig: { MaximumConcurrency: 20 },
    });
    expect(onlyResource(template, 'AWS::Lambda::Function', UPLOAD)['ReservedConcurrentExecutions']).toBe(20);
    expect(onlyResource(template, 'AWS::Lambda::Function', API)).not.toHaveProperty('ReservedConcurrentExecutions');
  });

  test('an existing role of both functions receives the required permissions', () => {
    const { template } = synthesize((stack) => ({
      compute: ThumbnailCompute.lambda({
        role: new iam.Role(stack, 'Mine', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }),
      }),
    }));
    template.resourceCountIs('AWS::IAM::Role', 2); // the existing role, and the role that configures notifications
    const role = { 'Fn::GetAtt': [expect.stringMatching(/^Mine/), 'Arn'] };
    for (const handler of [UPLOAD, API]) {
      expect(onlyResource(template, 'AWS::Lambda::Function', handler)['Role']).toEqual(role);
    }
    expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain('s3:DeleteObject');
  });

  test('the functions depend on the policy of their role', () => {
    templateOf().hasResource('AWS::Lambda::Function', {
      ...UPLOAD,
      DependsOn: Match.arrayWith(['PhotosUploadFunctionRoleDefaultPolicy5D97553E']),
    });
  });

  const failures: [string, ThumbnailLambdaOptions, unknown[]][] = [
    ['memory out of range', { memorySize: 100 }, [errorFor('compute.memorySize', '100', '128 to 10,240')]],
    [
      'a timeout above the limit of Lambda',
      { timeout: Duration.minutes(16) },
      [errorFor('compute.timeout', '960 s', '1 to 900')],
    ],
    [
      'a timeout of limits.maxDuration',
      { timeout: Duration.seconds(20) },
      [errorFor('compute.timeout', '20 s', 'limits.maxDuration (20 s)')],
    ],
    [
      'a timeout with a fraction of a second',
      { timeout: Duration.millis(30_500) },
      [errorFor('compute.timeout', '30.5 s', '1 to 900')],
    ],
    ['an empty batch', { batchSize: 0 }, [errorFor('compute.batchSize', '0', '1 to 10,000')]],
    [
      'a large batch without a batching window',
      { batchSize: 11 },
      [errorFor('compute.batchSize', '11', 'maxBatchingWindow')],
    ],
    [
      'a batching window out of range',
      { maxBatchingWindow: Duration.minutes(6) },
      [errorFor('compute.maxBatchingWindow', '360 s', '0 to 300')],
    ],
    [
      'concurrency out of range',
      { maxConcurrency: 1, reservedConcurrentExecutions: -1 },
      [
        errorFor('compute.maxConcurrency', '1', '2 to 1,000'),
        errorFor('compute.reservedConcurrentExecutions', '-1', '0 to 100,000'),
        errorFor('compute.maxConcurrency', '1', 'reservedConcurrentExecutions (-1)'),
      ],
    ],
    [
      'a maximum concurrency above the reserved concurrency',
      { maxConcurrency: 10, reservedConcurrentExecutions: 5 },
      [errorFor('compute.maxConcurrency', '10', 'reservedConcurrentExecutions (5)')],
    ],
    [
      'a runtime of another language',
      { runtime: lambda.Runtime.PYTHON_3_13 },
      [errorFor('compute.runtime', 'python3.13')],
    ],
  ];
  test.each(failures)('the compute rejects %s', (_case, props, expected) => {
    expect(problemsOf({ compute: ThumbnailCompute.lambda(props) })).toEqual(expected);
  });

  test('the compute rejects a queue whose visibility timeout is shorter than the function timeout', () => {
    expect(problemsOf((stack) => ({ queue: new sqs.Queue(stack, 'Q') }))).toEqual([
      errorFor('compute.timeout', '60 s', 'visibility timeout', '30 s'),
    ]);
  });

  test('the compute accepts tokens', () => {
    const { template } = synthesize((stack) => {
      const number = new CfnParameter(stack, 'Number', { type: 'Number' }).valueAsNumber;
      const duration = Duration.seconds(number);
      return {
        compute: ThumbnailCompute.lambda({
          memorySize: number,
          timeout: duration,
          batchSize: number,
          maxBatchingWindow: duration,
          maxConcurrency: number,
          reservedConcurrentExecutions: number,
        }),
      };
    });
    const ref = { Ref: 'Number' };
    expect(onlyResource(template, 'AWS::Lambda::Function', UPLOAD)).toMatchObject({
      MemorySize: ref,
      Timeout: ref,
      ReservedConcurrentExecutions: ref,
    });
    expect(onlyResource(template, 'AWS::Lambda::EventSourceMapping')).toMatchObject({
      BatchSize: ref,
      MaximumBatchingWindowInSeconds: ref,
      ScalingConfig: { MaximumConcurrency: ref },
    });
  });
});

describe('warnings', () => {
  function warnings(props: (stack: Stack) => ThumbnailPipelineProps): string[] {
    const stack = newStack();
    new ThumbnailPipeline(stack, 'Photos', props(stack));
    return warningsOf(stack);
  }

  test('none by default', () => {
    expect(warnings(() => ({}))).toEqual([]);
  });

  test('a batch that may exceed the timeout causes a warning', () => {
    const compute = ThumbnailCompute.lambda({ batchSize: 10, timeout: Duration.seconds(60) });
    expect(warnings(() => ({ compute }))).toEqual([
      expect.stringMatching(/^batchSize: 10 .*\b200 s.*timeout is 60 s.*\[ack: cdk-thumbnails:batchMayTimeOut\]$/),
    ]);
  });

  test('an existing queue with a short visibility timeout causes a warning', () => {
    const queue = { visibilityTimeout: Duration.minutes(2) };
    expect(warnings((stack) => ({ queue: new sqs.Queue(stack, 'Q', queue) }))).toEqual([
      expect.stringMatching(/\b120 s\b.*\b360 s\b.*\[ack: cdk-thumbnails:visibilityTimeout\]$/),
      expect.stringMatching(/\[ack: cdk-thumbnails:noDeadLetterQueue\]$/),
    ]);
  });
});

test('several pipelines can share one compute', () => {
  const stack = newStack();
  const compute = ThumbnailCompute.lambda({ memorySize: 512 });
  new ThumbnailPipeline(stack, 'One', { compute });
  new ThumbnailPipeline(stack, 'Two', { compute });
  Template.fromStack(stack).resourcePropertiesCountIs('AWS::Lambda::Function', { MemorySize: 512 }, 4);
});
