import type { FocalPoint } from '../engine';
import type { Warning } from '../errors/warning-codes';

/** Name of the metadata that contains the focal point: the point that crops keep visible. */
const FOCAL_POINT = 'focal-point';

/** Focal point in the metadata of a source. */
export interface FocalPointReading {
  readonly focalPoint?: FocalPoint;
  /** Set if the metadata is invalid. */
  readonly warning?: Warning;
}

/** A number or a percentage, without sign and exponent. */
const NUMBER = String.raw`(\d+(?:\.\d*)?|\.\d+)\s*(%?)`;
const PAIR = new RegExp(`^\\s*${NUMBER}\\s*,\\s*${NUMBER}\\s*$`);
/** Maximum number of characters of an invalid value in a warning. */
const SHOWN_CHARACTERS = 80;

/**
 * Reads the focal point, such as `0.3,0.7` or `30%,70%`: fractions from the left and from the top of the upright image.
 *
 * An invalid value is ignored and results in a warning.
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
  const message =
    `metadata ${FOCAL_POINT}: ${JSON.stringify(shown)} is invalid; expected two numbers from 0 to 1, ` +
    'or from 0% to 100%, from the left and from the top, such as 0.3,0.7';
  return { warning: { code: 'invalid-focal-point', message } };
}

function toFraction(digits: string | undefined, unit: string | undefined): number {
  return Number(digits ?? NaN) / (unit === '%' ? 100 : 1);
}

function isFraction(value: number): boolean {
  return value >= 0 && value <= 1;
}
