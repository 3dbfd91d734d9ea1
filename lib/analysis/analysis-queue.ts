import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { ANALYSIS_VARIABLES } from '../../runtime/contract';
import type { IThumbnailComputeBinding } from '../compute/compute-protocol';
import { grantAnnounce } from '../private/permissions';

/** Configures a worker to send the keys of images whose analysis failed to its own queue, with a delay. */
export function connectAnalysisToQueue(worker: IThumbnailComputeBinding, queue: IQueue): void {
  worker.addEnvironment(ANALYSIS_VARIABLES.queueUrl, queue.queueUrl);
  grantAnnounce(worker.grantee, queue);
}
