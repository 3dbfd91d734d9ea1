import { MARKERS, readFrame, segmentsOf, type Frame } from './jpeg-segments';

/**
 * What the compressed data of a JPEG has to say of itself once every block of it has been counted.
 *
 * - `left over`: data remains after the last block
 * - `missing`: it ends before the last block
 * - `broken`: it holds what no encoder writes
 */
export type ScanFault = 'left over' | 'missing' | 'broken';

/**
 * A Huffman table (JPEG: ITU-T T.81, annexes C and F) as it is looked up. What is found is a step: the bits of the
 * code and of the number after it × 256, and by how many coefficients it brings a block forward; 0 for nothing.
 */
interface Codes {
  /** By the next {@link FAST} bits; 0 for codes that are longer. */
  readonly fast: Uint16Array;
  /**
   * Of an AC table: by the next {@link WIDE} bits, all steps that begin with a whole code in them as one; 0 where there is
   * none. {@link END_OF_BLOCK} is set where the last of them ends the block.
   */
  readonly runs: Uint16Array;
  /** By length of the code: the first that is too large to be of that length, 0 where there is none. */
  readonly ends: Int32Array;
  /** By length: what added to a code is the place of its step. */
  readonly offsets: Int32Array;
  readonly steps: Uint16Array;
}

interface Component {
  readonly id: number;
  /** Blocks in each unit of the scan. */
  readonly blocks: number;
}

/** What the blocks of a frame are coded in. */
interface Units {
  readonly components: readonly Component[];
  /** Units of the scan: what is coded of all components together. */
  readonly units: number;
}

/** Everything that a scan is read with. */
interface Scan {
  readonly from: number;
  readonly units: number;
  /** Units between two restart markers; 0 for none. */
  readonly restart: number;
  /** Tables of each block of a unit. */
  readonly blocks: readonly { readonly dc: Codes; readonly ac: Codes }[];
}

/** Bits that are looked up at once: nearly all codes are as short. */
const FAST = 11;
/** Bits in which several codes are looked up at once: two and a half of a photo's, on average, in a table that a CPU keeps at hand. */
const WIDE = 13;
const LONGEST_CODE = 16;
/** Coefficients of a block. */
const BLOCK = 64;
/** The step that ends a block: to beyond any other. */
const END_OF_BLOCK = 128;
/** Symbols of AC tables: all the rest is zero, and sixteen zeros. */
const SYMBOL_END = 0x00;
const SYMBOL_ZEROS = 0xf0;
/** Bits that are held are filled up to more than these: enough for the longest code. */
const LOW = 16;

/**
 * Counts the blocks of a JPEG. A JPEG has no checksum, and where a part of its data was replaced by other bytes, decoders
 * mostly find codes in those as well: libjpeg warns only when the data ends before the picture does, and libvips does not
 * hear of warnings in the last rows. So the other half of all damage would go unnoticed: too few blocks, and data left over.
 *
 * Only for sequential Huffman coding in one scan, which is what cameras write. Progressive files are read to their end by
 * libjpeg before the first row comes out, and libvips is told of all warnings.
 *
 * @returns undefined when all is well, or this cannot tell
 */
export function scanFaultOf(jpeg: Buffer): ScanFault | undefined {
  const scan = readHeaders(jpeg);
  return scan && new ScanReader(jpeg, scan).fault();
}

/** Reads what is before the first scan; undefined when it is of a kind that is not for here. */
function readHeaders(jpeg: Buffer): Scan | undefined {
  const tables = new Map<number, Codes>();
  let coded: Units | undefined;
  let restart = 0;
  for (const { marker, content, end } of segmentsOf(jpeg)) {
    if (marker === MARKERS.huffmanTables) {
      if (!readTables(content, tables)) {
        return undefined;
      }
    } else if (marker === MARKERS.baseline || marker === MARKERS.extended) {
      const frame = readFrame(content);
      coded = frame && unitsOf(frame);
      if (coded === undefined) {
        return undefined;
      }
    } else if (marker === MARKERS.restartInterval && content.length >= 2) {
      restart = content.readUInt16BE(0);
    } else if (marker === MARKERS.startOfScan) {
      return coded && readScan(content, end, coded, tables, restart);
    }
  }
  return undefined;
}

function unitsOf({ precision, width, height, components }: Frame): Units | undefined {
  const isUsual = components.every(
    ({ horizontal, vertical }) => horizontal > 0 && horizontal <= 4 && vertical > 0 && vertical <= 4,
  );
  if (precision !== 8 || !isUsual) {
    return undefined;
  }
  // A single component is coded block by block, whatever its factors.
  const alone = components.length === 1;
  const across = alone ? 1 : Math.max(...components.map((component) => component.horizontal));
  const down = alone ? 1 : Math.max(...components.map((component) => component.vertical));
  return {
    components: components.map((component) => ({
      id: component.id,
      blocks: alone ? 1 : component.horizontal * component.vertical,
    })),
    units: Math.ceil(width / (8 * across)) * Math.ceil(height / (8 * down)),
  };
}

function readTables(segment: Buffer, tables: Map<number, Codes>): boolean {
  for (let at = 0; at < segment.length;) {
    // class (0 for DC, 1 for AC) × 16 + number
    const name = segment[at] ?? 0;
    const counts = segment.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (counts.length < LONGEST_CODE || at + 17 + total > segment.length) {
      return false;
    }
    const symbols = Array.from(segment.subarray(at + 17, at + 17 + total));
    const codes = codesOf(counts, symbols, name < 16 ? stepOfDc : stepOfAc);
    if (codes === undefined) {
      return false;
    }
    tables.set(name, codes);
    at += 17 + total;
  }
  return true;
}

/** A symbol of a DC table is the number of bits after it; a larger one than there can be is none. */
function stepOfDc(symbol: number, length: number): number {
  return symbol > 15 ? 0 : ((length + symbol) << 8) | 1;
}

/** One of an AC table is the number of zeros before a coefficient, and that of its bits. */
function stepOfAc(symbol: number, length: number): number {
  if (symbol === SYMBOL_ZEROS) {
    return (length << 8) | 16;
  }
  // The others without a coefficient mean nothing in sequential coding, and end a block for libjpeg.
  if ((symbol & 15) === SYMBOL_END) {
    return (length << 8) | END_OF_BLOCK;
  }
  return ((length + (symbol & 15)) << 8) | ((symbol >> 4) + 1);
}

function codesOf(
  counts: Buffer,
  symbols: readonly number[],
  stepOf: (symbol: number, length: number) => number,
): Codes | undefined {
  const fast = new Uint16Array(1 << FAST);
  const lengths = new Uint8Array(1 << FAST);
  const ends = new Int32Array(LONGEST_CODE + 1);
  const offsets = new Int32Array(LONGEST_CODE + 1);
  const steps = new Uint16Array(symbols.length);
  let code = 0;
  let place = 0;
  for (let length = 1; length <= LONGEST_CODE; length++, code <<= 1) {
    const count = counts[length - 1] ?? 0;
    if (code + count > 1 << length) {
      return undefined;
    }
    offsets[length] = place - code;
    for (let i = 0; i < count; i++, code++, place++) {
      const step = stepOf(symbols[place] ?? 0, length);
      steps[place] = step;
      if (length > FAST) {
        continue;
      }
      const [from, to] = [code << (FAST - length), (code + 1) << (FAST - length)];
      fast.fill(step, from, to);
      lengths.fill(length, from, to);
    }
    if (count > 0) {
      ends[length] = code;
    }
  }
  return { fast, runs: stepOf === stepOfAc ? runsOf(fast, lengths) : NO_RUNS, ends, offsets, steps };
}

const NO_RUNS = new Uint16Array(0);

/** What the steps of single codes, and the lengths of these, come to when codes follow each other. */
function runsOf(fast: Uint16Array, lengths: Uint8Array): Uint16Array {
  const runs = new Uint16Array(1 << WIDE);
  for (let window = 0; window < runs.length; window++) {
    let run = 0;
    for (let used = 0; used < WIDE; used = run >> 8) {
      const next = ((window << used) & ((1 << WIDE) - 1)) >> (WIDE - FAST);
      const [step, length] = [fast[next]!, lengths[next]!];
      if (step === 0 || used + length > WIDE) {
        break;
      }
      run += step;
      // The count of coefficients has room for two blocks, and none of them has more than one.
      if ((run & 0xff) >= BLOCK) {
        break;
      }
    }
    runs[window] = run;
  }
  return runs;
}

function readScan(
  segment: Buffer,
  from: number,
  coded: Units,
  tables: ReadonlyMap<number, Codes>,
  restart: number,
): Scan | undefined {
  const count = segment[0] ?? 0;
  // Several scans, each of some components: nobody writes these but for progressive files.
  if (count !== coded.components.length || segment.length < 1 + 2 * count) {
    return undefined;
  }
  const blocks: { dc: Codes; ac: Codes }[] = [];
  for (let index = 0; index < count; index++) {
    const component = coded.components.find(({ id }) => id === segment[1 + 2 * index]);
    const numbers = segment[2 + 2 * index] ?? 0;
    const [dc, ac] = [tables.get(numbers >> 4), tables.get(0x10 | (numbers & 15))];
    if (component === undefined || dc === undefined || ac === undefined) {
      return undefined;
    }
    for (let block = 0; block < component.blocks; block++) {
      blocks.push({ dc, ac });
    }
  }
  return { from, units: coded.units, restart, blocks };
}

/** Reads codes without making anything of them but their number. */
class ScanReader {
  private at: number;
  /** The next bits, the first of them highest. */
  private held = 0;
  private bits = 0;
  /** Bits among them that were made up because the data was at its end. */
  private madeUp = 0;

  public constructor(
    private readonly jpeg: Buffer,
    private readonly scan: Scan,
  ) {
    this.at = scan.from;
  }

  public fault(): ScanFault | undefined {
    const { units, restart } = this.scan;
    const stretch = restart > 0 ? restart : units;
    for (let unit = 0; unit < units; unit += stretch) {
      if (unit > 0 && !this.skipRestart()) {
        return 'missing';
      }
      const isWhole = this.skipUnits(Math.min(stretch, units - unit));
      if (this.bits < this.madeUp) {
        return 'missing';
      }
      if (!isWhole) {
        return 'broken';
      }
      if (this.hasLeftOver()) {
        return 'left over';
      }
    }
    // Whether libjpeg misses the end marker depends on how much it reads at once.
    return this.at < this.jpeg.length ? undefined : 'missing';
  }

  /**
   * Passes over units of the scan; false when something in them is broken, or they are not all there. It is run for every
   * few bits of every JPEG, so all that it changes is in variables of its own.
   */
  private skipUnits(units: number): boolean {
    const { jpeg } = this;
    const { blocks } = this.scan;
    const end = jpeg.length;
    let { at, held, bits, madeUp } = this;
    let isWhole = true;
    for (let unit = 0; unit < units && isWhole; unit++) {
      for (const { dc, ac } of blocks) {
        const { runs } = ac;
        let coefficient = 0;
        let codes = dc;
        for (;;) {
          if (bits <= LOW) {
            // Two bytes at a time, as long as neither can be a marker.
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
                  madeUp += 8;
                }
                bits += 8;
              }
            }
          }
          // The first code of a block is of another table; the last ones may belong to the next block, and come one by one.
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
      // A code and its value take up to 31 bits, but only 17 are certain to be held. The missing bits of the last value are
      // read here; within a block the next refill reads them.
      while (bits < 0) {
        const isData = at < end && (jpeg[at] !== 0xff || jpeg[at + 1] === 0);
        held = (held << 8) | (isData ? jpeg[at]! : 0);
        madeUp += isData ? 0 : 8;
        at += !isData ? 0 : jpeg[at] === 0xff ? 2 : 1;
        bits += 8;
      }
      isWhole &&= bits >= madeUp;
    }
    [this.at, this.held, this.bits, this.madeUp] = [at, held, bits, madeUp];
    return isWhole;
  }

  /** Whether there is data where it should end. Less than a byte does not count, nor bytes that are all alike: some cameras fill up. */
  private hasLeftOver(): boolean {
    const { jpeg } = this;
    const rest: number[] = [];
    for (let left = this.bits - 8; left >= this.madeUp; left -= 8) {
      rest.push((this.held >>> left) & 0xff);
    }
    while (this.at < jpeg.length && (jpeg[this.at] !== 0xff || jpeg[this.at + 1] === 0)) {
      rest.push(jpeg[this.at] ?? 0);
      this.at += jpeg[this.at] === 0xff ? 2 : 1;
      if (rest.at(-1) !== rest[0]) {
        return true;
      }
    }
    this.held = this.bits = this.madeUp = 0;
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

/** The step of a code of more than {@link FAST} bits; 0 when there is none. */
function longStep({ ends, offsets, steps }: Codes, held: number, bits: number): number {
  for (let length = FAST + 1; length <= LONGEST_CODE; length++) {
    const code = (held >>> (bits - length)) & ((1 << length) - 1);
    if (code < ends[length]!) {
      return steps[code + offsets[length]!] ?? 0;
    }
  }
  return 0;
}
