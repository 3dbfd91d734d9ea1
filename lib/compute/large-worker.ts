import { grantAnnounce } from '../private/permissions';
import type { IThumbnailComputeBinding, ThumbnailLargeWorker } from './compute-protocol';

/** Configures a worker or an API to forward the keys of images that exceed its capacity. */
export function connectToLargeWorker(
  binding: IThumbnailComputeBinding,
  { queue, forwardingEnvironment: variables }: ThumbnailLargeWorker,
): void {
  for (const [name, value] of Object.entries(variables)) {
    binding.addEnvironment(name, value);
  }
  grantAnnounce(binding.grantee, queue);
}
