import { Readable } from 'node:stream';
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3';
import { ObjectStoreError } from '../object-store';

/** The stream that an answer comes as. */
export function bodyOf(output: GetObjectCommandOutput): Readable {
  if (output.Body instanceof Readable) {
    return output.Body;
  }
  throw new TypeError('the AWS SDK gave a body that is no stream of Node.js');
}

/** All bytes of a stream; ends it and throws when there are more than `maxBytes`. */
export async function readBody(
  stream: Readable,
  length: number | undefined,
  maxBytes: number,
  doing: string,
): Promise<Buffer> {
  const tooLarge = (bytes: string): ObjectStoreError =>
    new ObjectStoreError('file-too-large', `cannot ${doing}: it has ${bytes} bytes, at most ${maxBytes} are taken`);
  if (length !== undefined && length > maxBytes) {
    stream.destroy();
    throw tooLarge(String(length));
  }
  // Put in its place at once where the length is known: a large image is not held twice.
  const whole = length === undefined ? undefined : Buffer.allocUnsafe(length);
  const chunks: Buffer[] = [];
  let bytes = 0;
  // Leaving the loop early destroys the stream, and its connection with it.
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
  throw new ObjectStoreError('storage-unavailable', `cannot ${doing}: ${bytes} of ${length} bytes came`);
}
