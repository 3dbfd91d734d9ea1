/** Converts an encoded value to linear light. Both values are numbers from 0 to 1. */
export type TransferCurve = (value: number) => number;

/** Luminance of reference white in cd/m². @see ITU-R BT.2408, table 1 */
const REFERENCE_WHITE = 203;
/** Nominal peak luminance of HLG displays in cd/m². @see ITU-R BT.2100, table 5 */
const HLG_PEAK = 1000;
/** Fraction of reference white below which tone mapping does not change HDR values. Tone mapping compresses brighter values. */
const KNEE = 0.5;

/** Curve of sRGB. @see IEC 61966-2-1 */
export const srgbToLinear: TransferCurve = (value) =>
  value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;

/** Inverse of {@link srgbToLinear}. */
export const linearToSrgb: TransferCurve = (value) =>
  value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055;

/** Curve of BT.709, BT.601 and BT.2020. @see ITU-T H.273, table 3 */
const bt709: TransferCurve = (value) => (value < 4.5 * 0.018 ? value / 4.5 : ((value + 0.099) / 1.099) ** (1 / 0.45));

/** Curve of SMPTE ST 240. @see ITU-T H.273, table 3 */
const st240: TransferCurve = (value) => (value < 4 * 0.0228 ? value / 4 : ((value + 0.1115) / 1.1115) ** (1 / 0.45));

/** Curve of the perceptual quantizer (PQ) with tone mapping. @see ITU-R BT.2100, table 4 */
const pq: TransferCurve = (value) => {
  const [m1, m2] = [2610 / 16_384, (2523 / 4096) * 128];
  const [c1, c2, c3] = [3424 / 4096, (2413 / 4096) * 32, (2392 / 4096) * 32];
  const power = value ** (1 / m2);
  return toneMapped((10_000 * (Math.max(0, power - c1) / (c2 - c3 * power)) ** (1 / m1)) / REFERENCE_WHITE);
};

/** Curve of hybrid log-gamma (HLG) for a display of 1,000 cd/m², with tone mapping. @see ITU-R BT.2100, table 5 */
const hlg: TransferCurve = (value) => {
  const [a, b, c] = [0.17883277, 0.28466892, 0.55991073];
  const scene = value <= 0.5 ? value ** 2 / 3 : (Math.exp((value - c) / a) + b) / 12;
  return toneMapped((HLG_PEAK * scene ** 1.2) / REFERENCE_WHITE);
};

/** Returns a curve that raises a value to the power of an exponent. */
export function powerCurve(exponent: number): TransferCurve {
  return (value) => value ** exponent;
}

/** Compresses linear light above {@link KNEE} smoothly to at most 1. */
function toneMapped(light: number): number {
  return light <= KNEE ? light : KNEE + (1 - KNEE) * (1 - Math.exp((KNEE - light) / (1 - KNEE)));
}

/** Curves by the code point `transfer_characteristics` of ITU-T H.273, table 3. */
const CURVES: ReadonlyMap<number, TransferCurve> = new Map([
  [1, bt709],
  [4, powerCurve(2.2)],
  [5, powerCurve(2.8)],
  [6, bt709],
  [7, st240],
  [8, (value) => value],
  [11, bt709],
  [12, bt709],
  [13, srgbToLinear],
  [14, bt709],
  [15, bt709],
  [16, pq],
  [17, (value) => Math.min(1, (52.37 / 48) * value ** 2.6)],
  [18, hlg],
]);

/** Returns the curve for a code point of transfer characteristics. An unspecified or unknown code point results in sRGB. */
export function curveOf(transfer: number): TransferCurve {
  return CURVES.get(transfer) ?? srgbToLinear;
}
