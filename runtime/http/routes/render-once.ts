import { singleFlight, type Manifest, type PipelineReader, type ReadyManifest, type Reconcile } from '../../pipeline';
import type { ObjectHead } from '../../storage';
import { Problem } from '../problems/problem';
import { problemOf } from '../problems/problem-of';
import { CostlyFailures } from './costly-failures';
import { ExpiringSources } from './expiring-sources';

/**
 * Reconciles the thumbnail set of an existing source and returns its manifest; undefined if a larger worker renders the image.
 */
export type RenderOnce = (source: Pick<ObjectHead, 'key' | 'etag'>) => Promise<Manifest | undefined>;

/**
 * Milliseconds in which requests for a forwarded source do not forward the source again. A larger worker may have to start
 * first.
 */
const FORWARDED_MS = 300_000;

/**
 * Creates a {@link RenderOnce}. Concurrent calls for one key share one reconciliation. If the last reconciliation of a source
 * exceeded a limit of time or memory, further calls fail immediately, see {@link CostlyFailures}. Forwards a source to a larger
 * worker at most once in five minutes.
 *
 * @returns a function that rejects with a Problem with code `image-not-found` if the source does not exist
 */
export function renderOnce(reconcile: Reconcile): RenderOnce {
  const failures = new CostlyFailures();
  const forwarded = new ExpiringSources<true>();
  const reconcileOnce = singleFlight(reconcile);
  return async (source) => {
    failures.throwIfPresent(source);
    if (forwarded.get(source)) {
      return undefined;
    }
    try {
      const outcome = await reconcileOnce(source.key);
      if ('manifest' in outcome) {
        return outcome.manifest;
      }
      if (outcome.status === 'forwarded') {
        forwarded.set(source, true, FORWARDED_MS);
        return undefined;
      }
    } catch (error) {
      const problem = problemOf(error);
      failures.add(source, problem);
      throw problem;
    }
    throw imageNotFound(source.key);
  };
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
