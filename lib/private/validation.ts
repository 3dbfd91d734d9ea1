import { type Duration, type Size, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

const PREFIX_PATTERN = /^(?!\/)[^*]*$/;

/** Inclusive range of a numeric prop. */
export interface Range {
  readonly min: number;
  readonly max: number;
  /** Unit in error messages, such as `pixels` or `MiB`. */
  readonly unit?: string;
}

/** Collects the validation errors of one construct, and throws one exception with all errors. */
export class ValidationErrors {
  private readonly errors: string[] = [];

  /** Adds errors. If `prop` is given, prefixes the names in the errors with `prop`. */
  public add(errors: readonly string[], prop?: string): void {
    this.errors.push(...(prop === undefined ? errors : nested(prop, errors)));
  }

  /**
   * Throws one exception with all added errors.
   *
   * @throws Error if the collection contains errors; the message starts with the construct path, and lists every error
   */
  public throwIfAny(scope: Construct): void {
    const { path } = scope.node;
    if (this.errors.length === 1) {
      throw new Error(`${path}: ${this.errors[0]}`);
    }
    if (this.errors.length > 1) {
      throw new Error([`${path}: ${this.errors.length} validation errors:`, ...this.errors].join('\n  - '));
    }
  }
}

/** Prefixes errors about the members of a struct with the name of the prop that contains the struct. */
export function nested(prop: string, errors: readonly string[]): string[] {
  return errors.map((error) => `${prop}.${error}`);
}

/** Formats a validation error: the prop, the finding and the fix. */
export function validationError(prop: string, finding: string, fix: string): string {
  return `${prop}: ${finding}; ${fix}`;
}

/** Formats the validation error of an invalid value. */
export function invalidValue(prop: string, received: string | number, expected: string): string {
  return validationError(prop, `${received} is invalid`, `expected ${expected}`);
}

/** Formats the validation error of a list or text that is too short or too long. */
export function outOfRange(prop: string, received: string, expected: string): string {
  return validationError(prop, `${received} is out of range`, `expected ${expected}`);
}

/** Formats a string for an error message: in quotes, with control characters escaped. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** Validates an integer. Accepts undefined and tokens. */
export function validateInteger(prop: string, value: number | undefined, range: Range): string[] {
  if (value === undefined || Token.isUnresolved(value)) {
    return [];
  }
  if (Number.isInteger(value) && value >= range.min && value <= range.max) {
    return [];
  }
  return [outOfRange(prop, formatted(value), `an integer from ${formattedRange(range)}`)];
}

/** Validates a duration of whole seconds, the resolution of CloudFormation. Accepts undefined and tokens. */
export function validateDuration(prop: string, value: Duration | undefined, range: Range): string[] {
  const seconds = secondsOf(value);
  if (seconds === undefined || (Number.isInteger(seconds) && seconds >= range.min && seconds <= range.max)) {
    return [];
  }
  return [outOfRange(prop, `${formatted(seconds)} s`, `whole seconds from ${formattedRange(range)}`)];
}

/** Returns the seconds of a duration; undefined for an undefined duration or a token. */
export function secondsOf(duration: Duration | undefined): number | undefined {
  return duration === undefined || duration.isUnresolved() ? undefined : duration.toSeconds({ integral: false });
}

/** Validates a size against a range in bytes. Accepts undefined and tokens. */
export function validateSize(prop: string, value: Size | undefined, range: Range): string[] {
  if (value === undefined || value.isUnresolved()) {
    return [];
  }
  const bytes = value.toBytes();
  if (bytes >= range.min && bytes <= range.max) {
    return [];
  }
  return [outOfRange(prop, `${formatted(bytes)} bytes`, `a size from ${formattedRange({ ...range, unit: 'bytes' })}`)];
}

/** Validates that a string matches a pattern. Accepts undefined and tokens. */
export function validatePattern(prop: string, value: string | undefined, pattern: RegExp, expected: string): string[] {
  if (value === undefined || Token.isUnresolved(value) || pattern.test(value)) {
    return [];
  }
  return [invalidValue(prop, quoted(value), expected)];
}

/** Validates the prefix of keys, if it is known at synthesis. */
export function validatePrefix(prop: string, prefix: string | undefined, maxBytes: number): string[] {
  const bytes = prefix === undefined || Token.isUnresolved(prefix) ? 0 : Buffer.byteLength(prefix);
  if (bytes > maxBytes) {
    return [outOfRange(prop, `${bytes} bytes`, `at most ${maxBytes} bytes`)];
  }
  return validatePattern(prop, prefix, PREFIX_PATTERN, 'the start of a key, without a leading slash and without *');
}

/** Returns the values that occur more than once, without repetitions. */
export function duplicates(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

function formattedRange(range: Range): string {
  const text = `${formatted(range.min)} to ${formatted(range.max)}`;
  return range.unit === undefined ? text : `${text} ${range.unit}`;
}

/** Formats a number in a fixed locale, because digits and separators depend on the locale. */
function formatted(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: 20 });
}
