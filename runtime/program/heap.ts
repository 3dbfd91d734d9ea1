import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Function that runs the garbage collector of V8. V8 provides this function only with the flag `--expose-gc`. */
type Collect = (options: { readonly type: 'minor' }) => void;

let collect: Collect | undefined;

/**
 * Disables incremental marking of V8 and enables {@link freeBuffers}.
 *
 * The large image buffers trigger incremental marking, although they are outside of the heap and marking cannot free them. Call
 * this function only in processes that only render: their heap is small, so that full collections are fast.
 */
export function disableIncrementalMarking(): void {
  setFlagsFromString('--no-incremental-marking');
  setFlagsFromString('--expose-gc');
  collect = runInNewContext('gc') as Collect;
}

/** Frees the buffers of the last image with a minor collection. Has no effect without {@link disableIncrementalMarking}. */
export function freeBuffers(): void {
  collect?.({ type: 'minor' });
}
