import { singleFlight, type Manifest, type PipelineReader, type ReadyManifest, type Reconcile } from '../../pipeline';
import { Problem } from '../problems/problem';
import { problemOf } from '../problems/problem-of';
import { CostlyFailures } from './costly-failures';
import { ExpiringSources, type SourceVersion } from './expiring-sources';

/**
 * Reconciles the thumbnail set of an existing source and returns the manifest. Returns undefined if a larger worker renders the
 * image.
 */
export type RenderOnce = (source: SourceVersion) => Promise<Manifest | undefined>;

/**
 * Minimum time in milliseconds before a request can forward the same source to a larger worker again. The time is long enough
 * for the start of the worker.
 */
const FORWARDED_MS = 300_000;

/**
 * Returns a function that limits the reconciliations of a source.
 *
 * - Concurrent calls for one key share one reconciliation.
 * - After a failure that used much time or memory, calls fail immediately for some time: see {@link CostlyFailures}.
 * - The function forwards a source to a larger worker at most once in five minutes.
 *
 * @returns a function that throws a problem with the code `image-not-found` if the source does not exist
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

/** Returns the problem for a source that does not exist. */
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
 * Asserts that a manifest belongs to an accepted image.
 *
 * @throws Problem if the manifest contains a rejection. The code of the problem is the code of the rejection.
 */
export function throwIfRejected(manifest: Manifest): asserts manifest is ReadyManifest {
  if (manifest.status === 'rejected') {
    throw new Problem(manifest.rejection.code, manifest.rejection.message);
  }
}
