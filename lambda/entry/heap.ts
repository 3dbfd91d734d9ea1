import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 look through its heap in one go, not bit by bit. A rendering's memory is in buffers outside of the heap, and V8
 * took each 64 MB of them for a reason to begin again: every second photo was 10 ms of looking through a heap of 12 MB in
 * which there was nothing to find (docs/performance.md).
 */
export function collectInOneGo(): void {
  setFlagsFromString('--no-incremental-marking');
}
