import { Annotations, Aws, type IResource, Resource, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { type IKey, ViaServicePrincipal } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { EVENT_SOURCE, INFECTED_STATUS, SCAN_TAG } from '../../runtime/contract';
import { type BucketPermission, crossAccountStatement, otherAccountOf } from './other-account';
import { statementJson } from './stacks';

/** The objects of a bucket whose keys start with a prefix. */
export interface BucketPart {
  readonly bucket: IBucket;
  readonly prefix: string;
  /** IAM conditions on object tags, for read permissions of the runtime. @default - no conditions */
  readonly readConditions?: iam.Conditions;
}

/** Condition of policy statements that apply to objects with malware. */
export const INFECTED_OBJECT = { [`s3:ExistingObjectTag/${SCAN_TAG}`]: INFECTED_STATUS };

/** Returns the ARN pattern of the objects. */
export function objectsOf(part: BucketPart): string {
  return part.bucket.arnForObjects(`${part.prefix}*`);
}

/** Grants the runtime permission to read sources, and to read, write and delete thumbnails. */
export function grantReconcile(grantee: iam.IGrantable, source: BucketPart, thumbnails: BucketPart): void {
  allow(grantee, ['s3:GetObject'], objectsOf(source), source.readConditions);
  if (source.readConditions) {
    allow(grantee, ['s3:GetObjectTagging'], objectsOf(source));
  }
  allowNotFound(grantee, source.bucket);
  warnAboutOtherAccount(grantee, source.bucket, [
    {
      actions: ['s3:GetObject', ...(source.readConditions ? ['s3:GetObjectTagging'] : [])],
      resource: objectsOf(source),
    },
    { actions: ['s3:ListBucket'], resource: source.bucket.bucketArn },
  ]);
  grantKey(grantee, source.bucket, source.bucket.encryptionKey, 's3', 'kms:Decrypt');
  const thumbnailActions = ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'];
  allow(grantee, thumbnailActions, objectsOf(thumbnails));
  allowNotFound(grantee, thumbnails.bucket);
  warnAboutOtherAccount(grantee, thumbnails.bucket, [
    { actions: thumbnailActions, resource: objectsOf(thumbnails) },
    { actions: ['s3:ListBucket'], resource: thumbnails.bucket.bucketArn },
  ]);
  grantKey(grantee, thumbnails.bucket, thumbnails.bucket.encryptionKey, 's3', 'kms:Decrypt', 'kms:GenerateDataKey');
}

/**
 * Grants a principal permission to upload sources.
 *
 * @throws Error if the app can change neither the policy of the principal nor the bucket policy
 */
export function grantUpload(grantee: iam.IGrantable, source: BucketPart): iam.Grant {
  // The SDKs upload large files in parts. S3 must decrypt these parts to assemble the object.
  grantKey(grantee, source.bucket, source.bucket.encryptionKey, 's3', 'kms:GenerateDataKey', 'kms:Decrypt');
  return grantObjects(grantee, source, ['s3:PutObject', 's3:AbortMultipartUpload']);
}

/**
 * Grants a principal permission to read thumbnails.
 *
 * @throws Error if the app can change neither the policy of the principal nor the bucket policy
 */
export function grantReadThumbnails(grantee: iam.IGrantable, thumbnails: BucketPart): iam.Grant {
  grantKey(grantee, thumbnails.bucket, thumbnails.bucket.encryptionKey, 's3', 'kms:Decrypt');
  return grantObjects(grantee, thumbnails, ['s3:GetObject']);
}

/** Consumer of a queue: `lambda` for an event source mapping, `service` for the runtime in a container. */
export type Consumer = 'lambda' | 'service';

/**
 * Actions that each consumer requires:
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions
 */
const CONSUME_ACTIONS: Readonly<Record<Consumer, readonly string[]>> = {
  lambda: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  service: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
};

/** Grants permission to consume a queue. `grantConsumeMessages` of the CDK includes actions that no consumer requires. */
export function grantConsume(grantee: iam.IGrantable, queue: IQueue, consumer: Consumer): void {
  allow(grantee, [...CONSUME_ACTIONS[consumer]], queue.queueArn);
  grantKey(grantee, queue, queue.encryptionMasterKey, 'sqs', 'kms:Decrypt');
}

/**
 * Grants the runtime permission to publish its events to an event bus. A condition permits only the value {@link EVENT_SOURCE}
 * in the field `source` of the events.
 */
export function grantPutEvents(grantee: iam.IGrantable, eventBusArn: string): void {
  allow(grantee, ['events:PutEvents'], eventBusArn, { StringEquals: { 'events:source': EVENT_SOURCE } });
}

/** Grants the runtime permission to send the keys of on-demand renders to a queue. */
export function grantAnnounce(grantee: iam.IGrantable, queue: IQueue): void {
  allow(grantee, ['sqs:SendMessage'], queue.queueArn);
  grantKey(grantee, queue, queue.encryptionMasterKey, 'sqs', 'kms:GenerateDataKey', 'kms:Decrypt');
}

/** Grants the runtime permission to presign uploads of sources and to delete sources. */
export function grantWriteSources(grantee: iam.IGrantable, source: BucketPart): void {
  const actions = ['s3:PutObject', 's3:DeleteObject'];
  allow(grantee, actions, objectsOf(source));
  warnAboutOtherAccount(grantee, source.bucket, [{ actions, resource: objectsOf(source) }]);
  grantKey(grantee, source.bucket, source.bucket.encryptionKey, 's3', 'kms:GenerateDataKey');
}

/** Grants the runtime permission to move infected sources to the quarantine. */
export function grantQuarantine(grantee: iam.IGrantable, source: BucketPart, quarantine: BucketPart): void {
  allow(grantee, ['s3:GetObject'], objectsOf(source), { StringEquals: INFECTED_OBJECT });
  // Permits deletions only with the header `If-Match`, so that the runtime never deletes an object that a client has replaced
  // after the copy.
  allow(grantee, ['s3:DeleteObject'], objectsOf(source), { Null: { 's3:if-match': 'false' } });
  allow(grantee, ['s3:DeleteObjectVersion'], objectsOf(source));
  const writes = ['s3:PutObject', 's3:PutObjectTagging'];
  allow(grantee, writes, objectsOf(quarantine));
  const deletes = ['s3:DeleteObject', 's3:DeleteObjectVersion'];
  warnAboutOtherAccount(grantee, source.bucket, [{ actions: deletes, resource: objectsOf(source) }]);
  warnAboutOtherAccount(grantee, quarantine.bucket, [{ actions: writes, resource: objectsOf(quarantine) }]);
  grantKey(grantee, quarantine.bucket, quarantine.bucket.encryptionKey, 's3', 'kms:GenerateDataKey');
}

/** Grants the runtime permission to read a single object of a bucket. */
export function grantReadObject(grantee: iam.IGrantable, bucketName: string, key: string): void {
  allow(grantee, ['s3:GetObject'], `arn:${Aws.PARTITION}:s3:::${bucketName}/${key}`);
}

/**
 * Grants the runtime permission to analyse images with Amazon Rekognition. The actions do not support resource-level
 * permissions.
 */
export function grantDetect(grantee: iam.IGrantable, labels: boolean, faces: boolean): void {
  const actions = [
    ...(labels ? ['rekognition:DetectModerationLabels'] : []),
    ...(faces ? ['rekognition:DetectFaces'] : []),
  ];
  allow(grantee, actions, '*');
}

/** Grants the runtime permission to invoke a function, a version or an alias. */
export function grantInvokeFunction(grantee: iam.IGrantable, fn: IFunction): void {
  allow(grantee, ['lambda:InvokeFunction'], fn.functionArn);
}

/** Grants the runtime permission to read the value of a secret. */
export function grantReadSecret(grantee: iam.IGrantable, secret: ISecret): void {
  // The ARN of a secret ends with a hyphen and six characters, which are unknown for a secret that is imported by name.
  allow(grantee, ['secretsmanager:GetSecretValue'], secret.secretFullArn ?? `${secret.secretArn}-??????`);
  const service = `secretsmanager.${Stack.of(secret).region}.amazonaws.com`;
  secret.encryptionKey?.grantDecrypt(new ViaServicePrincipal(service, grantee.grantPrincipal));
}

/**
 * Grants the runtime permission to write logs. Excludes the permission to create log groups, which AWSLambdaBasicExecutionRole
 * includes.
 */
export function grantWriteLogs(grantee: iam.IGrantable, logGroup: ILogGroup): void {
  allow(grantee, ['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn);
}

/**
 * Actions of Lambda in a VPC: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
const NETWORK_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** Grants Lambda permission to attach a function to a VPC. Denies these actions to the code of the function. */
export function grantUseNetwork(grantee: iam.IGrantable): void {
  allow(grantee, NETWORK_ACTIONS, '*');
  grantee.grantPrincipal.addToPrincipalPolicy(
    new iam.PolicyStatement({
      effect: iam.Effect.DENY,
      actions: NETWORK_ACTIONS,
      resources: ['*'],
      // Only requests from the code of a function contain this condition key.
      conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
    }),
  );
}

/**
 * Grants s3:ListBucket, without which S3 returns 403 instead of 404 for a missing object.
 *
 * The statement has no condition on `s3:prefix`. GetObject and HeadObject requests have no prefix, so the condition would never
 * match.
 */
function allowNotFound(grantee: iam.IGrantable, bucket: IBucket): void {
  allow(grantee, ['s3:ListBucket'], bucket.bucketArn);
}

function allow(grantee: iam.IGrantable, actions: string[], resource: string, conditions?: iam.Conditions): void {
  const statement = new iam.PolicyStatement({ actions, resources: [resource], conditions });
  if (grantee.grantPrincipal.addToPrincipalPolicy(statement).statementAdded) {
    return;
  }
  throw new Error(
    `${nameOf(grantee)}: the app cannot change the policy of this principal to allow ${actions.join(', ')}; pass a role of this account, ` +
      'or add these permissions to the role yourself and import the role with mutable: false',
  );
}

/** Adds the actions to the policy of the principal. For a principal without a policy, adds the actions to the bucket policy. */
function grantObjects(grantee: iam.IGrantable, part: BucketPart, actions: string[]): iam.Grant {
  const { bucket } = part;
  const resourceArns = [objectsOf(part)];
  const grant = iam.Grant.addToPrincipalOrResource({ grantee, actions, resourceArns, resource: bucket });
  const { resourceStatement } = grant;
  // The grant does not show whether the CDK changed the bucket policy. To find out, this code adds the statement again. A second
  // identical statement has no effect.
  if (!resourceStatement || bucket.addToResourcePolicy(resourceStatement).statementAdded) {
    return grant;
  }
  const { node } = bucket;
  if (!iam.Grant.addToPrincipal({ grantee, actions, resourceArns }).success) {
    throw new Error(
      `${node.path}: the app cannot change the policy of the imported bucket, and the grantee has no policy; instead of ` +
        `the grant, add this statement to the bucket policy: ${statementJson(bucket, resourceStatement)}`,
    );
  }
  Annotations.of(bucket).addWarningV2(
    'cdk-thumbnails:importedBucketPolicy',
    `The app cannot change the policy of the imported bucket. If ${nameOf(grantee)} belongs to another account, the ` +
      `bucket policy must allow this principal ${actions.join(' and ')} on ${JSON.stringify(Stack.of(bucket).resolve(resourceArns))}.`,
  );
  return grant;
}

/** Warns about a bucket in another account, because the bucket policy must also allow the actions. */
function warnAboutOtherAccount(
  grantee: iam.IGrantable,
  bucket: IBucket,
  permissions: readonly BucketPermission[],
): void {
  const { principalAccount } = grantee.grantPrincipal;
  const account = otherAccountOf(bucket, principalAccount);
  if (principalAccount === undefined || account === undefined) {
    return;
  }
  const statements = permissions.map((permission) => crossAccountStatement(bucket, principalAccount, permission));
  Annotations.of(bucket).addWarningV2(
    'cdk-thumbnails:otherAccountBucket',
    `The bucket belongs to account ${account}, the runtime to account ${principalAccount}. The bucket policy must allow ` +
      `the role ${nameOf(grantee)} to use the bucket, with these statements: ${statements.join(', ')}`,
  );
}

/**
 * Grants permission to use a KMS key through one AWS service only.
 *
 * The China regions have a different domain suffix in service names. The AWS documentation does not specify the suffix in this
 * condition key. Therefore, the condition allows both suffixes.
 */
function grantKey(
  grantee: iam.IGrantable,
  resource: IResource,
  key: IKey | undefined,
  service: 's3' | 'sqs',
  ...actions: string[]
): void {
  if (!key) {
    return;
  }
  const conditions = { StringLike: { 'kms:ViaService': `${service}.${resource.env.region}.amazonaws.com*` } };
  if (!Resource.isOwnedResource(key)) {
    // IKey.grant() is unsuitable for an imported key, because its result omits the statement of the principal. Therefore, the
    // conditions could not be added to this statement.
    const resourceArns = [key.keyArn];
    iam.Grant.addToPrincipalOrResource({ grantee, actions, resource: key, resourceArns, conditions });
    return;
  }
  const grant = key.grant(grantee, ...actions);
  for (const statement of [...grant.principalStatements, ...grant.resourceStatements]) {
    statement.addConditions(conditions);
  }
}

function nameOf({ grantPrincipal }: iam.IGrantable): string {
  return Construct.isConstruct(grantPrincipal) ? grantPrincipal.node.path : 'the principal';
}
