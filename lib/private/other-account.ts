import { Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { statementJson } from './stacks';

/** Permission on a bucket or its objects. */
export interface BucketPermission {
  readonly actions: string[];
  /** ARN of the bucket, or ARN pattern of the objects. */
  readonly resource: string;
}

/**
 * Returns the account of a bucket in another account. Returns undefined if the bucket is in the given account, or if the
 * account of the bucket is unknown.
 */
export function otherAccountOf(bucket: IBucket, account: string | undefined): string | undefined {
  const owner = bucket.env.account;
  if (account === undefined || owner === account || Token.isUnresolved(owner) || Token.isUnresolved(account)) {
    return undefined;
  }
  return owner;
}

/**
 * Formats a policy statement for a bucket in another account.
 *
 * The principal is the account instead of the role, because S3 rejects a policy with a role that does not exist yet. Therefore,
 * the role also requires the permission in its own policy.
 */
export function crossAccountStatement(bucket: IBucket, account: string, permission: BucketPermission): string {
  return statementJson(
    Stack.of(bucket),
    new iam.PolicyStatement({
      principals: [new iam.ArnPrincipal(account)],
      actions: permission.actions,
      resources: [permission.resource],
    }),
  );
}
