import { Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { ViaServicePrincipal } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';

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
  source.bucket.encryptionKey?.grant(grantee, 'kms:Decrypt');
}

/** Lets the program read, write and remove thumbnails. */
export function grantManageThumbnails(grantee: iam.IGrantable, thumbnails: BucketPart): void {
  allow(grantee, ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'], objectsOf(thumbnails));
  allowToTellMissing(grantee, thumbnails.bucket);
  thumbnails.bucket.encryptionKey?.grant(grantee, 'kms:Decrypt', 'kms:GenerateDataKey');
}

/** Lets a principal put sources in. */
export function grantUpload(grantee: iam.IGrantable, source: BucketPart): iam.Grant {
  // Decrypt because an upload in parts, which the SDKs choose for large files, reads the parts again.
  source.bucket.encryptionKey?.grant(grantee, 'kms:GenerateDataKey', 'kms:Decrypt');
  return iam.Grant.addToPrincipalOrResource({
    grantee,
    actions: ['s3:PutObject', 's3:AbortMultipartUpload'],
    resourceArns: [objectsOf(source)],
    resource: source.bucket,
  });
}

/** Lets a principal read thumbnails. */
export function grantReadThumbnails(grantee: iam.IGrantable, thumbnails: BucketPart): iam.Grant {
  thumbnails.bucket.encryptionKey?.grant(grantee, 'kms:Decrypt');
  return iam.Grant.addToPrincipalOrResource({
    grantee,
    actions: ['s3:GetObject'],
    resourceArns: [objectsOf(thumbnails)],
    resource: thumbnails.bucket,
  });
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

/**
 * Without s3:ListBucket S3 answers 403 for a missing object, and a deleted source could not be told from a denied one.
 * A condition on the prefix would not do: GetObject and HeadObject carry none, so it would never hold for them.
 */
function allowToTellMissing(grantee: iam.IGrantable, bucket: IBucket): void {
  allow(grantee, ['s3:ListBucket'], bucket.bucketArn);
}

function allow(grantee: iam.IGrantable, actions: string[], resource: string): void {
  grantee.grantPrincipal.addToPrincipalPolicy(new iam.PolicyStatement({ actions, resources: [resource] }));
}
