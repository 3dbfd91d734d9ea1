import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Garbage collector of V8, which requires a flag. */
type Collect = (options: { readonly type: 'minor' }) => void;

let collect: Collect | undefined;

/**
 * Disables incremental marking of V8 and enables {@link freeBuffers}.
 *
 * Image buffers are outside of the heap, but their growth triggers incremental marking. The marking costs 5 to 10 ms for every
 * third photo. Call this function only in processes that only render, because a full collection of a large heap takes long.
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
