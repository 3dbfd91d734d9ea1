/**
 * Returns the result of a function that reads a buffer. Returns undefined if the function reads outside of the buffer.
 *
 * `instanceof RangeError` does not work here, because errors of Node.js belong to another realm under Jest.
 */
export function withinBounds<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_OUT_OF_RANGE' || code === 'ERR_BUFFER_OUT_OF_BOUNDS') {
      return undefined;
    }
    throw error;
  }
}
