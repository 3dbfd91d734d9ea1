import { Problem } from './problems/problem';

/**
 * Reads the body of a request into memory. The request can have a `Content-Length` or chunked transfer encoding.
 *
 * @throws Problem with code `file-too-large` if the body exceeds `maxBytes`. The function does not read the rest of the body.
 */
export async function readBody(request: Request, maxBytes: number): Promise<Buffer> {
  if (Number(request.headers.get('Content-Length') ?? 0) > maxBytes) {
    throw bodyTooLarge(maxBytes);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body: AsyncIterable<Uint8Array> | null = request.body;
  for await (const chunk of body ?? []) {
    size += chunk.length;
    if (size > maxBytes) {
      throw bodyTooLarge(maxBytes);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size);
}

/** Returns the problem for a request body that exceeds `maxBytes`. */
export function bodyTooLarge(maxBytes: number): Problem {
  return new Problem('file-too-large', `The request body exceeds ${maxBytes} bytes.`);
}
