import { BLOCK, END_OF_BLOCK, FAST, longStep, WIDE } from './huffman-codes';
import { readHeaders, type Scan } from './scan-headers';

/**
 * Fault that {@link scanFaultOf} detects in the compressed data of a JPEG.
 *
 * - `left over`: data remains after the last block
 * - `missing`: the data ends before the last block
 * - `broken`: the data contains invalid codes
 */
export type ScanFault = 'left over' | 'missing' | 'broken';

/**
 * Number of remaining bits at which the reader refills its buffer. After a refill, the buffer contains at least the bits of the
 * longest code.
 */
const LOW = 16;

/**
 * Detects corruption in the compressed data of a JPEG by counting its blocks.
 *
 * JPEG has no checksum, and most random bytes are valid codes. Therefore, libjpeg detects replaced bytes only if the data ends
 * too early. A wrong number of blocks is a better sign. In addition, libvips ignores warnings in the last rows.
 *
 * The function supports only sequential Huffman coding in one scan, which cameras write. For progressive files, libvips
 * receives all warnings, because libjpeg reads the whole file before the first row.
 *
 * @returns the first fault, or undefined if the data has no fault or the file is not supported
 */
export function scanFaultOf(jpeg: Buffer): ScanFault | undefined {
  const scan = readHeaders(jpeg);
  return scan && new ScanReader(jpeg, scan).fault();
}

/** Counts the blocks of a scan without decoding the coefficients. */
class ScanReader {
  private at: number;
  /** Buffer of bits from the data. The lowest {@link bits} bits are unread, and the highest of these bits is the next bit. */
  private held = 0;
  /** Number of unread bits in {@link held}. */
  private bits = 0;
  /** Number of bits in {@link held} that the reader added after the end of the data. */
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
    // Checks the end marker, because libjpeg does not always detect that it is missing.
    return this.at < this.jpeg.length ? undefined : 'missing';
  }

  /**
   * Skips minimum coded units of the scan. Returns false if a unit is invalid or incomplete.
   *
   * The loop runs once for every few bits of a JPEG. Therefore, the loop uses only local variables, which are faster.
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
            // Reading two bytes at once is faster. A byte of 0xff can be part of a marker and requires the slower path.
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
          // Looks up several AC codes at once. Near the end of a block, the sum could include codes of the next block, so the
          // lookup below reads one code.
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
      // A code and its value have up to 31 bits, but a refill guarantees only 17 bits. The next refill reads the missing bits,
      // except after the last value of a unit. This loop reads the missing bits of that value.
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
   * Returns whether data remains after the last block. Ignores the remaining bits of the last byte. Also ignores padding of
   * equal bytes, because some cameras add padding.
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
