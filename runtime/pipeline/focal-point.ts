import type { FocalPoint } from '../engine';

/** Name of the metadata of a source that says which point of it a crop must keep in sight. */
export const FOCAL_POINT = 'focal-point';

/** What a source's metadata says of its focal point. */
export interface FocalPointReading {
  readonly focalPoint?: FocalPoint;
  /** Why a value that is there was not used, for people. */
  readonly warning?: string;
}

/** A number, or a percentage; no sign and no exponent. */
const NUMBER = String.raw`(\d+(?:\.\d*)?|\.\d+)\s*(%?)`;
const PAIR = new RegExp(`^\\s*${NUMBER}\\s*,\\s*${NUMBER}\\s*$`);
/** Longest part of a wrong value that a warning repeats. */
const SHOWN_CHARACTERS = 80;

/**
 * Reads `focal-point: 0.3,0.7` or `30%,70%`: from the left and from the top of the picture as it is seen. A value that
 * is no such pair does not stop the picture from being made; it is told in a warning.
 */
export function readFocalPoint(metadata: Readonly<Record<string, string>>): FocalPointReading {
  const value = metadata[FOCAL_POINT];
  if (value === undefined) {
    return {};
  }
  const [, x, xUnit, y, yUnit] = PAIR.exec(value) ?? [];
  const focalPoint = { x: toFraction(x, xUnit), y: toFraction(y, yUnit) };
  if (isFraction(focalPoint.x) && isFraction(focalPoint.y)) {
    return { focalPoint };
  }
  const shown = value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value;
  return {
    warning:
      `metadata ${FOCAL_POINT} is not used: got ${JSON.stringify(shown)}, allowed are two numbers from 0 to 1 or from ` +
      '0% to 100%, from the left and from the top, as in 0.3,0.7',
  };
}

function toFraction(digits: string | undefined, unit: string | undefined): number {
  return Number(digits ?? NaN) / (unit === '%' ? 100 : 1);
}

function isFraction(value: number): boolean {
  return value >= 0 && value <= 1;
}
