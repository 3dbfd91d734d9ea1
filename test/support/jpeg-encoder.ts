/**
 * A baseline JPEG encoder for tests. Unlike the encoders on npm, this encoder supports every chroma subsampling, and restart
 * intervals. The encoder is slow. The Huffman tables are from ITU-T T.81, annex K.
 */

/** Options of {@link encodeJpeg}. */
export interface JpegOptions {
  readonly width: number;
  readonly height: number;
  /** Horizontal and vertical sampling factors of luma, such as `[2, 1]` for 4:2:2. Chroma has `[1, 1]`. */
  readonly sampling: readonly [number, number];
  /** Number of components: 1 for grey, 3 for YCbCr. */
  readonly components: 1 | 3;
  /** Quantization step of all coefficients. Smaller steps need longer codes. */
  readonly step: number;
  /** Number of MCUs in a restart interval. @default - no restart markers */
  readonly restartInterval?: number;
  /** Returns a sample from 0 to 255. */
  readonly sample: (component: number, x: number, y: number) => number;
}

interface HuffmanTable {
  /** Number of codes of each length from 1 to 16. */
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
}

const hex = (text: string): number[] => Array.from(Buffer.from(text, 'hex'));

const DC_TABLES: readonly HuffmanTable[] = [
  { counts: hex('00010501010101010100000000000000'), symbols: hex('000102030405060708090a0b') },
  { counts: hex('00030101010101010101010000000000'), symbols: hex('000102030405060708090a0b') },
];
const AC_TABLES: readonly HuffmanTable[] = [
  {
    counts: hex('0002010303020403050504040000017d'),
    symbols: hex(
      '01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a34353637' +
        '38393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798999aa2a3' +
        'a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4f5f6f7f8f9fa',
    ),
  },
  {
    counts: hex('00020102040403040705040400010277'),
    symbols: hex(
      '0001020311040521310612415107617113223281081442' +
        '91a1b1c109233352f0156272d10a162434e125f11718191a262728292a35363738393a434445464748494a535455565758595a6364' +
        '65666768696a737475767778797a82838485868788898a92939495969798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4' +
        'c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4f5f6f7f8f9fa',
    ),
  },
];

/** Order of the coefficients in a block. */
const ZIGZAG: readonly number[] = Array.from({ length: 64 }, (_, index) => index).sort((one, other) => {
  const [x, y, u, v] = [one % 8, one >> 3, other % 8, other >> 3];
  return x + y !== u + v ? x + y - (u + v) : (x + y) % 2 === 0 ? v - y : y - v;
});

/** Codes and lengths by symbol. */
function codesOf({ counts, symbols }: HuffmanTable): Map<number, readonly [code: number, length: number]> {
  const codes = new Map<number, readonly [number, number]>();
  let code = 0;
  let index = 0;
  counts.forEach((count, length) => {
    for (let number = 0; number < count; number++) {
      codes.set(symbols[index++]!, [code++, length + 1]);
    }
    code <<= 1;
  });
  return codes;
}

/** Writes bits, with a zero byte after each 0xff. */
class BitWriter {
  public readonly bytes: number[] = [];
  private held = 0;
  private count = 0;

  public write(value: number, length: number): void {
    for (let bit = length - 1; bit >= 0; bit--) {
      this.held = (this.held << 1) | ((value >> bit) & 1);
      if (++this.count === 8) {
        this.bytes.push(this.held, ...(this.held === 0xff ? [0] : []));
        this.held = this.count = 0;
      }
    }
  }

  /** Fills the last byte with ones, and writes a marker. */
  public marker(code: number): void {
    while (this.count > 0) {
      this.write(1, 1);
    }
    this.bytes.push(0xff, code);
  }
}

const COSINES = Array.from({ length: 64 }, (_, at) => Math.cos((((at % 8) * 2 + 1) * (at >> 3) * Math.PI) / 16));

/** Returns the DCT coefficients of a block of samples. */
function transform(block: readonly number[]): number[] {
  const rows = Array.from({ length: 64 }, (_, at) =>
    COSINES.slice((at % 8) * 8, (at % 8) * 8 + 8).reduce(
      (sum, cosine, x) => sum + cosine * block[(at >> 3) * 8 + x]!,
      0,
    ),
  );
  return Array.from({ length: 64 }, (_, at) => {
    const [u, v] = [at % 8, at >> 3];
    const sum = COSINES.slice(v * 8, v * 8 + 8).reduce((total, cosine, y) => total + cosine * rows[y * 8 + u]!, 0);
    return (sum * (u === 0 ? Math.SQRT1_2 : 1) * (v === 0 ? Math.SQRT1_2 : 1)) / 4;
  });
}

function sizeOf(value: number): number {
  return value === 0 ? 0 : 32 - Math.clz32(Math.abs(value));
}

function segment(marker: number, ...content: readonly number[]): number[] {
  return [0xff, marker, (content.length + 2) >> 8, (content.length + 2) & 255, ...content];
}

/** Encodes a baseline JPEG. */
export function encodeJpeg(options: JpegOptions): Buffer {
  const { width, height, sampling, components, step, restartInterval = 0, sample } = options;
  // A scan of one component has one block per MCU, regardless of the sampling factors.
  const [across, down] = components === 1 ? [1, 1] : sampling;
  const tables = [0, 1].map((id) => ({ dc: codesOf(DC_TABLES[id]!), ac: codesOf(AC_TABLES[id]!) }));
  const bits = new BitWriter();
  const predictions = [0, 0, 0];

  const writeBlock = (component: number, x: number, y: number, scale: readonly [number, number]): void => {
    const { dc, ac } = tables[component === 0 ? 0 : 1]!;
    const block = Array.from({ length: 64 }, (_, at) => {
      const column = Math.min(width - 1, (x + (at % 8)) * scale[0]);
      const row = Math.min(height - 1, (y + (at >> 3)) * scale[1]);
      return sample(component, column, row) - 128;
    });
    const coefficients = transform(block).map((value) => Math.max(-1023, Math.min(1023, Math.round(value / step))));
    const put = (codes: typeof dc, run: number, value: number): void => {
      const size = sizeOf(value);
      bits.write(...codes.get(run * 16 + size)!);
      bits.write(value < 0 ? value + (1 << size) - 1 : value, size);
    };
    put(dc, 0, coefficients[0]! - predictions[component]!);
    predictions[component] = coefficients[0]!;
    let run = 0;
    const last = ZIGZAG.findLastIndex((at) => coefficients[at] !== 0);
    for (let index = 1; index <= last; index++) {
      const value = coefficients[ZIGZAG[index]!]!;
      if (value === 0 && run < 15) {
        run += 1;
      } else {
        put(ac, run, value);
        run = 0;
      }
    }
    if (last < 63) {
      bits.write(...ac.get(0)!);
    }
  };

  const columns = Math.ceil(width / (8 * across));
  const rows = Math.ceil(height / (8 * down));
  for (let mcu = 0; mcu < columns * rows; mcu++) {
    if (restartInterval > 0 && mcu > 0 && mcu % restartInterval === 0) {
      bits.marker(0xd0 + ((mcu / restartInterval - 1) % 8));
      predictions.fill(0);
    }
    const [x, y] = [mcu % columns, Math.floor(mcu / columns)];
    for (let component = 0; component < components; component++) {
      const [h, v] = component === 0 ? [across, down] : [1, 1];
      for (let block = 0; block < h * v; block++) {
        const [column, row] = [(x * h + (block % h)) * 8, (y * v + Math.floor(block / h)) * 8];
        writeBlock(component, column, row, [across / h, down / v]);
      }
    }
  }
  bits.marker(0xd9);

  const ids = Array.from({ length: components }, (_, index) => index);
  const factors = (component: number): number => (component === 0 ? sampling[0] * 16 + sampling[1] : 0x11);
  return Buffer.from([
    ...[0xff, 0xd8],
    ...segment(0xdb, 0, ...Array<number>(64).fill(step)),
    ...segment(
      0xc0,
      ...[8, height >> 8, height & 255, width >> 8, width & 255, components],
      ...ids.flatMap((id) => [id + 1, factors(id), 0]),
    ),
    ...[0, 1].flatMap((id) => [
      ...segment(0xc4, id, ...DC_TABLES[id]!.counts, ...DC_TABLES[id]!.symbols),
      ...segment(0xc4, 16 + id, ...AC_TABLES[id]!.counts, ...AC_TABLES[id]!.symbols),
    ]),
    ...(restartInterval > 0 ? segment(0xdd, restartInterval >> 8, restartInterval & 255) : []),
    ...segment(0xda, components, ...ids.flatMap((id) => [id + 1, id === 0 ? 0 : 0x11]), 0, 63, 0),
    ...bits.bytes,
  ]);
}
