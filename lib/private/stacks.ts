import { Resource, Stack, Token } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

/** Whether the app makes a bucket in another stack than a construct. */
export function isOfAnotherStack(scope: Construct, bucket: IBucket): boolean {
  return Resource.isOwnedResource(bucket) && Stack.of(bucket) !== Stack.of(scope);
}

/** Whether a construct is known to go to the China regions, where services are apart from those elsewhere. */
export function isOfChina(scope: Construct): boolean {
  const { region, partition } = Stack.of(scope);
  return partition === 'aws-cn' || (!Token.isUnresolved(region) && region.startsWith('cn-'));
}
