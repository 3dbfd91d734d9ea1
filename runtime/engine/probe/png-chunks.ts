/** A chunk of a PNG. @see https://www.w3.org/TR/png-3/#5Chunk-layout */
export interface PngChunk {
  /** Type of the chunk: four characters. */
  readonly type: string;
  /** Content of the chunk. In a truncated file, the content of the last chunk can be incomplete. */
  readonly content: Buffer;
}

/** Iterates over the chunks of a PNG. Stops if the rest of the file is too short for the length and the type of a chunk. */
export function* pngChunksOf(png: Buffer): Generator<PngChunk, void> {
  for (let at = 8; at + 8 <= png.length;) {
    const length = png.readUInt32BE(at);
    yield { type: png.toString('latin1', at + 4, at + 8), content: png.subarray(at + 8, at + 8 + length) };
    // A length, a type and a checksum of 4 bytes each surround the content.
    at += length + 12;
  }
}
