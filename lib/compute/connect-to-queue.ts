import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { grantAnnounce } from '../private/permissions';
import type { IThumbnailComputeBinding } from './compute-protocol';

/**
 * Configures a worker or an API to send keys to a queue.
 *
 * @param variables environment variables with the URL of the queue, and with settings for the messages
 */
export function connectToQueue(
  binding: IThumbnailComputeBinding,
  queue: IQueue,
  variables: Readonly<Record<string, string>>,
): void {
  for (const [name, value] of Object.entries(variables)) {
    binding.addEnvironment(name, value);
  }
  grantAnnounce(binding.grantee, queue);
}
