import { curveOf, type TransferCurve } from './transfer-curves';

/** CIE 1931 chromaticity coordinates x and y. */
export type Chromaticity = readonly [x: number, y: number];

/** Chromaticities of the white point and of the colours red, green and blue. */
export interface Primaries {
  readonly white: Chromaticity;
  readonly red: Chromaticity;
  readonly green: Chromaticity;
  readonly blue: Chromaticity;
}

type Vector = readonly [number, number, number];
type Matrix = readonly [Vector, Vector, Vector];

const D65: Chromaticity = [0.3127, 0.329];
const ILLUMINANT_C: Chromaticity = [0.31, 0.316];

/** BT.709, the primaries of sRGB. */
export const BT709: Primaries = { white: D65, red: [0.64, 0.33], green: [0.3, 0.6], blue: [0.15, 0.06] };
const BT601_525: Primaries = { white: D65, red: [0.63, 0.34], green: [0.31, 0.595], blue: [0.155, 0.07] };
const P3 = { red: [0.68, 0.32], green: [0.265, 0.69], blue: [0.15, 0.06] } as const;

/** Chromaticities by the code point `colour_primaries` of ITU-T H.273, table 2. */
const PRIMARIES: ReadonlyMap<number, Primaries> = new Map([
  [1, BT709],
  [4, { white: ILLUMINANT_C, red: [0.67, 0.33], green: [0.21, 0.71], blue: [0.14, 0.08] }],
  [5, { white: D65, red: [0.64, 0.33], green: [0.29, 0.6], blue: [0.15, 0.06] }],
  [6, BT601_525],
  [7, BT601_525],
  [8, { white: ILLUMINANT_C, red: [0.681, 0.319], green: [0.243, 0.692], blue: [0.145, 0.049] }],
  [9, { white: D65, red: [0.708, 0.292], green: [0.17, 0.797], blue: [0.131, 0.046] }],
  [11, { white: [0.314, 0.351], ...P3 }],
  [12, { white: D65, ...P3 }],
  [22, { white: D65, red: [0.63, 0.34], green: [0.295, 0.605], blue: [0.155, 0.077] }],
]);

/** XYZ coordinates of D50, the white point of ICC profiles. @see ICC.1:2022, section 7.2.16 */
const D50: Vector = [0.9642, 1, 0.8249];
/** Matrix from XYZ to Bradford cone responses. @see ICC.1:2022, annex E */
const BRADFORD: Matrix = [
  [0.8951, 0.2664, -0.1614],
  [-0.7502, 1.7135, 0.0367],
  [0.0389, -0.0685, 1.0296],
];

/**
 * Returns an ICC profile for code points of ITU-T H.273 (CICP). Returns undefined for sRGB and for unspecified code points. The
 * profiles for PQ and HLG include tone mapping.
 *
 * @param primaries colour primaries, for example 9 for BT.2020 and 12 for Display P3
 * @param transfer transfer characteristics, for example 13 for sRGB and 16 for PQ
 */
export function profileOfCodePoints(primaries: number, transfer: number): Buffer | undefined {
  const colours = PRIMARIES.get(primaries) ?? BT709;
  const isSrgb = colours === BT709 && (transfer === 13 || transfer === 2 || transfer === 0);
  return isSrgb ? undefined : matrixProfile(colours, curveOf(transfer));
}

/** Number of entries of a tone curve. */
const CURVE_ENTRIES = 4096;
const HEADER_BYTES = 128;
const TAG_BYTES = 12;

/** Returns an ICC profile with three colorants and one tone curve. @see ICC.1:2022, section 8.3.3 */
export function matrixProfile(primaries: Primaries, curve: TransferCurve): Buffer {
  const colorants = transpose(colorantsOf(primaries));
  const toneCurve = curveTag(curve);
  const data: readonly (readonly [tags: readonly string[], content: Buffer])[] = [
    [['wtpt'], xyzTag(D50)],
    [['rXYZ'], xyzTag(colorants[0])],
    [['gXYZ'], xyzTag(colorants[1])],
    [['bXYZ'], xyzTag(colorants[2])],
    [['rTRC', 'gTRC', 'bTRC'], toneCurve],
  ];
  const count = data.reduce((sum, [tags]) => sum + tags.length, 0);
  const head = Buffer.alloc(HEADER_BYTES + 4 + count * TAG_BYTES);
  head.writeUInt32BE(count, HEADER_BYTES);
  let entry = HEADER_BYTES + 4;
  let offset = head.length;
  for (const [tags, content] of data) {
    for (const tag of tags) {
      head.write(tag, entry, 'latin1');
      head.writeUInt32BE(offset, entry + 4);
      head.writeUInt32BE(content.length, entry + 8);
      entry += TAG_BYTES;
    }
    offset += content.length;
  }
  head.writeUInt32BE(offset, 0);
  head.writeUInt32BE(0x02400000, 8); // version 2.4
  head.write('mntrRGB XYZ ', 12, 'latin1');
  head.write('acsp', 36, 'latin1');
  D50.forEach((value, index) => head.writeInt32BE(fixed(value), 68 + 4 * index));
  return Buffer.concat([head, ...data.map(([, content]) => content)]);
}

/** Returns the matrix from linear RGB to XYZ. The matrix adapts the white point of the primaries to D50. */
function colorantsOf({ white, red, green, blue }: Primaries): Matrix {
  const columns = transpose([xyzOf(red), xyzOf(green), xyzOf(blue)]);
  const whiteXyz = xyzOf(white);
  const scale = multiply(inverse(columns), whiteXyz);
  const matrix = columns.map(([r, g, b]): Vector => [r * scale[0], g * scale[1], b * scale[2]]) as unknown as Matrix;
  const from = multiply(BRADFORD, whiteXyz);
  const to = multiply(BRADFORD, D50);
  const gains = BRADFORD.map((row, index) =>
    row.map((value) => (value * to[index]!) / from[index]!),
  ) as unknown as Matrix;
  const adaptation = product(inverse(BRADFORD), gains);
  return product(adaptation, matrix);
}

function xyzOf([x, y]: Chromaticity): Vector {
  return [x / y, 1, (1 - x - y) / y];
}

function multiply(matrix: Matrix, [x, y, z]: Vector): Vector {
  return matrix.map(([a, b, c]) => a * x + b * y + c * z) as unknown as Vector;
}

function product(one: Matrix, other: Matrix): Matrix {
  return transpose(transpose(other).map((column) => multiply(one, column)) as unknown as Matrix);
}

function transpose([a, b, c]: Matrix): Matrix {
  return [
    [a[0], b[0], c[0]],
    [a[1], b[1], c[1]],
    [a[2], b[2], c[2]],
  ];
}

function inverse(matrix: Matrix): Matrix {
  const [[a, b, c], [d, e, f], [g, h, i]] = matrix;
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const rows: Matrix = [
    [e * i - f * h, c * h - b * i, b * f - c * e],
    [f * g - d * i, a * i - c * g, c * d - a * f],
    [d * h - e * g, b * g - a * h, a * e - b * d],
  ];
  return rows.map((row) => row.map((value) => value / determinant)) as unknown as Matrix;
}

function fixed(value: number): number {
  return Math.round(value * 65_536);
}

function xyzTag(values: Vector): Buffer {
  const tag = Buffer.alloc(20);
  tag.write('XYZ ', 'latin1');
  values.forEach((value, index) => tag.writeInt32BE(fixed(value), 8 + 4 * index));
  return tag;
}

function curveTag(curve: TransferCurve): Buffer {
  const tag = Buffer.alloc(12 + 2 * CURVE_ENTRIES);
  tag.write('curv', 'latin1');
  tag.writeUInt32BE(CURVE_ENTRIES, 8);
  for (let index = 0; index < CURVE_ENTRIES; index++) {
    const light = Math.min(1, Math.max(0, curve(index / (CURVE_ENTRIES - 1))));
    tag.writeUInt16BE(Math.round(light * 65_535), 12 + 2 * index);
  }
  return tag;
}
