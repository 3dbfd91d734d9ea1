/** Maps an encoded value from 0 to 1 to linear light from 0 to 1. */
export type TransferCurve = (value: number) => number;

/** Luminance of reference white in cd/m². @see ITU-R BT.2408, table 1 */
const REFERENCE_WHITE = 203;
/** Nominal peak of HLG displays in cd/m². @see ITU-R BT.2100, table 5 */
const HLG_PEAK = 1000;
/** Fraction of reference white up to which HDR values remain unchanged. Brighter values are compressed. */
const KNEE = 0.5;

/** sRGB. @see IEC 61966-2-1 */
export const srgbToLinear: TransferCurve = (value) =>
  value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;

/** Inverse of {@link srgbToLinear}. */
export const linearToSrgb: TransferCurve = (value) =>
  value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055;

/** BT.709, BT.601 and BT.2020. @see ITU-T H.273, table 3 */
const bt709: TransferCurve = (value) => (value < 4.5 * 0.018 ? value / 4.5 : ((value + 0.099) / 1.099) ** (1 / 0.45));

/** SMPTE ST 240. @see ITU-T H.273, table 3 */
const st240: TransferCurve = (value) => (value < 4 * 0.0228 ? value / 4 : ((value + 0.1115) / 1.1115) ** (1 / 0.45));

/** Perceptual quantizer, tone-mapped. @see ITU-R BT.2100, table 4 */
const pq: TransferCurve = (value) => {
  const [m1, m2] = [2610 / 16_384, (2523 / 4096) * 128];
  const [c1, c2, c3] = [3424 / 4096, (2413 / 4096) * 32, (2392 / 4096) * 32];
  const power = value ** (1 / m2);
  return toneMapped((10_000 * (Math.max(0, power - c1) / (c2 - c3 * power)) ** (1 / m1)) / REFERENCE_WHITE);
};

/** Hybrid log-gamma with the system gamma of a 1,000 cd/m² display, tone-mapped. @see ITU-R BT.2100, table 5 */
const hlg: TransferCurve = (value) => {
  const [a, b, c] = [0.17883277, 0.28466892, 0.55991073];
  const scene = value <= 0.5 ? value ** 2 / 3 : (Math.exp((value - c) / a) + b) / 12;
  return toneMapped((HLG_PEAK * scene ** 1.2) / REFERENCE_WHITE);
};

/** Returns a pure power curve. */
export function powerCurve(exponent: number): TransferCurve {
  return (value) => value ** exponent;
}

/** Compresses light above {@link KNEE} smoothly to at most 1. */
function toneMapped(light: number): number {
  return light <= KNEE ? light : KNEE + (1 - KNEE) * (1 - Math.exp((KNEE - light) / (1 - KNEE)));
}

/** Curves by the transfer characteristics of ITU-T H.273, table 3. */
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

/** Returns the curve of transfer characteristics; the curve of sRGB if the value is unspecified or unknown. */
export function curveOf(transfer: number): TransferCurve {
  return CURVES.get(transfer) ?? srgbToLinear;
}
