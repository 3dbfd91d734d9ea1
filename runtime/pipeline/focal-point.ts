import type { FocalPoint } from '../engine';
import type { Warning } from '../errors/warning-codes';

/** Name of the object metadata that contains the focal point. Crops keep the focal point visible. */
const FOCAL_POINT = 'focal-point';

/** Focal point in the metadata of a source. */
export interface FocalPointReading {
  readonly focalPoint?: FocalPoint;
  /** Warning about invalid metadata. Undefined for valid or missing metadata. */
  readonly warning?: Warning;
}

/** Pattern of a number or a percentage without sign and exponent. */
const NUMBER = String.raw`(\d+(?:\.\d*)?|\.\d+)\s*(%?)`;
const PAIR = new RegExp(`^\\s*${NUMBER}\\s*,\\s*${NUMBER}\\s*$`);
/** Maximum length of an invalid value in a warning, in characters. */
const SHOWN_CHARACTERS = 80;

/**
 * Reads the focal point in the metadata of a source, such as `0.3,0.7` or `30%,70%`. The first value is the distance from the
 * left edge of the upright image, relative to the width. The second value is the distance from the top edge, relative to the
 * height.
 *
 * For an invalid value, the function returns a warning and no focal point.
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
    'or from 0% to 100%: the distance from the left and from the top, such as 0.3,0.7';
  return { warning: { code: 'invalid-focal-point', message } };
}

function toFraction(digits: string | undefined, unit: string | undefined): number {
  return Number(digits ?? NaN) / (unit === '%' ? 100 : 1);
}

function isFraction(value: number): boolean {
  return value >= 0 && value <= 1;
}
