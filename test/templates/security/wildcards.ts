// Allowed wildcards in policies, with reasons. docs/explanation/security.md contains this list.
import type { Statement } from './statements';

/** Wildcards in the policies of one owner. */
export interface AllowedWildcard {
  /** Owner of the policy. */
  readonly of: string;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  readonly reason: string;
}

/** Names of the owners in the list of wildcards. Each pattern matches the logical ids of one owner. */
const OWNERS: readonly (readonly [RegExp, string])[] = [
  [
    /^Photos(?:Upload|Api|ApiWeb|ApiWriteWeb)FunctionRole$|^Photos(?:Large)?(?:Worker|Api)(?:ServiceTask|Pods)Role$/,
    'role of the runtime',
  ],
  [/^PhotosMalwareScanRole$/, 'role of the malware scan'],
  [/ServiceTaskDefinitionExecutionRole$/, 'execution role of the tasks'],
  [/^BucketNotificationsHandler/, 'CDK: role that configures notifications'],
  [/^CustomS3AutoDeleteObjects/, 'CDK: role that empties buckets'],
  [/^CustomS3ObjectCopy/, 'CDK: role that copies the code of web functions'],
  [/^AWSCDKWebFunctionAssetBucket$/, 'CDK: bucket for the code of web functions'],
  [/^CustomVpcRestrictDefaultSG/, 'CDK: role that restricts default security groups'],
  [/^PhotosSourceBucket$/, 'source bucket'],
  [/^(?:PhotosThumbnailBucket|Both)$/, 'thumbnail bucket'],
  [/^Logs$/, 'bucket for access logs'],
  [/^QueueKey$/, 'key of a queue'],
  [/^(?:Key|SecretKey)$/, 'key'],
  [/^PhotosApiFunction$/, 'API function'],
];

const OBJECTS = 'Keys of future objects are unknown; the prefix is the narrowest resource that includes these keys';
const EMPTYING = 'the CDK adds this statement if `autoDeleteObjects` is true, for one role and one bucket';
/** Bucket that the CDK creates for the code of all web functions of a stack. */
const CODE_BUCKET = '{AWSCDKWebFunctionAssetBucket}';
const OWN_KEY = 'In a key policy, `*` means this key only';
const LOGS =
  'the CDK creates this role for the logs of a custom resource. The name of the log group is unknown at synthesis';

export const ALLOWED_WILDCARDS: readonly AllowedWildcard[] = [
  {
    of: 'role of the runtime',
    actions: ['s3:GetObject'],
    resources: ['<source bucket>/<source prefix>*'],
    reason: `reads sources. ${OBJECTS}`,
  },
  {
    of: 'role of the runtime',
    actions: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
    resources: ['<thumbnail bucket>/<thumbnail prefix>*'],
    reason: `reads, writes and deletes thumbnails. ${OBJECTS}`,
  },
  {
    of: 'role of the runtime',
    actions: ['s3:PutObject', 's3:DeleteObject'],
    resources: ['<source bucket>/<source prefix>*'],
    reason: `signs uploads and deletes images; only for the API, if \`writeAccess\` is set. ${OBJECTS}`,
  },
  {
    of: 'role of the runtime',
    actions: ['s3:GetObjectTagging'],
    resources: ['<source bucket>/<source prefix>*'],
    reason: `reads the results of malware scans; only with \`ThumbnailTrigger.afterMalwareScan()\`. ${OBJECTS}`,
  },
  {
    of: 'role of the runtime',
    actions: ['s3:DeleteObjectVersion'],
    resources: ['<source bucket>/<source prefix>*'],
    reason: `deletes the versions of infected sources; only for workers, with a quarantine. ${OBJECTS}`,
  },
  {
    of: 'role of the runtime',
    actions: ['s3:PutObject', 's3:PutObjectTagging'],
    resources: ['<source bucket>/<quarantine prefix>*'],
    reason: `copies infected sources with their tags; only for workers, with a quarantine. ${OBJECTS}`,
  },
  {
    of: 'role of the runtime',
    actions: ['rekognition:DetectModerationLabels', 'rekognition:DetectFaces'],
    resources: ['*'],
    reason: 'only with `ThumbnailAnalysis.rekognition()`: the actions do not support resource-level permissions',
  },
  {
    of: 'role of the malware scan',
    actions: [
      's3:GetObject',
      's3:GetObjectVersion',
      's3:GetObjectTagging',
      's3:GetObjectVersionTagging',
      's3:PutObjectTagging',
      's3:PutObjectVersionTagging',
    ],
    resources: ['<source bucket>/<source prefix>*'],
    reason: `GuardDuty reads and tags the sources. ${OBJECTS}`,
  },
  {
    of: 'role of the malware scan',
    actions: [
      'events:PutRule',
      'events:DeleteRule',
      'events:PutTargets',
      'events:RemoveTargets',
      'events:DescribeRule',
      'events:ListTargetsByRule',
    ],
    resources: ['arn:{Partition}:events:{Region}:{AccountId}:rule/DO-NOT-DELETE-AmazonGuardDutyMalwareProtectionS3*'],
    reason: 'GuardDuty creates a managed rule. The end of its name is unknown at synthesis',
  },
  {
    of: 'role of the runtime',
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: ['<imported log group>:*'],
    reason: 'writes log streams of one log group; these actions require an ARN with this suffix',
  },
  {
    of: 'role of the runtime',
    actions: ['secretsmanager:GetSecretValue'],
    resources: ['<secret imported by name>-??????'],
    reason: 'Secrets Manager appends six characters to a name; six question marks match this name only',
  },
  {
    of: 'role of the runtime',
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
      'only with `vpc`: Lambda requires these actions on `*` in the execution role; a second statement denies ' +
      'these actions to the code of the function',
  },
  {
    of: 'role of the runtime',
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    resources: ['*'],
    reason: 'only with `tracing`: the actions do not support resource-level permissions',
  },
  {
    of: 'role of the runtime',
    actions: [
      'ssmmessages:CreateControlChannel',
      'ssmmessages:CreateDataChannel',
      'ssmmessages:OpenControlChannel',
      'ssmmessages:OpenDataChannel',
    ],
    resources: ['*'],
    reason: 'only with `enableExecuteCommand`: the actions do not support resource-level permissions',
  },
  {
    of: 'execution role of the tasks',
    actions: ['ecr:GetAuthorizationToken'],
    resources: ['*'],
    reason: 'the action does not support resource-level permissions; another statement limits pulls to one repository',
  },
  {
    of: 'thumbnail bucket',
    actions: ['s3:GetObject'],
    resources: ['<thumbnail bucket>/<thumbnail prefix>*'],
    reason: `for one distribution, by \`aws:SourceArn\`. ${OBJECTS}`,
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
      'S3 generates the names of logs. Conditions on `aws:SourceArn` and `aws:SourceAccount` limit the statement to one bucket',
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
    reason: `your app creates the key; the account controls its use by IAM policies, and Secrets Manager can decrypt the secret. ${OWN_KEY}`,
  },
  {
    of: 'key of a queue',
    actions: ['kms:*', 'kms:GenerateDataKey', 'kms:Decrypt'],
    resources: ['*'],
    reason: `your app creates the key; the account controls its use by IAM policies, and S3 and EventBridge can encrypt messages. ${OWN_KEY}`,
  },
  {
    of: 'CDK: role that configures notifications',
    actions: ['<AWSLambdaBasicExecutionRole>'],
    resources: ['*'],
    reason: LOGS,
  },
  {
    of: 'CDK: role that copies the code of web functions',
    actions: ['<AWSLambdaBasicExecutionRole>'],
    resources: ['*'],
    reason: LOGS,
  },
  {
    of: 'CDK: role that copies the code of web functions',
    actions: ['s3:GetObject', 's3:GetObjectVersion'],
    resources: ['arn:{Partition}:s3:::cdk-hnb659fds-assets-{AccountId}-{Region}/*'],
    reason:
      'the CDK adds this statement to copy the code from the bucket of the CDK assets; only with `ThumbnailCompute.webFunction()`',
  },
  {
    of: 'CDK: role that copies the code of web functions',
    actions: [
      's3:Abort*',
      's3:DeleteObject*',
      's3:PutObject',
      's3:PutObjectLegalHold',
      's3:PutObjectRetention',
      's3:PutObjectTagging',
      's3:PutObjectVersionTagging',
    ],
    resources: [`${CODE_BUCKET}/web-function/*`],
    reason: 'the CDK adds this statement to copy the code to the bucket of web functions',
  },
  {
    of: 'CDK: bucket for the code of web functions',
    actions: ['s3:GetObject', 's3:GetObjectVersion'],
    resources: [`${CODE_BUCKET}/web-function/*`],
    reason: 'the CDK adds this statement, because Lambda reads the code at each start of a web function',
  },
  {
    of: 'CDK: bucket for the code of web functions',
    actions: ['s3:DeleteObject*', 's3:GetBucket*', 's3:List*', 's3:PutBucketPolicy'],
    resources: [CODE_BUCKET, `${CODE_BUCKET}/*`],
    reason:
      'the CDK adds this statement for one role and one bucket. The role empties the bucket when CloudFormation deletes the stack',
  },
  { of: 'CDK: role that empties buckets', actions: ['<AWSLambdaBasicExecutionRole>'], resources: ['*'], reason: LOGS },
  {
    of: 'CDK: role that restricts default security groups',
    actions: ['<AWSLambdaBasicExecutionRole>'],
    resources: ['*'],
    reason: LOGS,
  },
];

/** Service principals without a condition on the source, with reasons. */
export const UNCONDITIONAL_SERVICES: readonly {
  readonly of: string;
  readonly service: string;
  readonly reason: string;
}[] = [
  {
    of: 'trust: any role',
    service: 'lambda.amazonaws.com',
    reason:
      'Lambda provides no source when Lambda assumes an execution role; the use of a role requires `iam:PassRole`',
  },
  {
    of: 'trust: execution role of the tasks',
    service: 'ecs-tasks.amazonaws.com',
    reason: 'the CDK creates the trust policy; the role can pull one image and write to one log group',
  },
  {
    of: 'key of a queue',
    service: 's3.amazonaws.com',
    reason: 'AWS does not document the context that S3 provides to KMS; the queue policy limits bucket and account',
  },
];

/** Returns the name that the list of wildcards contains for the owner of a statement. */
export function ownerOf({ of }: Statement): string {
  return OWNERS.find(([pattern]) => pattern.test(of))?.[1] ?? of;
}

/** Returns the pairs of action and resource that contain a wildcard, in the notation of the list. */
export function wildcardsOf(statement: Statement): { readonly action: string; readonly resource: string }[] {
  if (statement.effect !== 'Allow') {
    return [];
  }
  const actions = statement.actions.map((action) =>
    action.replace(/^managed policy .*(AWSLambdaBasicExecutionRole)$/, '<$1>'),
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
  if (rest === '/quarantine/*') {
    return '<source bucket>/<quarantine prefix>*';
  }
  if (rest === '/out/*') {
    return '<thumbnail bucket>/<thumbnail prefix>*';
  }
  return statement.kind === 'resource' ? `<bucket>${rest}` : resource;
}
