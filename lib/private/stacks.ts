import { Resource, Stack } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** Whether the app makes a bucket in another stack than a construct. */
export function isOfAnotherStack(scope: Construct, bucket: IBucket): boolean {
  return Resource.isOwnedResource(bucket) && Stack.of(bucket) !== Stack.of(scope);
}
