// Every wildcard that a template may have, and why. docs/security.md prints this list.
import type { Statement } from './statements';

/** Wildcards that are allowed, by what they are of. */
export interface AllowedWildcard {
  /** Whose policy. */
  readonly of: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly reason: string;
}

/** Owners of policies under the names that the list has for them. */
const OWNERS: readonly (readonly [RegExp, string])[] = [
  [/^Photos(?:Upload|Api)FunctionRole$|^Photos(?:Worker|Api)ServiceTaskRole$/, 'role of the program'],
  [/ServiceTaskDefinitionExecutionRole$/, 'execution role of the tasks'],
  [/^BucketNotificationsHandler/, 'CDK: role that sets notifications'],
  [/^CustomS3AutoDeleteObjects/, 'CDK: role that empties buckets'],
  [/^CustomVpcRestrictDefaultSG/, 'CDK: role that closes default security groups'],
  [/^PhotosSourceBucket$/, 'source bucket'],
  [/^(?:PhotosThumbnailBucket|Both)$/, 'thumbnail bucket'],
  [/^Logs$/, 'bucket for access logs'],
  [/^QueueKey$/, 'key of a queue'],
  [/^(?:Key|SecretKey)$/, 'key'],
  [/^PhotosApiFunction$/, 'function of the API'],
];

const OBJECTS = 'S3 takes no list of keys: the prefix is the narrowest that names objects which are not there yet';
const EMPTYING = 'made by the CDK, and only where autoDeleteObjects asks for it; for that role alone, of this bucket';
const OWN_KEY = 'in the policy of a key * is the key itself';
const LOGS =
  'made by the CDK, not by this library: it writes the logs of the custom resource, and the name is not known before';

export const ALLOWED_WILDCARDS: readonly AllowedWildcard[] = [
  {
    of: 'role of the program',
    actions: ['s3:GetObject'],
    resources: ['<source bucket>/<source prefix>*'],
    reason: `reads sources. ${OBJECTS}`,
  },
  {
    of: 'role of the program',
    actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
    resources: ['<thumbnail bucket>/<thumbnail prefix>*'],
    reason: `keeps thumbnails. ${OBJECTS}`,
  },
  {
    of: 'role of the program',
    actions: ['s3:PutObject', 's3:DeleteObject'],
    resources: ['<source bucket>/<source prefix>*'],
    reason: `signs uploads and deletes images; only that of the API, and only where writeAccess is given. ${OBJECTS}`,
  },
  {
    of: 'role of the program',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: ['<imported log group>:*'],
    reason: 'the streams of one group, as the ARN of a group is written for these actions',
  },
  {
    of: 'role of the program',
    actions: ['secretsmanager:GetSecretValue'],
    resources: ['<secret imported by name>-??????'],
    reason: 'Secrets Manager puts six characters after a name; six marks match the secrets of exactly this name',
  },
  {
    of: 'role of the program',
    actions: [
      'ec2:CreateNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:DeleteNetworkInterface',
      'ec2:AssignPrivateIpAddresses',
      'ec2:UnassignPrivateIpAddresses',
    ],
    resources: ['*'],
    reason:
      'only where functions are given a VPC: Lambda asks for exactly these of a function’s role, on *; a second statement ' +
      'denies them to the code of the function',
  },
  {
    of: 'role of the program',
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    resources: ['*'],
    reason: 'only where tracing asks for it: X-Ray has no resources for these',
  },
  {
    of: 'role of the program',
    actions: [
      'ssmmessages:CreateControlChannel',
      'ssmmessages:CreateDataChannel',
      'ssmmessages:OpenControlChannel',
      'ssmmessages:OpenDataChannel',
    ],
    resources: ['*'],
    reason: 'only where enableExecuteCommand asks for it: these actions have no resources',
  },
  {
    of: 'execution role of the tasks',
    actions: ['ecr:GetAuthorizationToken'],
    resources: ['*'],
    reason: 'signing in is to a registry, and has no resource; what is pulled is one repository',
  },
  {
    of: 'thumbnail bucket',
    actions: ['s3:GetObject'],
    resources: ['<thumbnail bucket>/<thumbnail prefix>*'],
    reason: `for one distribution, by aws:SourceArn. ${OBJECTS}`,
  },
  {
    of: 'source bucket',
    actions: ['s3:DeleteObject*', 's3:GetBucket*', 's3:List*', 's3:PutBucketPolicy'],
    resources: ['<bucket>', '<bucket>/*'],
    reason: EMPTYING,
  },
  {
    of: 'thumbnail bucket',
    actions: ['s3:DeleteObject*', 's3:GetBucket*', 's3:List*', 's3:PutBucketPolicy'],
    resources: ['<bucket>', '<bucket>/*'],
    reason: EMPTYING,
  },
  {
    of: 'bucket for access logs',
    actions: ['s3:PutObject'],
    resources: ['<bucket>/*'],
    reason:
      'made by the CDK: S3 names its logs itself; for one bucket of this account, by aws:SourceArn and aws:SourceAccount',
  },
  {
    of: 'key',
    actions: [
      'kms:*',
      'kms:Decrypt',
      'kms:Encrypt',
      'kms:ReEncrypt*',
      'kms:GenerateDataKey*',
      'kms:CreateGrant',
      'kms:DescribeKey',
    ],
    resources: ['*'],
    reason: `of a key that the app makes, not this library: IAM decides, and Secrets Manager may use its own. ${OWN_KEY}`,
  },
  {
    of: 'key of a queue',
    actions: ['kms:*', 'kms:GenerateDataKey', 'kms:Decrypt'],
    resources: ['*'],
    reason: `of a key that the app makes: IAM decides, and S3 or EventBridge may encrypt what they send. ${OWN_KEY}`,
  },
  {
    of: 'CDK: role that sets notifications',
    actions: ['<AWSLambdaBasicExecutionRole>'],
    resources: ['*'],
    reason: LOGS,
  },
  { of: 'CDK: role that empties buckets', actions: ['<AWSLambdaBasicExecutionRole>'], resources: ['*'], reason: LOGS },
  {
    of: 'CDK: role that closes default security groups',
    actions: ['<AWSLambdaBasicExecutionRole>'],
    resources: ['*'],
    reason: LOGS,
  },
];

/** Services that are let in without a word of whom they act for, and why. */
export const UNCONDITIONAL_SERVICES: readonly {
  readonly of: string;
  readonly service: string;
  readonly reason: string;
}[] = [
  {
    of: 'trust: any role',
    service: 'lambda.amazonaws.com',
    reason: 'Lambda names no source when it takes the role of a function; only who may pass the role can use it',
  },
  {
    of: 'trust: execution role of the tasks',
    service: 'ecs-tasks.amazonaws.com',
    reason: 'made by the CDK; it may pull one image and write to one log group',
  },
  {
    of: 'key of a queue',
    service: 's3.amazonaws.com',
    reason: 'what S3 tells KMS is not documented; the policy of the queue says which bucket of which account may send',
  },
];

/** Which owner a statement is of, in the words of the list. */
export function ownerOf({ of }: Statement): string {
  return OWNERS.find(([pattern]) => pattern.test(of))?.[1] ?? of;
}

/** What a statement allows, in the words of the list: one line for each action on each resource that has a wildcard. */
export function wildcardsOf(statement: Statement): { readonly action: string; readonly resource: string }[] {
  if (statement.effect !== 'Allow') {
    return [];
  }
  const actions = statement.actions.map((action) =>
    action.replace(/^what .*(AWSLambdaBasicExecutionRole) allows$/, '<$1>'),
  );
  const resources = statement.resources.map((resource) => resourceOf(statement, resource));
  return actions.flatMap((action) =>
    resources
      .filter((resource) => /[*?]/.test(action.replace(/^<.*>$/, '*') + resource))
      .map((resource) => ({ action, resource })),
  );
}

function resourceOf(statement: Statement, resource: string): string {
  const bucket =
    /^(?:\{(?:Photos(?:Source|Thumbnail)Bucket|Both|Logs)\}|arn:\{Partition\}:s3:::(?:sources|thumbnails))/;
  const rest = resource.replace(bucket, '');
  if (rest === resource) {
    return resource
      .replace(/^arn:\{Partition\}:logs:\{Region\}:\{AccountId\}:log-group:all-logs/, '<imported log group>')
      .replace(
        /^arn:\{Partition\}:secretsmanager:\{Region\}:\{AccountId\}:secret:signing-keys/,
        '<secret imported by name>',
      );
  }
  if (rest === '/in/*') {
    return '<source bucket>/<source prefix>*';
  }
  if (rest === '/out/*') {
    return '<thumbnail bucket>/<thumbnail prefix>*';
  }
  return statement.kind === 'resource' ? `<bucket>${rest}` : resource;
}
