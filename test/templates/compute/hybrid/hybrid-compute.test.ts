// A small worker consumes the queue of the pipeline. A large worker consumes a separate queue.
import { CfnParameter, Duration, Size, type Stack } from 'aws-cdk-lib';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { ThumbnailCompute, type ThumbnailHybridOptions, type ThumbnailPipelineProps } from '../../../../lib';
import { environmentOf } from '../../../support/templates/fargate';
import { permissionsOf } from '../../../support/templates/permissions';
import {
  errorFor,
  newStack,
  onlyResource,
  problemsOf,
  synthesize,
  variablesOf,
  warningsOf,
} from '../../../support/templates/stacks';

const LARGE_QUEUE = { Ref: expect.stringMatching(/^PhotosLargeQueue/) as unknown };

function hybrid(options: ThumbnailHybridOptions = {}, props: ThumbnailPipelineProps = {}, stack: Stack = newStack()) {
  return synthesize({ compute: ThumbnailCompute.hybrid(options), ...props }, stack);
}

/** Returns the number of resources with this id prefix, by type. */
function typesBelow(template: Template, prefix: string): Record<string, number> {
  const resources = template.toJSON()['Resources'] as Record<string, { readonly Type: string }>;
  const types = Object.entries(resources)
    .filter(([id]) => id.startsWith(prefix))
    .map(([, { Type }]) => Type)
    .sort();
  return Object.fromEntries([...new Set(types)].map((type) => [type, types.filter((other) => other === type).length]));
}

function apiVariablesOf(template: Template): Record<string, unknown> {
  const match = { Properties: { Handler: 'api-function.handler' } };
  const { Environment } = onlyResource(template, 'AWS::Lambda::Function', match);
  return (Environment as { readonly Variables: Record<string, unknown> }).Variables;
}

describe('by default', () => {
  const { template, pipeline, stack } = hybrid();

  test('the large worker adds its own resources to the stack', () => {
    expect(typesBelow(template, 'PhotosLarge')).toMatchSnapshot();
  });

  test('all other resources equal the resources of the small compute', () => {
    const ids = (other: Template): string[] =>
      Object.keys(other.toJSON()['Resources'] as object)
        .filter((id) => id.startsWith('Photos') && !id.startsWith('PhotosLarge'))
        .sort();
    expect(ids(template)).toEqual(ids(synthesize().template));
  });

  test('the worker function and the API function forward to the large queue', () => {
    expect(variablesOf(template)).toMatchObject({ LARGE_QUEUE_URL: LARGE_QUEUE });
    expect(apiVariablesOf(template)).toMatchObject({ LARGE_QUEUE_URL: LARGE_QUEUE });
    for (const role of ['PhotosUploadFunctionRole', 'PhotosApiFunctionRole']) {
      expect(permissionsOf(template, role)).toContain('sqs:SendMessage on PhotosLargeQueue');
    }
  });

  test('the large service consumes the large queue without forwarding', () => {
    const environment = environmentOf(template, 'worker');
    expect(environment).toMatchObject({ SERVICE_MODE: 'worker', QUEUE_URL: LARGE_QUEUE, WORKER_PROCESSES: '3' });
    expect(environment).not.toHaveProperty('LARGE_QUEUE_URL');
    const permissions = permissionsOf(template, 'PhotosLargeWorkerServiceTaskRole');
    expect(permissions.filter((line) => line.includes('sqs:'))).toEqual([
      'sqs:ChangeMessageVisibility on PhotosLargeQueue',
      'sqs:DeleteMessage on PhotosLargeQueue',
      'sqs:ReceiveMessage on PhotosLargeQueue',
    ]);
  });

  test('both workers have equal settings and equal permissions on the buckets', () => {
    const { SERVICE_MODE, QUEUE_URL, WORKER_PROCESSES, ...large } = environmentOf(template, 'worker');
    expect(variablesOf(template)).toMatchObject(large);
    const buckets = (role: string): string[] => permissionsOf(template, role).filter((line) => line.startsWith('s3:'));
    expect(buckets('PhotosLargeWorkerServiceTaskRole')).toEqual(buckets('PhotosUploadFunctionRole'));
    expect(buckets('PhotosUploadFunctionRole')).toHaveLength(6);
    expect([SERVICE_MODE, QUEUE_URL, WORKER_PROCESSES]).not.toContain(undefined);
  });

  test('the large service scales from zero on the large queue', () => {
    template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', { MinCapacity: 0 });
    const alarms = template.findResources('AWS::CloudWatch::Alarm', {
      Properties: { Metrics: Match.anyValue() },
    });
    expect(JSON.stringify(alarms)).toContain('PhotosLargeQueue');
  });

  test('the encrypted large queue has a dead-letter queue and the visibility timeout of the large compute', () => {
    const queues = template.findResources('AWS::SQS::Queue', { Properties: { VisibilityTimeout: 30 } });
    const [queue] = Object.values(queues) as { readonly Properties: Record<string, unknown> }[];
    expect(queue!.Properties).toMatchObject({ SqsManagedSseEnabled: true, RedrivePolicy: { maxReceiveCount: 5 } });
  });

  test('the large worker is a property of the pipeline', () => {
    expect(pipeline.largeWorker?.worker.workerService).toBeDefined();
    expect(pipeline.largeWorker?.queue.node.path).toBe('Stack/Photos/Large/Queue');
    expect(pipeline.largeWorker?.deadLetterQueue?.node.path).toBe('Stack/Photos/Large/DeadLetterQueue');
    expect(pipeline.workerService).toBeUndefined();
    expect(pipeline.uploadFunction).toBeDefined();
  });

  test('images that exceed the memory of the small compute cause no warning', () => {
    expect(warningsOf(stack).filter((warning) => warning.includes('littleMemory'))).toEqual([]);
  });
});

test('both dead-letter queues have alarms', () => {
  const { pipeline } = hybrid();
  expect(Object.keys(pipeline.addAlarms().alarms)).toEqual(
    expect.arrayContaining(['deadLetters', 'largeDeadLetters', 'largeOldestMessageAge']),
  );
  const lambdaOnly = synthesize().pipeline;
  expect(Object.keys(lambdaOnly.addAlarms().alarms).filter((name) => name.startsWith('large'))).toEqual([]);
});

test('both workers publish events and emit detailed metrics', () => {
  const { pipeline, template } = hybrid({}, { eventsEnabled: true });
  expect(variablesOf(template)).toHaveProperty('EVENT_BUS_NAME');
  expect(environmentOf(template, 'worker')).toHaveProperty('EVENT_BUS_NAME');
  expect(permissionsOf(template, 'PhotosLargeWorkerServiceTaskRole')).toEqual(
    expect.arrayContaining([expect.stringMatching(/^events:PutEvents/)]),
  );
  expect(pipeline.connections.securityGroups).toHaveLength(1);
});

test('the worker and an API on another compute type receive the conditions for forwarding', () => {
  const { template } = hybrid(
    { largeFrom: { fileSize: Size.mebibytes(20), duration: Duration.seconds(10) } },
    { api: { compute: ThumbnailCompute.lambda() } },
  );
  const conditions = { LARGE_FROM_BYTES: '20971520', LARGE_FROM_SECONDS: '10' };
  expect(variablesOf(template)).toMatchObject(conditions);
  expect(apiVariablesOf(template)).toMatchObject(conditions);
});

test('a small and a large worker on ECS have separate clusters', () => {
  const { template } = hybrid({
    small: ThumbnailCompute.fargate(),
    large: ThumbnailCompute.fargate({ worker: { cpu: 4096, memoryLimitMiB: 30_720 } }),
  });
  template.resourceCountIs('AWS::ECS::Cluster', 2);
  template.resourceCountIs('AWS::ECS::Service', 3);
});

test('the pipeline warns about the settings of an existing large queue', () => {
  const stack = newStack();
  const { pipeline } = hybrid({ largeQueue: new sqs.Queue(stack, 'Mine') }, {}, stack);
  expect(pipeline.largeWorker?.queue.node.path).toBe('Stack/Mine');
  expect(warningsOf(stack)).toEqual(
    expect.arrayContaining([expect.stringMatching(/\[ack: cdk-thumbnails:noDeadLetterQueue\]$/)]),
  );
});

test.each<[string, (stack: Stack) => ThumbnailHybridOptions, unknown]>([
  [
    'a large compute with less memory',
    () => ({ large: ThumbnailCompute.fargate() }),
    errorFor('compute.large', '928 MiB', '1769 MiB'),
  ],
  [
    'a large compute with equal memory',
    () => ({ large: ThumbnailCompute.lambda() }),
    errorFor('compute.large', '1769 MiB', 'more than the 1769 MiB'),
  ],
  [
    'a hybrid compute in a hybrid compute',
    () => ({ large: ThumbnailCompute.hybrid() }),
    errorFor('compute.large', 'ThumbnailCompute.hybrid()'),
  ],
  [
    'invalid options of the small compute',
    () => ({ small: ThumbnailCompute.lambda({ memorySize: 1 }) }),
    errorFor('compute.small.memorySize', '1', '128 to 10,240 MiB'),
  ],
  [
    'invalid options of the large compute',
    () => ({ large: ThumbnailCompute.fargate({ worker: { cpu: 4096, memoryLimitMiB: 30_720, spotPercent: 101 } }) }),
    errorFor('compute.large.worker.spotPercent', '101', '0 to 100'),
  ],
  [
    'a duration that no image exceeds',
    () => ({ largeFrom: { duration: Duration.seconds(20) } }),
    errorFor('compute.largeFrom.duration', '20 s', 'less than limits.maxDuration (20 s)'),
  ],
])('the hybrid compute rejects %s', (_, options, expected) => {
  expect(problemsOf((stack) => ({ compute: ThumbnailCompute.hybrid(options(stack)) }))).toEqual([expected]);
});

test('the pipeline accepts compute types whose memory is unknown at synthesis', () => {
  const problems = problemsOf((stack) => {
    const memorySize = new CfnParameter(stack, 'Memory', { type: 'Number' }).valueAsNumber;
    return { compute: ThumbnailCompute.hybrid({ small: ThumbnailCompute.lambda({ memorySize }) }) };
  });
  expect(problems).toEqual([]);
});
