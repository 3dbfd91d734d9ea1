import type { ObjectStore } from '../storage';
import { nextFlight } from './concurrency/single-flight';
import type { PipelineReader } from './pipeline';

/** Objects that only read stored state. */
export interface Readers {
  readonly pipeline: PipelineReader;
  readonly source: Pick<ObjectStore, 'head' | 'version' | 'delete'>;
}

/**
 * Wraps readers so that concurrent requests for one object share reads, see {@link nextFlight}. The requests also share the
 * buffer with the bytes, and must not modify the buffer.
 *
 * Do not use the result inside `runWithSignal`: the signal of one request would abort the reads of other requests.
 */
export function sharedReads({ pipeline, source }: Readers): Readers {
  return {
    pipeline: {
      serves: (key) => pipeline.serves(key),
      settingsOf: (key) => pipeline.settingsOf(key),
      isCurrent: (manifest, head) => pipeline.isCurrent(manifest, head),
      manifest: nextFlight((key: string) => pipeline.manifest(key)),
      thumbnail: nextFlight((...args: Parameters<PipelineReader['thumbnail']>) => pipeline.thumbnail(...args)),
    },
    source: {
      head: nextFlight((key: string) => source.head(key)),
      version: nextFlight((key: string) => source.version(key)),
      delete: (keys) => source.delete(keys),
    },
  };
}
