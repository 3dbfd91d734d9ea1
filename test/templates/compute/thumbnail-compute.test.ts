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
import { newStack, onlyResource, problemsOf, synthesize, warningsOf } from '../../support/stacks';

const templateOf = (props?: ThumbnailLambdaOptions): Template =>
  synthesize({ compute: ThumbnailCompute.lambda(props) }).template;
const UPLOAD = { Properties: { Handler: 'upload-function.handler' } };
const API = { Properties: { Handler: 'api-function.handler' } };

describe('lambda', () => {
  test('is the default: Node.js 24 on arm64 with one vCPU', () => {
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

  test('keeps glibc from keeping memory', () => {
    for (const handler of [UPLOAD, API]) {
      expect(onlyResource(templateOf(), 'AWS::Lambda::Function', handler)).toMatchObject({
        Environment: {
          Variables: { MALLOC_ARENA_MAX: '2', MALLOC_MMAP_THRESHOLD_: '8388608', MALLOC_TRIM_THRESHOLD_: '16777216' },
        },
      });
    }
  });

  test('takes one image at a time, and reports which of a batch failed', () => {
    expect(onlyResource(templateOf(), 'AWS::Lambda::EventSourceMapping')).toEqual({
      BatchSize: 1,
      EventSourceArn: { 'Fn::GetAtt': ['PhotosQueueED84B6A0', 'Arn'] },
      FunctionName: { Ref: 'PhotosUploadFunction3888B256' },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
  });

  test('lets Lambda do with the queue what its poller does', () => {
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

  test('ships the program of the architecture', () => {
    const keyOf = (props?: ThumbnailLambdaOptions): unknown =>
      (onlyResource(templateOf(props), 'AWS::Lambda::Function', UPLOAD)['Code'] as { S3Key: unknown }).S3Key;
    const x86 = { architecture: lambda.Architecture.X86_64 };
    expect(onlyResource(templateOf(x86), 'AWS::Lambda::Function', API)['Architectures']).toEqual(['x86_64']);
    expect(keyOf(x86)).not.toEqual(keyOf());
    expect(keyOf()).toEqual(keyOf({ architecture: lambda.Architecture.ARM_64 }));
  });

  test('has memory, runtime and tracing as one says, in both functions', () => {
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

  test('has time for every image of a batch, and the queue waits six times as long', () => {
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

  test('batches and runs at once as one says', () => {
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

  test('a role of one’s own serves both functions and gets what they need', () => {
    const { template } = synthesize((stack) => ({
      compute: ThumbnailCompute.lambda({
        role: new iam.Role(stack, 'Mine', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }),
      }),
    }));
    template.resourceCountIs('AWS::IAM::Role', 2); // mine and the one of the CDK's notifications
    const role = { 'Fn::GetAtt': [expect.stringMatching(/^Mine/), 'Arn'] };
    for (const handler of [UPLOAD, API]) {
      expect(onlyResource(template, 'AWS::Lambda::Function', handler)['Role']).toEqual(role);
    }
    expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain('s3:DeleteObject');
  });

  test('waits for its permissions before it may be invoked', () => {
    templateOf().hasResource('AWS::Lambda::Function', {
      ...UPLOAD,
      DependsOn: Match.arrayWith(['PhotosUploadFunctionRoleDefaultPolicy5D97553E']),
    });
  });

  const failures: [string, ThumbnailLambdaOptions, string[]][] = [
    [
      'memory',
      { memorySize: 100 },
      ['compute.memorySize: 100 is out of range; expected an integer from 128 to 10,240 MiB'],
    ],
    [
      'a timeout beyond Lambda’s',
      { timeout: Duration.minutes(16) },
      ['compute.timeout: 960 s is out of range; expected whole seconds from 1 to 900'],
    ],
    [
      'a timeout that no image could reach',
      { timeout: Duration.seconds(20) },
      ['compute.timeout: 20 s is invalid; expected longer than limits.maxDuration (20 s)'],
    ],
    [
      'a timeout in parts of seconds',
      { timeout: Duration.millis(30_500) },
      ['compute.timeout: 30.5 s is out of range; expected whole seconds from 1 to 900'],
    ],
    [
      'a batch',
      { batchSize: 0 },
      ['compute.batchSize: 0 is out of range; expected an integer from 1 to 10,000 images'],
    ],
    [
      'a batch that needs time to gather',
      { batchSize: 11 },
      ['compute.batchSize: 11 is invalid; expected at most 10 without a maxBatchingWindow of at least 1 second'],
    ],
    [
      'a window',
      { maxBatchingWindow: Duration.minutes(6) },
      ['compute.maxBatchingWindow: 360 s is out of range; expected whole seconds from 0 to 300'],
    ],
    [
      'concurrency',
      { maxConcurrency: 1, reservedConcurrentExecutions: -1 },
      [
        'compute.maxConcurrency: 1 is out of range; expected an integer from 2 to 1,000 invocations',
        'compute.reservedConcurrentExecutions: -1 is out of range; expected an integer from 0 to 100,000',
        'compute.maxConcurrency: 1 is invalid; expected at most reservedConcurrentExecutions (-1), or invocations are refused',
      ],
    ],
    [
      'concurrency that is not set aside',
      { maxConcurrency: 10, reservedConcurrentExecutions: 5 },
      [
        'compute.maxConcurrency: 10 is invalid; expected at most reservedConcurrentExecutions (5), or invocations are refused',
      ],
    ],
    [
      'a runtime of another language',
      { runtime: lambda.Runtime.PYTHON_3_13 },
      ['compute.runtime: python3.13 is invalid; expected one of Node.js, such as Runtime.NODEJS_24_X'],
    ],
  ];
  test.each(failures)('fails with a message about %s', (_what, props, messages) => {
    expect(problemsOf({ compute: ThumbnailCompute.lambda(props) })).toEqual(messages);
  });

  test('fails when the queue shows a message again before the function is ended, which Lambda refuses', () => {
    expect(problemsOf((stack) => ({ queue: new sqs.Queue(stack, 'Q') }))).toEqual([
      'compute.timeout: 60 s is invalid; expected at most the visibility timeout of the queue (30 s)',
    ]);
  });

  test('values that only the deployment knows pass', () => {
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

describe('warns', () => {
  function warnings(props: (stack: Stack) => ThumbnailPipelineProps): string[] {
    const stack = newStack();
    new ThumbnailPipeline(stack, 'Photos', props(stack));
    return warningsOf(stack);
  }

  test('of nothing by default', () => {
    expect(warnings(() => ({}))).toEqual([]);
  });

  test('when a batch may take longer than the function may', () => {
    const compute = ThumbnailCompute.lambda({ batchSize: 10, timeout: Duration.seconds(60) });
    expect(warnings(() => ({ compute }))).toEqual([
      expect.stringMatching(/^batchSize: 10 .*\b200 s.*timeout is 60 s.*\[ack: cdk-thumbnails:batchMayTimeOut\]$/),
    ]);
  });

  test('when a queue of one’s own hides messages too briefly and gives up on none', () => {
    const queue = { visibilityTimeout: Duration.minutes(2) };
    expect(warnings((stack) => ({ queue: new sqs.Queue(stack, 'Q', queue) }))).toEqual([
      'the queue hides a message for 120 s, the compute wants 360 s: images may be worked on twice at once ' +
        '[ack: cdk-thumbnails:visibilityTimeout]',
      'the queue has no dead-letter queue: an image that always fails is tried until its message is too old ' +
        '[ack: cdk-thumbnails:noDeadLetterQueue]',
    ]);
  });
});

test('one compute serves several pipelines', () => {
  const stack = newStack();
  const compute = ThumbnailCompute.lambda({ memorySize: 512 });
  new ThumbnailPipeline(stack, 'One', { compute });
  new ThumbnailPipeline(stack, 'Two', { compute });
  Template.fromStack(stack).resourcePropertiesCountIs('AWS::Lambda::Function', { MemorySize: 512 }, 4);
});
