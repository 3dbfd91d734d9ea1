import { Annotations, Resource } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { QUARANTINE_VARIABLES } from '../../runtime/contract';
import type { IThumbnailComputeBinding } from '../compute/compute-protocol';
import { type BucketPart, grantQuarantine, grantReadThumbnails, objectsOf } from '../private/permissions';
import { isInOtherStack, statementJson } from '../private/stacks';
import type { ThumbnailQuarantineOptions } from './thumbnail-quarantine-options';

/** Default prefix of the quarantine. */
const DEFAULT_PREFIX = 'quarantine/';

/** Bucket and key prefix of a quarantine. */
export interface QuarantineKeys {
  /** Bucket of the quarantine; undefined for the source bucket. */
  readonly bucket: IBucket | undefined;
  readonly prefix: string;
}

/** Returns the bucket and the key prefix of a quarantine. Applies the defaults to the options. */
export function quarantineKeys({ bucket, prefix = DEFAULT_PREFIX }: ThumbnailQuarantineOptions): QuarantineKeys {
  return { bucket, prefix };
}

/** Configures workers to move infected sources to the quarantine, and restricts reads of the quarantine. */
export function connectQuarantine(
  scope: Construct,
  options: ThumbnailQuarantineOptions,
  source: BucketPart,
  workers: readonly IThumbnailComputeBinding[],
): void {
  const { bucket = source.bucket, prefix } = quarantineKeys(options);
  const quarantine = { bucket, prefix };
  for (const worker of workers) {
    worker.addEnvironment(QUARANTINE_VARIABLES.bucket, bucket.bucketName);
    worker.addEnvironment(QUARANTINE_VARIABLES.prefix, prefix);
    grantQuarantine(worker.grantee, source, quarantine);
  }
  const { readers = [] } = options;
  const statement = new iam.PolicyStatement({
    sid: 'ReadQuarantine',
    effect: iam.Effect.DENY,
    principals: [new iam.AnyPrincipal()],
    actions: ['s3:GetObject', 's3:GetObjectVersion'],
    resources: [objectsOf(quarantine)],
    ...(readers.length > 0 && {
      conditions: { ArnNotEquals: { 'aws:PrincipalArn': readers.map(({ roleArn }) => roleArn) } },
    }),
  });
  readers.forEach((reader) => grantReadThumbnails(reader, quarantine));
  if (!addStatements(scope, bucket, [statement])) {
    Annotations.of(scope).addWarningV2(
      'cdk-thumbnails:importedBucketQuarantine',
      'The app cannot change the policy of the quarantine bucket. Add the following statement to the policy. Otherwise, other ' +
        `principals can read infected objects. ${statementJson(scope, statement)}`,
    );
  }
}

/** Adds statements to a bucket policy. Returns whether the app can change the policy. */
export function addStatements(scope: Construct, bucket: IBucket, statements: readonly iam.PolicyStatement[]): boolean {
  // The statements refer to roles of this stack. Therefore, a bucket policy in another stack would cause a cyclic dependency.
  return (
    Resource.isOwnedResource(bucket) &&
    !isInOtherStack(scope, bucket) &&
    statements.every((statement) => bucket.addToResourcePolicy(statement).statementAdded)
  );
}

/**
 * Returns the ARN of the IAM role of a worker.
 *
 * @throws Error if the worker has no IAM role
 */
export function roleArnOf(scope: Construct, { grantee }: IThumbnailComputeBinding): string {
  const principal = grantee.grantPrincipal as Partial<iam.IRole>;
  if (principal.roleArn === undefined) {
    throw new Error(
      `${scope.node.path}: trigger.quarantine: the grantee of a worker is no IAM role; expected an IAM role, ` +
        'because the bucket policy identifies the workers by their role',
    );
  }
  return principal.roleArn;
}
