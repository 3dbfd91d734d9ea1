import { Annotations, Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { ViaServicePrincipal } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { statementText } from './statement-text';

/** A part of a bucket: the keys that start with a prefix. */
export interface BucketPart {
  readonly bucket: IBucket;
  readonly prefix: string;
}

/** ARN of the objects in a part of a bucket. */
export function objectsOf(part: BucketPart): string {
  return part.bucket.arnForObjects(`${part.prefix}*`);
}

/** Lets the program read sources. */
export function grantReadSources(grantee: iam.IGrantable, source: BucketPart): void {
  allow(grantee, ['s3:GetObject'], objectsOf(source));
  allowToTellMissing(grantee, source.bucket);
  warnOfOtherAccount(grantee, source.bucket, 's3:GetObject and s3:ListBucket');
  source.bucket.encryptionKey?.grant(grantee, 'kms:Decrypt');
}

/** Lets the program read, write and remove thumbnails. */
export function grantManageThumbnails(grantee: iam.IGrantable, thumbnails: BucketPart): void {
  allow(grantee, ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], objectsOf(thumbnails));
  allowToTellMissing(grantee, thumbnails.bucket);
  warnOfOtherAccount(grantee, thumbnails.bucket, 's3:GetObject, s3:PutObject, s3:DeleteObject and s3:ListBucket');
  thumbnails.bucket.encryptionKey?.grant(grantee, 'kms:Decrypt', 'kms:GenerateDataKey');
}

/**
 * Lets a principal put sources in.
 *
 * @throws Error where neither the principal nor the bucket has a policy that the app can change
 */
export function grantUpload(grantee: iam.IGrantable, source: BucketPart): iam.Grant {
  // Decrypt because an upload in parts, which the SDKs choose for large files, reads the parts again.
  source.bucket.encryptionKey?.grant(grantee, 'kms:GenerateDataKey', 'kms:Decrypt');
  return grantObjects(grantee, source, ['s3:PutObject', 's3:AbortMultipartUpload']);
}

/**
 * Lets a principal read thumbnails.
 *
 * @throws Error where neither the principal nor the bucket has a policy that the app can change
 */
export function grantReadThumbnails(grantee: iam.IGrantable, thumbnails: BucketPart): iam.Grant {
  thumbnails.bucket.encryptionKey?.grant(grantee, 'kms:Decrypt');
  return grantObjects(grantee, thumbnails, ['s3:GetObject']);
}

/** Who takes messages from a queue: the service Lambda on behalf of a function, or the program itself in a container. */
export type Consumer = 'lambda' | 'service';

/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions */
const CONSUMING: Readonly<Record<Consumer, readonly string[]>> = {
  lambda: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  service: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
};

/** Lets a consumer take messages from a queue, and nothing else of what the CDK's own grant would. */
export function grantConsume(grantee: iam.IGrantable, queue: IQueue, consumer: Consumer): void {
  allow(grantee, [...CONSUMING[consumer]], queue.queueArn);
  queue.encryptionMasterKey?.grant(grantee, 'kms:Decrypt');
}

/** Lets the program let others put sources in, by requests that it signs, and delete them. */
export function grantWriteSources(grantee: iam.IGrantable, source: BucketPart): void {
  allow(grantee, ['s3:PutObject', 's3:DeleteObject'], objectsOf(source));
  source.bucket.encryptionKey?.grant(grantee, 'kms:GenerateDataKey');
}

/** Lets the program read a secret: its value, and nothing else of it. */
export function grantReadSecret(grantee: iam.IGrantable, secret: ISecret): void {
  // Secrets Manager puts a dash and six characters after the name of a secret, which an import by name does not know.
  allow(grantee, ['secretsmanager:GetSecretValue'], secret.secretFullArn ?? `${secret.secretArn}-??????`);
  const service = `secretsmanager.${Stack.of(secret).region}.amazonaws.com`;
  secret.encryptionKey?.grantDecrypt(new ViaServicePrincipal(service, grantee.grantPrincipal));
}

/** Lets the program write logs, and nothing else of what AWSLambdaBasicExecutionRole would: it may not make groups. */
export function grantWriteLogs(grantee: iam.IGrantable, logGroup: ILogGroup): void {
  allow(grantee, ['logs:CreateLogStream', 'logs:PutLogEvents'], logGroup.logGroupArn);
}

/** https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions */
const NETWORK_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
];

/** Lets Lambda put a function into a VPC, by the function's role; and denies the same to the function's own code. */
export function grantUseNetwork(grantee: iam.IGrantable): void {
  allow(grantee, NETWORK_ACTIONS, '*');
  grantee.grantPrincipal.addToPrincipalPolicy(
    new iam.PolicyStatement({
      effect: iam.Effect.DENY,
      actions: NETWORK_ACTIONS,
      resources: ['*'],
      // There only where it is the code of a function that asks.
      conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
    }),
  );
}

/**
 * Without s3:ListBucket S3 answers 403 for a missing object, and a deleted source could not be told from a denied one.
 * A condition on the prefix would not do: GetObject and HeadObject carry none, so it would never hold for them.
 */
function allowToTellMissing(grantee: iam.IGrantable, bucket: IBucket): void {
  allow(grantee, ['s3:ListBucket'], bucket.bucketArn);
}

function allow(grantee: iam.IGrantable, actions: string[], resource: string): void {
  const statement = new iam.PolicyStatement({ actions, resources: [resource] });
  if (grantee.grantPrincipal.addToPrincipalPolicy(statement).statementAdded) {
    return;
  }
  throw new Error(
    `${nameOf(grantee)}: its policy cannot be changed, and it needs ${actions.join(', ')}: give a role of this account, or ` +
      'import one with mutable: false that may do this already',
  );
}

/** By the policy of the principal, or that of the bucket where the principal has none or is of another account. */
function grantObjects(grantee: iam.IGrantable, part: BucketPart, actions: string[]): iam.Grant {
  const { bucket } = part;
  const resourceArns = [objectsOf(part)];
  const grant = iam.Grant.addToPrincipalOrResource({ grantee, actions, resourceArns, resource: bucket });
  const { resourceStatement } = grant;
  // The grant itself does not say whether it came to anything. A policy that is told the same again holds it once.
  if (!resourceStatement || bucket.addToResourcePolicy(resourceStatement).statementAdded) {
    return grant;
  }
  const { node } = bucket;
  if (!iam.Grant.addToPrincipal({ grantee, actions, resourceArns }).success) {
    throw new Error(
      `${node.path}: the bucket is imported and its policy cannot be changed, and who it is granted to has none: instead ` +
        `of granting, add this statement to the policy of the bucket: ${statementText(bucket, resourceStatement)}`,
    );
  }
  Annotations.of(bucket).addWarningV2(
    'cdk-thumbnails:importedBucketPolicy',
    `the bucket is imported and its policy cannot be changed: where ${nameOf(grantee)} is of another account, let the ` +
      `policy of the bucket allow it ${actions.join(' and ')} on ${JSON.stringify(Stack.of(bucket).resolve(resourceArns))}`,
  );
  return grant;
}

/** Between accounts the policy of a bucket must allow what that of a role does, and that of an imported bucket is out of reach. */
function warnOfOtherAccount(grantee: iam.IGrantable, bucket: IBucket, actions: string): void {
  const { principalAccount } = grantee.grantPrincipal;
  const { account } = bucket.env;
  if (principalAccount === undefined || principalAccount === account) {
    return;
  }
  if (Token.isUnresolved(principalAccount) || Token.isUnresolved(account)) {
    return;
  }
  Annotations.of(bucket).addWarningV2(
    'cdk-thumbnails:otherAccountBucket',
    `the bucket is of the account ${account}, and the program of ${principalAccount}: the policy of the bucket must allow the ` +
      `role ${nameOf(grantee)} ${actions}`,
  );
}

function nameOf({ grantPrincipal }: iam.IGrantable): string {
  return Construct.isConstruct(grantPrincipal) ? grantPrincipal.node.path : 'the principal';
}
