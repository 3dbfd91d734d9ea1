import { singleFlight, type Manifest, type PipelineReader, type ReadyManifest, type Reconcile } from '../../pipeline';
import { Problem } from '../problems/problem';

/** Reconciles the thumbnail set of a source and returns its manifest. */
export type RenderOnce = (key: string) => Promise<Manifest>;

/**
 * Creates a {@link RenderOnce}. Concurrent calls for one key share one reconciliation.
 *
 * @returns a function that rejects with a Problem with code `image-not-found` if the source does not exist
 */
export function renderOnce(reconcile: Reconcile): RenderOnce {
  return singleFlight(async (key) => {
    const outcome = await reconcile(key);
    if ('manifest' in outcome) {
      return outcome.manifest;
    }
    throw imageNotFound(key);
  });
}

/** Returns the Problem for a source that does not exist. */
export function imageNotFound(key: string): Problem {
  return new Problem('image-not-found', `The image ${JSON.stringify(key)} does not exist.`);
}

/**
 * Rejects keys that the pipeline does not serve.
 *
 * @throws Problem with code `key-not-served` if the pipeline does not serve the key
 */
export function throwIfNotServed(pipeline: Pick<PipelineReader, 'serves'>, key: string): void {
  if (!pipeline.serves(key)) {
    const detail = `The key ${JSON.stringify(key)} does not have a configured prefix and suffix.`;
    throw new Problem('key-not-served', detail);
  }
}

/**
 * Narrows a manifest to the manifest of an accepted image.
 *
 * @throws Problem if the image is rejected, with the code of the rejection
 */
export function throwIfRejected(manifest: Manifest): asserts manifest is ReadyManifest {
  if (manifest.status === 'rejected') {
    throw new Problem(manifest.rejection.code, manifest.rejection.message);
  }
}
