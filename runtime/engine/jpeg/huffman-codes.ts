/**
 * Lookup tables for the codes of a Huffman table. The tables contain steps: a step is a number that describes one code.
 *
 * - The low 8 bits of a step are the number of coefficients that the code adds to a block.
 * - The high 8 bits of a step are the number of bits of the code and of the value after the code.
 * - The step of an invalid code is 0.
 *
 * @see ITU-T T.81, annexes C and F
 */
export interface Codes {
  /** Steps of the codes that have at most {@link FAST} bits. The index is the next {@link FAST} bits of the data. */
  readonly fast: Uint16Array;
  /**
   * Sums of the steps of consecutive codes, only for AC tables. The index is the next {@link WIDE} bits. A sum includes all
   * codes whose bits and values are complete within the index. If no code is complete, the sum is 0. If the last code ends the
   * block, the sum contains {@link END_OF_BLOCK}.
   */
  readonly runs: Uint16Array;
  /** Largest code of each length, plus 1. The index is the length in bits. A length without codes has the entry 0. */
  readonly ends: Int32Array;
  /** Numbers to add to a code, by the length of the code in bits. The sum is the index of the code in {@link steps}. */
  readonly offsets: Int32Array;
  /** Steps in the order of the codes. */
  readonly steps: Uint16Array;
}

/** Number of bits in the index of {@link Codes.fast}. Few codes are longer. */
export const FAST = 11;
/**
 * Number of bits in the index of {@link Codes.runs}. In photos, these bits contain 2.5 codes on average. A table with a longer
 * index would exceed the L1 cache.
 */
export const WIDE = 13;
/** Length of the longest code in bits. */
export const LONGEST_CODE = 16;
/** Number of coefficients of a block. */
export const BLOCK = 64;
/**
 * Number of coefficients in the step of a code that ends a block. No other step has a number this large.
 */
export const END_OF_BLOCK = 128;
/** AC symbol for the end of a block. */
const SYMBOL_END = 0x00;
/** AC symbol for sixteen zeros. */
const SYMBOL_ZEROS = 0xf0;
/**
 * Returns the step of a DC symbol.
 *
 * @param symbol number of bits of the value, from 0 to 15
 * @param length number of bits of the code
 */
export function stepOfDc(symbol: number, length: number): number {
  return symbol > 15 ? 0 : ((length + symbol) << 8) | 1;
}

/**
 * Returns the step of an AC symbol.
 *
 * @param symbol 16 × the number of zeros before a coefficient + the number of bits of the coefficient
 * @param length number of bits of the code
 */
export function stepOfAc(symbol: number, length: number): number {
  if (symbol === SYMBOL_ZEROS) {
    return (length << 8) | 16;
  }
  // If the low four bits are 0, the symbol has no coefficient. Sequential coding defines only 0x00, the end of the block, but
  // libjpeg ends the block at the other symbols as well.
  if ((symbol & 15) === SYMBOL_END) {
    return (length << 8) | END_OF_BLOCK;
  }
  return ((length + (symbol & 15)) << 8) | ((symbol >> 4) + 1);
}

/** Returns the lookup tables of a Huffman table. Returns undefined if the code lengths of the Huffman table are invalid. */
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

/** Returns the sums of the steps of consecutive codes, as {@link Codes.runs} describes. */
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
      // A sum with more coefficients than a block could include codes of the next block.
      if ((run & 0xff) >= BLOCK) {
        break;
      }
    }
    runs[window] = run;
  }
  return runs;
}

/** Returns the step of a code with more than {@link FAST} bits. Returns 0 for an invalid code. */
export function longStep({ ends, offsets, steps }: Codes, held: number, bits: number): number {
  for (let length = FAST + 1; length <= LONGEST_CODE; length++) {
    const code = (held >>> (bits - length)) & ((1 << length) - 1);
    if (code < ends[length]!) {
      return steps[code + offsets[length]!] ?? 0;
    }
  }
  return 0;
}
