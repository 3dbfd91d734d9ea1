/** A chunk of a PNG. @see https://www.w3.org/TR/png-3/#5Chunk-layout */
export interface PngChunk {
  /** Four characters. */
  readonly type: string;
  /** Content, which is incomplete if the file is truncated. */
  readonly content: Buffer;
}

/** Iterates over the chunks of a PNG. Stops if the file ends before the length and the type of the next chunk. */
export function* pngChunksOf(png: Buffer): Generator<PngChunk, void> {
  for (let at = 8; at + 8 <= png.length;) {
    const length = png.readUInt32BE(at);
    yield { type: png.toString('latin1', at + 4, at + 8), content: png.subarray(at + 8, at + 8 + length) };
    // Length, type, content, checksum.
    at += length + 12;
  }
}
