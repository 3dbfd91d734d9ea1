import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { FORWARDING_VARIABLES } from '../../../runtime/contract';
import { deadLetterQueueOf, warnAboutQueue } from '../../pipeline/validation/queues';
import { createQueue } from '../../private/create-queue';
import type { IThumbnailWorkerBinding, ThumbnailLargeWorker, ThumbnailWorkerBindOptions } from '../compute-protocol';
import { connectToQueue } from '../connect-to-queue';
import type { HybridParts } from './hybrid-validation';
import type { ThumbnailHybridOptions } from './thumbnail-hybrid-options';

/**
 * Creates the small worker, the large worker and the queue between them. The small worker has the same construct ids as without
 * a large worker, so that CloudFormation keeps its resources when you add or remove the large worker.
 */
export function bindHybridWorker(
  scope: Construct,
  { small, large }: HybridParts,
  options: ThumbnailHybridOptions,
  bindOptions: ThumbnailWorkerBindOptions,
): IThumbnailWorkerBinding {
  // Omits `imageMemoryMiB`, which would cause a warning about too little memory. The warning would be wrong, because the small
  // worker forwards images that exceed its memory.
  const smallBinding = small.bindWorker(scope, { ...bindOptions, imageMemoryMiB: undefined });
  const largeScope = new Construct(scope, 'Large');
  const visibilityTimeout = large.visibilityTimeout(bindOptions.maxDuration);
  const queue = options.largeQueue ?? createQueue(largeScope, 'Queue', {}, visibilityTimeout);
  if (options.largeQueue) {
    warnAboutQueue(largeScope, queue, visibilityTimeout);
  }
  const largeWorker: ThumbnailLargeWorker = {
    worker: large.bindWorker(largeScope, { ...bindOptions, queue }),
    queue,
    deadLetterQueue: deadLetterQueueOf(queue),
    forwardingEnvironment: forwardingEnvironment(queue, options),
  };
  connectToQueue(smallBinding, largeWorker.queue, largeWorker.forwardingEnvironment);
  return {
    grantee: smallBinding.grantee,
    connections: smallBinding.connections,
    metrics: smallBinding.metrics,
    addEnvironment: (name, value) => smallBinding.addEnvironment(name, value),
    lambdaFunction: smallBinding.lambdaFunction,
    eventSourceMapping: smallBinding.eventSourceMapping,
    workerService: smallBinding.workerService,
    largeWorker,
  };
}

function forwardingEnvironment(queue: IQueue, { largeFrom = {} }: ThumbnailHybridOptions): Record<string, string> {
  const { fileSize, duration } = largeFrom;
  return {
    [FORWARDING_VARIABLES.queueUrl]: queue.queueUrl,
    ...(fileSize && { [FORWARDING_VARIABLES.fileSizeBytes]: String(fileSize.toBytes()) }),
    ...(duration && { [FORWARDING_VARIABLES.durationSeconds]: String(duration.toSeconds()) }),
  };
}
