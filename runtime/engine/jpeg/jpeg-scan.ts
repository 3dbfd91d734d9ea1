import { BLOCK, END_OF_BLOCK, FAST, longStep, WIDE } from './huffman-codes';
import { readHeaders, type Scan } from './scan-headers';

/**
 * Finding of a scan that counts the blocks of a JPEG.
 *
 * - `left over`: data remains after the last block
 * - `missing`: the data ends before the last block
 * - `broken`: the data contains invalid codes
 */
export type ScanFault = 'left over' | 'missing' | 'broken';

/**
 * The reader refills its buffer when at most this number of bits remains. The buffer therefore always holds the longest code.
 */
const LOW = 16;

/**
 * Counts the blocks of a JPEG. JPEG has no checksum, and most random bytes are valid codes. libjpeg warns only if the data ends
 * too early, and libvips ignores warnings in the last rows. A wrong number of blocks shows that bytes of the file were
 * replaced.
 *
 * Supports sequential Huffman coding in one scan, which cameras write. libjpeg reads progressive files completely before it
 * returns the first row. libvips therefore receives all warnings of libjpeg.
 *
 * @returns undefined if the scan has no fault or the file is not supported
 */
export function scanFaultOf(jpeg: Buffer): ScanFault | undefined {
  const scan = readHeaders(jpeg);
  return scan && new ScanReader(jpeg, scan).fault();
}

/** Counts the codes of a scan without decoding them. */
class ScanReader {
  private at: number;
  /** Bits that the reader has read but not consumed. The highest bit is the next bit. */
  private held = 0;
  private bits = 0;
  /** Number of held bits that were added after the end of the data. */
  private padding = 0;

  public constructor(
    private readonly jpeg: Buffer,
    private readonly scan: Scan,
  ) {
    this.at = scan.from;
  }

  public fault(): ScanFault | undefined {
    const { units, restart } = this.scan;
    const interval = restart > 0 ? restart : units;
    for (let unit = 0; unit < units; unit += interval) {
      if (unit > 0 && !this.skipRestart()) {
        return 'missing';
      }
      const isWhole = this.skipUnits(Math.min(interval, units - unit));
      if (this.bits < this.padding) {
        return 'missing';
      }
      if (!isWhole) {
        return 'broken';
      }
      if (this.hasLeftOver()) {
        return 'left over';
      }
    }
    // libjpeg detects a missing end marker only sometimes, depending on its buffer.
    return this.at < this.jpeg.length ? undefined : 'missing';
  }

  /**
   * Skips units of the scan. Returns false if a unit is invalid or incomplete. The loop runs once for every few bits of a JPEG.
   * For speed, the loop uses local variables only.
   */
  private skipUnits(units: number): boolean {
    const { jpeg } = this;
    const { blocks } = this.scan;
    const end = jpeg.length;
    let { at, held, bits, padding } = this;
    let isWhole = true;
    for (let unit = 0; unit < units && isWhole; unit++) {
      for (const { dc, ac } of blocks) {
        const { runs } = ac;
        let coefficient = 0;
        let codes = dc;
        for (;;) {
          if (bits <= LOW) {
            // Reads two bytes at once, unless either byte can be part of a marker.
            const pair = at + 1 < end ? (jpeg[at]! << 8) | jpeg[at + 1]! : 0xffff;
            if (bits > 0 && (pair & 0xff) !== 0xff && pair < 0xff00) {
              held = (held << 16) | pair;
              at += 2;
              bits += 16;
            } else {
              while (bits <= LOW) {
                const byte = at < end ? jpeg[at]! : 0xff;
                if (byte !== 0xff) {
                  held = (held << 8) | byte;
                  at += 1;
                } else if (at < end && jpeg[at + 1] === 0) {
                  held = (held << 8) | byte;
                  at += 2;
                } else {
                  held <<= 8;
                  padding += 8;
                }
                bits += 8;
              }
            }
          }
          // The lookup of several codes only applies to AC coefficients, because the first code of a block has another table.
          // Near the end of a block, the reader reads single codes, because the following codes may belong to the next block.
          if (coefficient > 0) {
            const run = runs[(held >>> (bits - WIDE)) & ((1 << WIDE) - 1)]!;
            const after = coefficient + (run & 0x7f);
            if (run !== 0 && after < BLOCK) {
              bits -= run >> 8;
              coefficient = after;
              if ((run & END_OF_BLOCK) === 0) {
                continue;
              }
              coefficient = END_OF_BLOCK;
              break;
            }
          }
          const step = codes.fast[(held >>> (bits - FAST)) & ((1 << FAST) - 1)]! || longStep(codes, held, bits);
          bits -= step >> 8;
          coefficient += step & 0xff;
          codes = ac;
          if (step === 0) {
            isWhole = false;
          }
          if (coefficient >= BLOCK || step === 0) {
            break;
          }
        }
        isWhole &&= coefficient === BLOCK || coefficient >= END_OF_BLOCK;
        if (!isWhole) {
          break;
        }
      }
      // A code and its value take up to 31 bits, but a refill guarantees only 17 bits. This loop reads the missing bits of the
      // last value in a unit. For other values, the next refill reads the missing bits.
      while (bits < 0) {
        const isData = at < end && (jpeg[at] !== 0xff || jpeg[at + 1] === 0);
        held = (held << 8) | (isData ? jpeg[at]! : 0);
        padding += isData ? 0 : 8;
        at += !isData ? 0 : jpeg[at] === 0xff ? 2 : 1;
        bits += 8;
      }
      isWhole &&= bits >= padding;
    }
    [this.at, this.held, this.bits, this.padding] = [at, held, bits, padding];
    return isWhole;
  }

  /**
   * Returns whether data remains after the last block. Ignores the rest of a byte, and padding of equal bytes, which
   * some cameras add.
   */
  private hasLeftOver(): boolean {
    const { jpeg } = this;
    const rest: number[] = [];
    for (let left = this.bits - 8; left >= this.padding; left -= 8) {
      rest.push((this.held >>> left) & 0xff);
    }
    while (this.at < jpeg.length && (jpeg[this.at] !== 0xff || jpeg[this.at + 1] === 0)) {
      rest.push(jpeg[this.at] ?? 0);
      this.at += jpeg[this.at] === 0xff ? 2 : 1;
      if (rest.at(-1) !== rest[0]) {
        return true;
      }
    }
    this.held = this.bits = this.padding = 0;
    return rest.some((byte) => byte !== rest[0]);
  }

  private skipRestart(): boolean {
    const { jpeg } = this;
    while (jpeg[this.at] === 0xff && jpeg[this.at + 1] === 0xff) {
      this.at += 1;
    }
    const marker = jpeg[this.at + 1] ?? 0;
    this.at += 2;
    return marker >= 0xd0 && marker <= 0xd7;
  }
}
