import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Garbage collector of V8, which requires a flag. */
type Collect = (options: { readonly type: 'minor' }) => void;

let collect: Collect | undefined;

/**
 * Disables incremental marking of V8 and enables {@link freeBuffers}.
 *
 * Buffers of images are outside of the heap, but their growth starts incremental marking: 5 to 10 ms for every third
 * photo. This suits processes that only render. In a large heap a full collection takes long.
 */
export function disableIncrementalMarking(): void {
  setFlagsFromString('--no-incremental-marking');
  setFlagsFromString('--expose-gc');
  collect = runInNewContext('gc') as Collect;
}

/** Frees the buffers of the last image with a minor collection, after {@link disableIncrementalMarking}. */
export function freeBuffers(): void {
  collect?.({ type: 'minor' });
}
