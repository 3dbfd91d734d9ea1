/**
 * Lookup tables for the codes of a Huffman table. A step describes one code: 256 × (bits of the code and of its value) +
 * (coefficients that the code adds to a block). The step of an invalid code is 0.
 *
 * @see ITU-T T.81, annexes C and F
 */
export interface Codes {
  /** Steps, indexed by the next {@link FAST} bits. The entry of a longer code is 0. */
  readonly fast: Uint16Array;
  /**
   * Sums of steps of an AC table, indexed by the next {@link WIDE} bits. A sum covers all codes that are complete within these
   * bits. The sum is 0 if no code is complete. {@link END_OF_BLOCK} is set if the last code ends the block.
   */
  readonly runs: Uint16Array;
  /** For each length, the first value above all codes of this length; 0 if no code has this length. */
  readonly ends: Int32Array;
  /** Difference between a code and the index of its step, by length. */
  readonly offsets: Int32Array;
  /** Steps in the order of the codes. */
  readonly steps: Uint16Array;
}

/** Number of bits in a lookup of one code. Few codes are longer. */
export const FAST = 11;
/** Number of bits in a lookup of several codes: 2.5 codes on average for photos. The table fits into the L1 cache. */
export const WIDE = 13;
/** Bits of the longest code. */
export const LONGEST_CODE = 16;
/** Number of coefficients of a block. */
export const BLOCK = 64;
/**
 * Number of coefficients in a step that ends a block. This number is larger than the number of coefficients in any other step.
 */
export const END_OF_BLOCK = 128;
/** Symbols of AC tables: end of block, and sixteen zeros. */
const SYMBOL_END = 0x00;
const SYMBOL_ZEROS = 0xf0;
/** Returns the step of a DC symbol, which is the number of bits of the value, at most 15. */
export function stepOfDc(symbol: number, length: number): number {
  return symbol > 15 ? 0 : ((length + symbol) << 8) | 1;
}

/**
 * Returns the step of an AC symbol. The symbol consists of the number of zeros before a coefficient, and the number of bits of
 * the coefficient.
 */
export function stepOfAc(symbol: number, length: number): number {
  if (symbol === SYMBOL_ZEROS) {
    return (length << 8) | 16;
  }
  // Sequential coding does not define other symbols without a coefficient. libjpeg ends the block at such a symbol.
  if ((symbol & 15) === SYMBOL_END) {
    return (length << 8) | END_OF_BLOCK;
  }
  return ((length + (symbol & 15)) << 8) | ((symbol >> 4) + 1);
}

/** Returns the lookup tables of a Huffman table; undefined if its code lengths are invalid. */
export function codesOf(
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

/** Returns the sums of consecutive steps. See {@link Codes.runs}. */
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
      // The sum must not exceed the number of coefficients of a block.
      if ((run & 0xff) >= BLOCK) {
        break;
      }
    }
    runs[window] = run;
  }
  return runs;
}

/** Returns the step of a code with more than {@link FAST} bits; 0 for an invalid code. */
export function longStep({ ends, offsets, steps }: Codes, held: number, bits: number): number {
  for (let length = FAST + 1; length <= LONGEST_CODE; length++) {
    const code = (held >>> (bits - length)) & ((1 << length) - 1);
    if (code < ends[length]!) {
      return steps[code + offsets[length]!] ?? 0;
    }
  }
  return 0;
}
