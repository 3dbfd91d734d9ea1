// Compares the permissions of each entry point with its AWS SDK calls. The tests read the calls from the bundled
// modules.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { DEPLOYED_ENTRY_POINTS } from '../../../scripts/bundle';
import { templates } from './configurations';
import { type Statement, statementsOf } from './statements';

const root = join(__dirname, '../../..');

/** IAM action for each command of the AWS SDK: https://docs.aws.amazon.com/service-authorization/latest/reference/ */
const ACTIONS: Readonly<Record<string, string>> = {
  ChangeMessageVisibility: 'sqs:ChangeMessageVisibility',
  // Copies infected sources to the quarantine, with their tags.
  CopyObject: 's3:PutObjectTagging',
  ChangeMessageVisibilityBatch: 'sqs:ChangeMessageVisibility',
  // A signed upload form, for which the AWS SDK has no command.
  createPresignedPost: 's3:PutObject',
  DeleteMessage: 'sqs:DeleteMessage',
  DeleteMessageBatch: 'sqs:DeleteMessage',
  DeleteObject: 's3:DeleteObject',
  DeleteObjects: 's3:DeleteObject',
  GetObject: 's3:GetObject',
  GetObjectTagging: 's3:GetObjectTagging',
  GetSecretValue: 'secretsmanager:GetSecretValue',
  HeadObject: 's3:GetObject',
  ListObjectsV2: 's3:ListBucket',
  PutEvents: 'events:PutEvents',
  PutObject: 's3:PutObject',
  ReceiveMessage: 'sqs:ReceiveMessage',
  SendMessage: 'sqs:SendMessage',
};

/** Calls that an entry point makes only in configurations that permit the call. */
const OPTIONAL: readonly string[] = ['CopyObject', 'GetObjectTagging', 'GetSecretValue', 'PutEvents', 'SendMessage'];

/** Calls in the code of a bundle that the entry point never makes, with reasons. */
const UNUSED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'upload-function': {
    createPresignedPost: 'a method of the object store that only the HTTP API calls',
  },
  'api-function': { PutEvents: 'only workers publish events' },
};

const SOURCES = '{PhotosSourceBucket}';
const THUMBNAILS = '{PhotosThumbnailBucket}';
const OBJECT_STORES = [
  `s3:GetObject on ${SOURCES}/in/*`,
  // Without this permission, S3 responds with 403 for missing objects.
  `s3:ListBucket on ${SOURCES}`,
  `s3:GetObject on ${THUMBNAILS}/out/*`,
  `s3:PutObject on ${THUMBNAILS}/out/*`,
  `s3:DeleteObject on ${THUMBNAILS}/out/*`,
  `s3:ListBucket on ${THUMBNAILS}`,
];
const DEFAULT_BUS = 'events:PutEvents on arn:{Partition}:events:{Region}:{AccountId}:event-bus/default';
/** Permissions that the Lambda service needs to invoke the upload function. */
const UPLOADS_FOR_LAMBDA = [
  'sqs:ReceiveMessage on {PhotosQueue}',
  'sqs:DeleteMessage on {PhotosQueue}',
  'sqs:GetQueueAttributes on {PhotosQueue}',
  'logs:CreateLogStream on {PhotosLogGroup}',
  'logs:PutLogEvents on {PhotosLogGroup}',
];
const LOGS_FOR_LAMBDA = ['logs:CreateLogStream on {PhotosLogGroup}', 'logs:PutLogEvents on {PhotosLogGroup}'];
const consumes = (queue: string): string[] =>
  ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility'].map((action) => `sqs:${action} on {${queue}}`);
const SOURCE_WRITES = [`s3:PutObject on ${SOURCES}/in/*`, `s3:DeleteObject on ${SOURCES}/in/*`];

/**
 * Permissions of each entry point in one configuration. `forLambda` contains the actions that the Lambda service needs.
 */
const ENTRY_POINTS = [
  {
    entryPoint: 'upload-function',
    configuration: 'Lambda by default',
    role: 'PhotosUploadFunctionRole',
    allowed: OBJECT_STORES,
    forLambda: UPLOADS_FOR_LAMBDA,
  },
  {
    entryPoint: 'upload-function',
    configuration: 'Lambda with events',
    role: 'PhotosUploadFunctionRole',
    allowed: [...OBJECT_STORES, DEFAULT_BUS],
    forLambda: UPLOADS_FOR_LAMBDA,
  },
  {
    entryPoint: 'upload-function',
    configuration: 'Lambda after a malware scan',
    role: 'PhotosUploadFunctionRole',
    allowed: [...OBJECT_STORES, `s3:GetObjectTagging on ${SOURCES}/in/*`],
    forLambda: UPLOADS_FOR_LAMBDA,
  },
  {
    entryPoint: 'upload-function',
    configuration: 'Lambda with a quarantine',
    role: 'PhotosUploadFunctionRole',
    allowed: [
      ...OBJECT_STORES,
      `s3:GetObjectTagging on ${SOURCES}/in/*`,
      `s3:DeleteObject on ${SOURCES}/in/*`,
      `s3:DeleteObjectVersion on ${SOURCES}/in/*`,
      `s3:PutObject on ${SOURCES}/quarantine/*`,
      `s3:PutObjectTagging on ${SOURCES}/quarantine/*`,
    ],
    forLambda: UPLOADS_FOR_LAMBDA,
  },
  {
    entryPoint: 'api-function',
    configuration: 'Lambda with everything',
    role: 'PhotosApiFunctionRole',
    allowed: [
      ...OBJECT_STORES,
      'sqs:SendMessage on {Queue}',
      'kms:Decrypt on {QueueKey}',
      'kms:GenerateDataKey on {QueueKey}',
      ...SOURCE_WRITES,
      'secretsmanager:GetSecretValue on {PhotosSigningKeys}',
      'kms:Decrypt on {Key}',
      'kms:GenerateDataKey on {Key}',
    ],
    forLambda: [
      ...LOGS_FOR_LAMBDA,
      'xray:PutTraceSegments on *',
      'xray:PutTelemetryRecords on *',
      'ec2:AssignPrivateIpAddresses on *',
      'ec2:CreateNetworkInterface on *',
      'ec2:DeleteNetworkInterface on *',
      'ec2:DescribeNetworkInterfaces on *',
      'ec2:DescribeSubnets on *',
      'ec2:UnassignPrivateIpAddresses on *',
    ],
  },
  {
    entryPoint: 'service',
    configuration: 'API on a web function',
    role: 'PhotosApiWebFunctionRole',
    allowed: [...OBJECT_STORES, 'sqs:SendMessage on {PhotosQueue}'],
    forLambda: LOGS_FOR_LAMBDA,
  },
  {
    entryPoint: 'service',
    configuration: 'API on two web functions',
    role: 'PhotosApiWebFunctionRole',
    allowed: [...OBJECT_STORES, 'sqs:SendMessage on {PhotosQueue}'],
    forLambda: LOGS_FOR_LAMBDA,
  },
  {
    entryPoint: 'service',
    configuration: 'API on two web functions',
    role: 'PhotosApiWriteWebFunctionRole',
    allowed: [...SOURCE_WRITES, 'secretsmanager:GetSecretValue on {PhotosSigningKeys}'],
    forLambda: LOGS_FOR_LAMBDA,
  },
  {
    entryPoint: 'service',
    configuration: 'Fargate with events',
    role: 'PhotosWorkerServiceTaskRole',
    allowed: [...OBJECT_STORES, DEFAULT_BUS, ...consumes('PhotosQueue')],
    forLambda: [],
  },
  {
    entryPoint: 'service',
    configuration: 'Fargate by default',
    role: 'PhotosWorkerServiceTaskRole',
    allowed: [...OBJECT_STORES, ...consumes('PhotosQueue')],
    forLambda: [],
  },
  {
    entryPoint: 'service',
    configuration: 'EKS by default',
    role: 'PhotosWorkerPodsRole',
    allowed: [...OBJECT_STORES, ...consumes('PhotosQueue')],
    forLambda: [],
  },
  {
    entryPoint: 'service',
    configuration: 'EKS by default',
    role: 'PhotosApiPodsRole',
    allowed: [...OBJECT_STORES, 'sqs:SendMessage on {PhotosQueue}'],
    forLambda: [],
  },
  {
    entryPoint: 'service',
    configuration: 'ECS by default',
    role: 'PhotosWorkerServiceTaskRole',
    allowed: [...OBJECT_STORES, ...consumes('PhotosQueue')],
    forLambda: [],
  },
  {
    entryPoint: 'service',
    configuration: 'ECS by default',
    role: 'PhotosApiServiceTaskRole',
    allowed: [...OBJECT_STORES, 'sqs:SendMessage on {PhotosQueue}'],
    forLambda: [],
  },
  {
    entryPoint: 'upload-function',
    configuration: 'hybrid by default',
    role: 'PhotosUploadFunctionRole',
    allowed: [...OBJECT_STORES, 'sqs:SendMessage on {PhotosLargeQueue}'],
    forLambda: UPLOADS_FOR_LAMBDA,
  },
  {
    entryPoint: 'service',
    configuration: 'hybrid by default',
    role: 'PhotosLargeWorkerServiceTaskRole',
    allowed: [...OBJECT_STORES, ...consumes('PhotosLargeQueue')],
    forLambda: [],
  },
  {
    entryPoint: 'api-function',
    configuration: 'hybrid by default',
    role: 'PhotosApiFunctionRole',
    allowed: [...OBJECT_STORES, 'sqs:SendMessage on {PhotosQueue}', 'sqs:SendMessage on {PhotosLargeQueue}'],
    forLambda: LOGS_FOR_LAMBDA,
  },
  {
    entryPoint: 'upload-function',
    configuration: 'Lambda on Managed Instances',
    role: 'PhotosUploadFunctionRole',
    allowed: OBJECT_STORES,
    forLambda: UPLOADS_FOR_LAMBDA,
  },
  {
    entryPoint: 'api-function',
    configuration: 'Lambda on Managed Instances',
    role: 'PhotosApiFunctionRole',
    allowed: [...OBJECT_STORES, 'sqs:SendMessage on {PhotosQueue}'],
    forLambda: LOGS_FOR_LAMBDA,
  },
] as const;

const statements = new Map([...templates()].map(([name, template]) => [name, statementsOf(template)]));

/** Returns the commands in the bundle of an entry point: in modules of this project and in sqs-consumer. */
async function readCalls(entryPoint: keyof typeof DEPLOYED_ENTRY_POINTS): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [DEPLOYED_ENTRY_POINTS[entryPoint]],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    mainFields: ['module', 'main'],
    external: ['sharp', 'libheif-js'],
    logLevel: 'silent',
  });
  const modules = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(
        ([path, { bytesInOutput }]) =>
          bytesInOutput > 0 && /^(?:lambda|container|runtime)\/|\/sqs-consumer\//.test(path),
      )
      .map(([path]) => path),
  );
  const calls = modules.flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/new (\w+)Command\(|\b(createPresignedPost)\(/g)].map(
      ([, command, form]) => (command ?? form)!,
    ),
  );
  return [...new Set(calls)].sort();
}

const read = new Map<string, Promise<string[]>>();

/** Returns the result of {@link readCalls}, and builds each bundle once. */
function callsOf(entryPoint: keyof typeof DEPLOYED_ENTRY_POINTS): Promise<string[]> {
  const calls = read.get(entryPoint) ?? readCalls(entryPoint);
  read.set(entryPoint, calls);
  return calls;
}

function linesOf(all: readonly Statement[], effect: string): string[] {
  return [
    ...new Set(
      all
        .filter((statement) => statement.effect === effect)
        .flatMap(({ actions, resources }) =>
          actions.flatMap((action) => resources.map((resource) => `${action} on ${resource}`)),
        ),
    ),
  ].sort();
}

describe.each(ENTRY_POINTS)(
  '$entryPoint in «$configuration»',
  ({ entryPoint, configuration, role, allowed, forLambda }) => {
    const ofRole = statements.get(configuration)!.filter(({ of, kind }) => kind === 'role' && of === role);

    test('the role has only the expected permissions', () => {
      expect(linesOf(ofRole, 'Allow')).toEqual([...allowed, ...forLambda].sort());
    });

    test('the role has exactly the permissions for the calls of the entry point', async () => {
      const calls = (await callsOf(entryPoint)).filter((call) => !(call in (UNUSED[entryPoint] ?? {})));
      expect(calls.filter((call) => !(call in ACTIONS))).toEqual([]);
      // S3 uses KMS keys on behalf of the caller. The runtime does not call KMS.
      const expected = allowed.map((line) => line.split(' ')[0]!).filter((action) => !action.startsWith('kms:'));
      // The service contains the code of the workers and of the API, so its bundle contains calls that one role does not permit.
      const called = calls
        .filter((call) => !OPTIONAL.includes(call) || expected.includes(ACTIONS[call]!))
        .flatMap((call) => [ACTIONS[call]!, ...(call === 'CopyObject' ? ['s3:DeleteObjectVersion'] : [])])
        .filter((action) => entryPoint !== 'service' || expected.includes(action));
      expect([...new Set(called)].sort()).toEqual([...new Set(expected)].sort());
    });
  },
);

test('the role of the workers or of the API permits every call of the service', async () => {
  const roles = ['PhotosWorkerServiceTaskRole', 'PhotosApiServiceTaskRole'];
  const ofService = statements.get('Fargate with everything')!.filter(({ of }) => roles.includes(of));
  const allowed = new Set(linesOf(ofService, 'Allow').map((line) => line.split(' ')[0]));
  const calls = await callsOf('service');
  const required = calls.filter((call) => !['CopyObject', 'GetObjectTagging'].includes(call));
  expect(required.filter((call) => !allowed.has(ACTIONS[call] ?? ''))).toEqual([]);
});

test('s3:ListBucket has no condition on the prefix, because GetObject requests have no prefix', () => {
  const listing = [...statements.values()].flat().filter(({ actions }) => actions.includes('s3:ListBucket'));
  expect(listing.length).toBeGreaterThan(0);
  for (const { conditions } of listing) {
    expect(conditions).toEqual([]);
  }
});

test('the pipeline grants the use of KMS keys only for encrypted buckets, queues and secrets', () => {
  for (const [name, all] of statements) {
    const uses = all.filter(
      ({ kind, actions }) => kind === 'role' && actions.some((action) => action.startsWith('kms:')),
    );
    expect([name, uses.length > 0]).toEqual([name, /with everything|imported/.test(name)]);
  }
});

test('roles can use KMS keys only through S3 and SQS', () => {
  const uses = [...statements.values()]
    .flat()
    .filter(({ kind, actions }) => kind === 'role' && actions.some((action) => action.startsWith('kms:')));
  expect(new Set(uses.map(({ conditions }) => conditions.join()))).toEqual(
    new Set(['s3', 'sqs'].map((service) => `StringLike kms:ViaService ${service}.{Region}.amazonaws.com*`)),
  );
});
