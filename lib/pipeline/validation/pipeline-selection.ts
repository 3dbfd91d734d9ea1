import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { ThumbnailCompute } from '../../compute/thumbnail-compute';
import { isInOtherStack } from '../../private/stacks';
import { notificationCount } from '../../trigger/source-events';
import { ThumbnailTrigger } from '../../trigger/thumbnail-trigger';
import type { ThumbnailPipelineProps } from '../thumbnail-pipeline-props';
import type { PipelineUsage } from './overlaps';

/** Settings of a pipeline: the values of the props, and the defaults of undefined props. */
export interface PipelineSelection {
  readonly compute: ThumbnailCompute;
  readonly apiCompute: ThumbnailCompute;
  readonly trigger: ThumbnailTrigger;
  readonly usage: PipelineUsage;
}

/** Returns the compute, trigger, keys and queue of a pipeline. Applies the defaults to the props. */
export function selectionOf(pipeline: Construct, props: ThumbnailPipelineProps): PipelineSelection {
  const compute = props.compute ?? ThumbnailCompute.lambda();
  const trigger = props.trigger ?? defaultTrigger(pipeline, props.sourceBucket);
  const keys = { prefix: props.sourcePrefix ?? '', suffixes: props.sourceSuffixes ?? [] };
  return {
    compute,
    apiCompute: props.api?.compute ?? compute,
    trigger,
    usage: {
      sourceBucket: props.sourceBucket,
      sourcePrefix: keys.prefix,
      sourceSuffixes: keys.suffixes,
      exclusiveTrigger: trigger._exclusive,
      notifications: trigger._exclusive ? notificationCount(keys) : 0,
      thumbnailBucket: props.thumbnailBucket,
      thumbnailPrefix: props.thumbnailPrefix ?? '',
      queue: props.queue,
      quarantine: trigger._quarantine,
    },
  };
}

function defaultTrigger(pipeline: Construct, sourceBucket: IBucket | undefined): ThumbnailTrigger {
  return sourceBucket && isInOtherStack(pipeline, sourceBucket)
    ? ThumbnailTrigger.eventBridge()
    : ThumbnailTrigger.s3Notification();
}
