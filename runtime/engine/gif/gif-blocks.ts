/** Size in bytes of the header and the logical screen descriptor together. @see GIF89a, sections 17 and 18 */
const SCREEN_END = 13;

/** First bytes of the two kinds of blocks that contain sub-blocks. */
export const GIF_BLOCKS = { extension: 0x21, image: 0x2c } as const;

/** A block of a GIF. @see GIF89a, appendix A */
export interface GifBlock {
  /** First byte of the block. Only blocks with sub-blocks have a value of {@link GIF_BLOCKS}. */
  readonly type: number;
  /** Offset of the first byte in the file. */
  readonly start: number;
  /** Whether the file contains all sub-blocks of the block. */
  readonly isComplete: boolean;
}

/**
 * Iterates over the blocks after the global colour table. Stops at the trailer, at an invalid block or at the end of the file.
 */
export function* gifBlocksOf(gif: Buffer): Generator<GifBlock, void> {
  let at = colorTableEnd(gif);
  while (at < gif.length) {
    const start = at;
    const type = gif[start] ?? 0;
    if (type === GIF_BLOCKS.image) {
      at += 10 + colorTableBytes(gif[start + 9]) + 1;
    } else if (type === GIF_BLOCKS.extension) {
      at += 2;
    } else {
      yield { type, start, isComplete: true };
      return;
    }
    let length = gif[at];
    while (length !== undefined && length !== 0) {
      at += 1 + length;
      length = gif[at];
    }
    yield { type, start, isComplete: length !== undefined };
    at += 1;
  }
}

/** Returns the offset of the first block, which follows the global colour table. */
export function colorTableEnd(gif: Buffer): number {
  return SCREEN_END + colorTableBytes(gif[10]);
}

function colorTableBytes(flags = 0): number {
  return (flags & 0x80) === 0 ? 0 : 3 << ((flags & 7) + 1);
}
