import { Readable } from 'node:stream';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { ObjectStoreError } from '../object-store';

/**
 * Returns the body of a GetObject response as a stream of Node.js.
 *
 * @throws TypeError if the body is not a Readable stream
 */
export function bodyOf(output: GetObjectCommandOutput): Readable {
  if (output.Body instanceof Readable) {
    return output.Body;
  }
  throw new TypeError(
    `body of a GetObject response: received ${typeof output.Body}; expected a Readable stream of Node.js`,
  );
}

/** Options of {@link readBody}. */
export interface ReadBodyOptions {
  /** Value of the `Content-Length` header in bytes. Undefined if the response has no such header. */
  readonly length: number | undefined;
  /** Maximum number of bytes to read. */
  readonly maxBytes: number;
  /** Description of the operation, for the error message `cannot ${doing}: …`. */
  readonly doing: string;
}

/**
 * Reads a stream completely.
 *
 * @throws ObjectStoreError with code `file-too-large` if the stream has more than `maxBytes` bytes
 * @throws ObjectStoreError with code `storage-unavailable` if the stream has fewer than `length` bytes
 */
export async function readBody(stream: Readable, { length, maxBytes, doing }: ReadBodyOptions): Promise<Buffer> {
  const tooLarge = (bytes: string): ObjectStoreError =>
    new ObjectStoreError('file-too-large', `cannot ${doing}: it has ${bytes} bytes; expected at most ${maxBytes}`);
  if (length !== undefined && length > maxBytes) {
    stream.destroy();
    throw tooLarge(String(length));
  }
  // With a known length, the function copies each chunk into the result immediately. Therefore, the memory never contains two
  // copies of a large image.
  const whole = length === undefined ? undefined : Buffer.allocUnsafe(length);
  const chunks: Buffer[] = [];
  let bytes = 0;
  // An exception in this loop destroys the stream and its connection.
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw tooLarge('more');
    }
    if (whole) {
      chunk.copy(whole, bytes - chunk.length);
    } else {
      chunks.push(chunk);
    }
  }
  if (bytes === length && whole) {
    return whole;
  }
  if (length === undefined) {
    return Buffer.concat(chunks, bytes);
  }
  throw new ObjectStoreError('storage-unavailable', `cannot ${doing}: received ${bytes} of ${length} bytes`);
}
