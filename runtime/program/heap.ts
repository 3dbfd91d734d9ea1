import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** V8's own collector, which is only to be had by a flag. */
type Collect = (options: { readonly type: 'minor' }) => void;

let collect: Collect | undefined;

/**
 * Has V8 look through its heap in one go, and only when that has grown. The buffers of images lie outside of it, and V8 takes
 * their growth for a reason to look through all of the heap bit by bit: 5 to 10 ms for every third photo, for a dozen
 * megabytes in which there is nothing to find. For processes that do nothing but make thumbnails: in a large heap one go is
 * long.
 */
export function collectInOneGo(): void {
  setFlagsFromString('--no-incremental-marking');
  setFlagsFromString('--expose-gc');
  collect = runInNewContext('gc') as Collect;
}

/** Has V8 give back the buffers of the last image, by a look at what is young, where {@link collectInOneGo} was called. */
export function freeBuffers(): void {
  collect?.({ type: 'minor' });
}
