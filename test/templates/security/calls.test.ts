// What the program calls, it may; and nothing that it may is not called. The calls are read from the bundles of the doors.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { DEPLOYED_ENTRY_POINTS } from '../../../scripts/bundle';
import { templates } from './configurations';
import { type Statement, statementsOf } from './statements';

const root = join(__dirname, '../../..');

/** What each command of the AWS SDK needs: https://docs.aws.amazon.com/service-authorization/latest/reference/ */
const ACTIONS: Readonly<Record<string, string>> = {
  ChangeMessageVisibility: 'sqs:ChangeMessageVisibility',
  ChangeMessageVisibilityBatch: 'sqs:ChangeMessageVisibility',
  // A form that S3 takes an upload by; the command is the library's own.
  createPresignedPost: 's3:PutObject',
  DeleteMessage: 'sqs:DeleteMessage',
  DeleteMessageBatch: 'sqs:DeleteMessage',
  DeleteObject: 's3:DeleteObject',
  DeleteObjects: 's3:DeleteObject',
  GetObject: 's3:GetObject',
  GetSecretValue: 'secretsmanager:GetSecretValue',
  HeadObject: 's3:GetObject',
  ListObjectsV2: 's3:ListBucket',
  PutObject: 's3:PutObject',
  ReceiveMessage: 'sqs:ReceiveMessage',
};

/** Calls that a door never makes of what it is bundled with, and why. */
const UNUSED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'upload-function': { createPresignedPost: 'the store can, and only the web face asks it to' },
};

const SOURCES = '{PhotosSourceBucket}';
const THUMBNAILS = '{PhotosThumbnailBucket}';
const STORAGE_KINDS = [
  `s3:GetObject on ${SOURCES}/in/*`,
  // Told from forbidden, what is missing.
  `s3:ListBucket on ${SOURCES}`,
  `s3:GetObject on ${THUMBNAILS}/out/*`,
  `s3:PutObject on ${THUMBNAILS}/out/*`,
  `s3:DeleteObject on ${THUMBNAILS}/out/*`,
  `s3:ListBucket on ${THUMBNAILS}`,
];
const WRITING = [`s3:PutObject on ${SOURCES}/in/*`, `s3:DeleteObject on ${SOURCES}/in/*`];

/** What the role of each door may do, in which configuration. What Lambda does by a role for itself is set apart. */
const DOORS = [
  {
    door: 'upload-function',
    configuration: 'Lambda by default',
    role: 'PhotosUploadFunctionRole',
    may: STORAGE_KINDS,
    forLambda: [
      'sqs:ReceiveMessage on {PhotosQueue}',
      'sqs:DeleteMessage on {PhotosQueue}',
      'sqs:GetQueueAttributes on {PhotosQueue}',
      'logs:CreateLogStream on {PhotosLogGroup}',
      'logs:PutLogEvents on {PhotosLogGroup}',
    ],
  },
  {
    door: 'api-function',
    configuration: 'Lambda with everything',
    role: 'PhotosApiFunctionRole',
    may: [
      ...STORAGE_KINDS,
      ...WRITING,
      'secretsmanager:GetSecretValue on {PhotosSigningKeys}',
      'kms:Decrypt on {Key}',
      'kms:GenerateDataKey on {Key}',
    ],
    forLambda: [
      'logs:CreateLogStream on {PhotosLogGroup}',
      'logs:PutLogEvents on {PhotosLogGroup}',
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
    door: 'service',
    configuration: 'Fargate by default',
    role: 'PhotosWorkerServiceTaskRole',
    may: [
      ...STORAGE_KINDS,
      'sqs:ReceiveMessage on {PhotosQueue}',
      'sqs:DeleteMessage on {PhotosQueue}',
      'sqs:ChangeMessageVisibility on {PhotosQueue}',
    ],
    forLambda: [],
  },
] as const;

const statements = new Map([...templates()].map(([name, template]) => [name, statementsOf(template)]));

/** The commands that the code of a door can send, in the project’s own modules and in the consumer of queues. */
async function callsOf(door: keyof typeof DEPLOYED_ENTRY_POINTS): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: [DEPLOYED_ENTRY_POINTS[door]],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    mainFields: ['module', 'main'],
    external: ['sharp', 'libheif-js'],
    logLevel: 'silent',
  });
  const kept = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(
        ([path, { bytesInOutput }]) =>
          bytesInOutput > 0 && /^(?:lambda|container|runtime)\/|\/sqs-consumer\//.test(path),
      )
      .map(([path]) => path),
  );
  const calls = kept.flatMap((path) =>
    [...readFileSync(join(root, path), 'utf8').matchAll(/new (\w+)Command\(|\b(createPresignedPost)\(/g)].map(
      ([, command, form]) => (command ?? form)!,
    ),
  );
  return [...new Set(calls)].sort();
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

describe.each(DOORS)('$door in «$configuration»', ({ door, configuration, role, may, forLambda }) => {
  const ofRole = statements.get(configuration)!.filter(({ of, kind }) => kind === 'role' && of === role);

  test('may do this, and nothing else', () => {
    expect(linesOf(ofRole, 'Allow')).toEqual([...may, ...forLambda].sort());
  });

  test('may do what it calls, and calls what it may do', async () => {
    const calls = (await callsOf(door)).filter((call) => !(call in (UNUSED[door] ?? {})));
    expect(calls.filter((call) => !(call in ACTIONS))).toEqual([]);
    // A key is used by S3 for who asks for an object, and by no call of the program.
    const allowed = may.map((line) => line.split(' ')[0]!).filter((action) => !action.startsWith('kms:'));
    // The service is one program for workers and API; an API that may not write refuses before it would call.
    const called = calls
      .map((call) => ACTIONS[call]!)
      .filter((action) => door !== 'service' || allowed.includes(action));
    expect([...new Set(called)].sort()).toEqual([...new Set(allowed)].sort());
  });
});

test('the service calls nothing that neither its workers nor its API may do', async () => {
  const roles = ['PhotosWorkerServiceTaskRole', 'PhotosApiServiceTaskRole'];
  const ofService = statements.get('Fargate with everything')!.filter(({ of }) => roles.includes(of));
  const allowed = new Set(linesOf(ofService, 'Allow').map((line) => line.split(' ')[0]));
  const calls = await callsOf('service');
  expect(calls.filter((call) => !allowed.has(ACTIONS[call] ?? ''))).toEqual([]);
});

test('a missing object is told from a forbidden one without a condition on its prefix, which GetObject does not carry', () => {
  const listing = [...statements.values()].flat().filter(({ actions }) => actions.includes('s3:ListBucket'));
  expect(listing.length).toBeGreaterThan(0);
  for (const { conditions } of listing) {
    expect(conditions).toEqual([]);
  }
});

test('keys are used only where buckets, queues and secrets have some', () => {
  for (const [name, all] of statements) {
    const uses = all.filter(
      ({ kind, actions }) => kind === 'role' && actions.some((action) => action.startsWith('kms:')),
    );
    expect([name, uses.length > 0]).toEqual([name, /with everything|imported/.test(name)]);
  }
});
