import { singleFlight, type Manifest, type PipelineReader, type ReadyManifest, type Reconcile } from '../../pipeline';
import { Problem } from '../problems/problem';

/** Makes the thumbnails of a key agree with its source now. */
export type RenderOnce = (key: string) => Promise<Manifest>;

/**
 * The {@link RenderOnce} of a pipeline. Whoever asks for a key while it is being made gets the same result.
 *
 * @returns a function that throws Problem `image-not-found` when there is no source
 */
export function renderOnce(reconcile: Reconcile): RenderOnce {
  return singleFlight(async (key) => {
    const outcome = await reconcile(key);
    if ('manifest' in outcome) {
      return outcome.manifest;
    }
    throw new Problem('image-not-found', `there is no image ${key}`);
  });
}

/** @throws Problem when the pipeline does not serve the key at all */
export function throwIfNotServed(pipeline: Pick<PipelineReader, 'serves'>, key: string): void {
  if (!pipeline.serves(key)) {
    throw new Problem('key-not-served', `${key} is not among the keys that are served`);
  }
}

/** @throws Problem of the rejection's code when the image was refused for good */
export function throwIfRejected(manifest: Manifest): asserts manifest is ReadyManifest {
  if (manifest.status === 'rejected') {
    throw new Problem(manifest.rejection.code, manifest.rejection.message);
  }
}
