import { type IResource, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { validationError } from '../../private/validation';
import type { ThumbnailPipelineProps } from '../thumbnail-pipeline-props';

/**
 * Validates that existing resources are in the region of the stack. Ignores regions that are unknown at synthesis.
 *
 * There are two reasons. First, S3 sends notifications only to queues in the region of the bucket, and uses only KMS keys of
 * that region. Second, the runtime uses the region of the stack, and S3 answers with a redirect for a bucket in another region.
 */
export function validateRegions(pipeline: Construct, props: ThumbnailPipelineProps): string[] {
  const { region } = Stack.of(pipeline);
  if (Token.isUnresolved(region)) {
    return [];
  }
  const resources: readonly (readonly [prop: string, resource: IResource | undefined])[] = [
    ['sourceBucket', props.sourceBucket],
    ['sourceBucket.encryptionKey', props.sourceBucket?.encryptionKey],
    ['sourceBucketOptions.serverAccessLogsBucket', props.sourceBucketOptions?.serverAccessLogsBucket],
    ['thumbnailBucket', props.thumbnailBucket],
    ['thumbnailBucket.encryptionKey', props.thumbnailBucket?.encryptionKey],
    ['thumbnailBucketOptions.serverAccessLogsBucket', props.thumbnailBucketOptions?.serverAccessLogsBucket],
    ['encryptionKey', props.encryptionKey],
    ['queue', props.queue],
    ['queue.encryptionMasterKey', props.queue?.encryptionMasterKey],
    ['deadLetterQueue', props.deadLetterQueue],
    ['logGroup', props.logGroup],
    ['eventBus', props.eventBus],
  ];
  return resources.flatMap(([prop, resource]) => {
    if (!resource || Token.isUnresolved(resource.env.region) || resource.env.region === region) {
      return [];
    }
    return [
      validationError(
        prop,
        `${resource.node.path} is in ${resource.env.region}, but the stack is in ${region}`,
        `pass a resource of ${region}, or create the pipeline in a stack of ${resource.env.region}`,
      ),
    ];
  });
}
