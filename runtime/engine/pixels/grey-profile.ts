import { withinBounds } from '../within-bounds';
import { linearToSrgb, powerCurve, type TransferCurve } from './transfer-curves';

/** Number of possible values of a 16-bit sample. */
const SAMPLES = 65_536;

/**
 * Returns a table that converts 16-bit samples with a greyscale ICC profile to 8-bit sRGB values. The index is the sample.
 * Returns undefined if the profile is not a greyscale profile with a tone curve.
 *
 * @see ICC.1:2022, sections 8.3.4 (monochrome profiles), 10.6 (curves) and 10.18 (parametric curves)
 */
export function greyTableOf(profile: Buffer): Uint8Array | undefined {
  const curve = greyCurveOf(profile);
  if (!curve) {
    return undefined;
  }
  const table = new Uint8Array(SAMPLES);
  for (let sample = 0; sample < SAMPLES; sample++) {
    const light = Math.min(1, Math.max(0, curve(sample / (SAMPLES - 1))));
    table[sample] = Math.round(255 * linearToSrgb(light));
  }
  return table;
}

/** Returns the tone curve of a greyscale profile. Returns undefined for a damaged profile and for any other kind of profile. */
function greyCurveOf(profile: Buffer): TransferCurve | undefined {
  return withinBounds(() => {
    if (profile.toString('latin1', 16, 20) !== 'GRAY') {
      return undefined;
    }
    const count = profile.readUInt32BE(128);
    for (let entry = 132; entry < 132 + 12 * count; entry += 12) {
      if (profile.toString('latin1', entry, entry + 4) === 'kTRC') {
        return curveAt(profile, profile.readUInt32BE(entry + 4));
      }
    }
    return undefined;
  });
}

function curveAt(profile: Buffer, at: number): TransferCurve | undefined {
  const type = profile.toString('latin1', at, at + 4);
  if (type === 'para') {
    return parametricCurve(profile, at);
  }
  if (type !== 'curv') {
    return undefined;
  }
  const count = profile.readUInt32BE(at + 8);
  if (count <= 1) {
    return count === 0 ? (value) => value : powerCurve(profile.readUInt16BE(at + 12) / 256);
  }
  // Reading the last entry throws an error now, and not during the rendering, if the table exceeds the profile.
  profile.readUInt16BE(at + 12 + 2 * (count - 1));
  const entry = (index: number): number => profile.readUInt16BE(at + 12 + 2 * Math.min(index, count - 1)) / 65_535;
  return (value) => {
    const position = value * (count - 1);
    const below = Math.floor(position);
    return entry(below) + (position - below) * (entry(below + 1) - entry(below));
  };
}

/** Number of parameters of a parametric curve. The index is the function type, from 0 to 4. */
const PARAMETERS = [1, 3, 4, 5, 7];

function parametricCurve(profile: Buffer, at: number): TransferCurve | undefined {
  const type = profile.readUInt16BE(at + 8);
  const count = PARAMETERS[type];
  if (count === undefined) {
    return undefined;
  }
  const values = Array.from({ length: count }, (_, index) => profile.readInt32BE(at + 12 + 4 * index) / 65_536);
  const [g = 1, a = 1, b = 0] = values;
  const power = (value: number): number => Math.max(0, a * value + b) ** g;
  switch (type) {
    case 0:
      return (value) => value ** g;
    case 1:
      return (value) => (value >= -b / a ? power(value) : 0);
    case 2: {
      const c = values[3] ?? 0;
      return (value) => (value >= -b / a ? power(value) : 0) + c;
    }
    default: {
      const [, , , c = 0, d = 0, e = 0, f = 0] = values;
      return (value) => (value >= d ? power(value) + e : c * value + f);
    }
  }
}
