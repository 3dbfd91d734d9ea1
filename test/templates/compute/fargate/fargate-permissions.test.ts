// Permissions of the roles of a pipeline on Fargate.
import { FargateNetwork, ThumbnailCompute, type ThumbnailPipelineProps } from '../../../../lib';
import { permissionsOf } from '../../../support/templates/permissions';
import { newStack, synthesize } from '../../../support/templates/stacks';

const ALL: ThumbnailPipelineProps = {
  sourcePrefix: 'in/',
  thumbnailPrefix: 'out/',
  compute: ThumbnailCompute.fargate({ network: FargateNetwork.isolatedSubnets() }),
};

const { template } = synthesize(ALL);
/** Permission of the API to send the keys of on-demand renders. */
const SEND = 'sqs:SendMessage on PhotosQueue';
const OBJECT_STORES = [
  's3:DeleteObject on PhotosThumbnailBucket/out/*',
  's3:GetObject on PhotosSourceBucket/in/*',
  's3:GetObject on PhotosThumbnailBucket/out/*',
  's3:ListBucket on PhotosSourceBucket',
  's3:ListBucket on PhotosThumbnailBucket',
  's3:PutObject on PhotosThumbnailBucket/out/*',
];
const QUEUE = ['ChangeMessageVisibility', 'DeleteMessage', 'ReceiveMessage'];

test('task roles have the same permissions on the buckets as functions', () => {
  expect(permissionsOf(template, 'PhotosWorkerServiceTaskRole')).toEqual([
    ...OBJECT_STORES,
    ...QUEUE.map((action) => `sqs:${action} on PhotosQueue`),
  ]);
  expect(permissionsOf(template, 'PhotosApiServiceTaskRole')).toEqual([...OBJECT_STORES, SEND]);
});

test('execution roles can pull the image and write to the log group', () => {
  const repository =
    'arn:aws:ecr:AWS::Region:AWS::AccountId:repository/cdk-hnb659fds-container-assets-AWS::AccountId-AWS::Region';
  for (const service of ['WorkerService', 'ApiService']) {
    const lines = permissionsOf(template, `Photos${service}TaskDefinitionExecutionRole`);
    expect(lines.map((line) => line.replace('AWS::Partition', 'aws'))).toEqual([
      `ecr:BatchCheckLayerAvailability on ${repository}`,
      `ecr:BatchGetImage on ${repository}`,
      // The action does not support resource-level permissions.
      'ecr:GetAuthorizationToken on *',
      `ecr:GetDownloadUrlForLayer on ${repository}`,
      'logs:CreateLogStream on PhotosLogGroup',
      'logs:PutLogEvents on PhotosLogGroup',
    ]);
  }
});

test('task roles without managed policies trust only tasks of this account', () => {
  const roles = Object.entries(template.findResources('AWS::IAM::Role')).filter(([id]) => id.startsWith('Photos'));
  expect(roles.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual([
    'PhotosApiServiceTaskDefinitionExecutionRole',
    'PhotosApiServiceTaskRole',
    'PhotosWorkerServiceKeepQueueActiveRole',
    'PhotosWorkerServiceTaskDefinitionExecutionRole',
    'PhotosWorkerServiceTaskRole',
  ]);
  for (const [id, role] of roles) {
    const { Properties } = role as {
      readonly Properties: { readonly AssumeRolePolicyDocument: { readonly Statement: Record<string, unknown>[] } };
    };
    expect(Properties).not.toHaveProperty('ManagedPolicyArns');
    const [trust] = Properties.AssumeRolePolicyDocument.Statement;
    if (/TaskRole/.test(id)) {
      expect(trust).toMatchObject({
        Principal: { Service: 'ecs-tasks.amazonaws.com' },
        Condition: {
          StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } },
          ArnLike: { 'aws:SourceArn': expect.anything() as unknown },
        },
      });
      expect(JSON.stringify(trust)).toContain(':*');
    }
  }
});

test('functions and tasks have separate permissions', () => {
  const mixed = synthesize({ ...ALL, api: { compute: ThumbnailCompute.lambda() } }, newStack()).template;
  expect(permissionsOf(mixed, 'PhotosApiFunction')).toEqual([
    'logs:CreateLogStream on PhotosLogGroup',
    'logs:PutLogEvents on PhotosLogGroup',
    ...OBJECT_STORES,
    SEND,
  ]);
  expect(permissionsOf(mixed, 'PhotosWorkerServiceTaskRole')).toEqual(
    permissionsOf(template, 'PhotosWorkerServiceTaskRole'),
  );
});
