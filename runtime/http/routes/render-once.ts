import { joined, type Manifest, type Pipeline, type ReadyManifest } from '../../pipeline';
import { Problem } from '../problems/problem';

/** What the app asks of a pipeline. */
export type ImagePipeline = Pick<Pipeline, 'reconcile' | 'manifest' | 'thumbnail' | 'serves'>;

/** Makes the thumbnails of a key agree with its source now. */
export type Make = (key: string) => Promise<Manifest>;

/**
 * The {@link Make} of a pipeline. Whoever asks for a key while it is being made gets the same result.
 *
 * @returns a function that throws Problem `no-such-image` when there is no source
 */
export function maker(pipeline: ImagePipeline): Make {
  return joined(async (key) => {
    const outcome = await pipeline.reconcile(key);
    if ('manifest' in outcome) {
      return outcome.manifest;
    }
    throw new Problem('no-such-image', `there is no image ${key}`);
  });
}

/** @throws Problem when the pipeline does not serve the key at all */
export function refuseUnserved(pipeline: ImagePipeline, key: string): void {
  if (!pipeline.serves(key)) {
    throw new Problem('not-served', `${key} is not among the keys that are served`);
  }
}

/** @throws Problem of the rejection's code when the image was refused for good */
export function refuseFailed(manifest: Manifest): asserts manifest is ReadyManifest {
  if (manifest.status === 'failed') {
    throw new Problem(manifest.rejection.code, manifest.rejection.message);
  }
}
