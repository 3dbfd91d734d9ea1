import { type Duration, type Size, Token } from 'aws-cdk-lib';

/** The smallest and the largest value that a prop may have, and what it counts. */
export interface Range {
  readonly min: number;
  readonly max: number;
  /** `pixels`, `MiB`, … */
  readonly unit?: string;
}

/** One problem, in the words of every other: what the prop is, what was given, what may be given. */
export function problem(prop: string, got: string | number, allowed: string): string {
  return `${prop}: got ${got}, must be ${allowed}`;
}

/** A text as it was given, told apart from the words around it. */
export function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A whole number in a range; what is left out or known at deployment only passes. */
export function checkInteger(prop: string, value: number | undefined, range: Range): string[] {
  if (value === undefined || Token.isUnresolved(value)) {
    return [];
  }
  if (Number.isInteger(value) && value >= range.min && value <= range.max) {
    return [];
  }
  return [
    problem(prop, value, `a whole number${range.unit ? ` of ${range.unit}` : ''} from ${range.min} to ${range.max}`),
  ];
}

/** A duration of whole seconds in a range, which is what CloudFormation can be told. */
export function checkDuration(prop: string, value: Duration | undefined, range: Range): string[] {
  const seconds = secondsOf(value);
  if (seconds === undefined || (Number.isInteger(seconds) && seconds >= range.min && seconds <= range.max)) {
    return [];
  }
  return [problem(prop, `${seconds} s`, `from ${range.min} to ${range.max} whole seconds`)];
}

/** The seconds of a duration, where it is given and known before deployment. */
export function secondsOf(duration: Duration | undefined): number | undefined {
  return duration === undefined || duration.isUnresolved() ? undefined : duration.toSeconds({ integral: false });
}

/** A size in a range of bytes. */
export function checkSize(prop: string, value: Size | undefined, range: Range): string[] {
  if (value === undefined || value.isUnresolved()) {
    return [];
  }
  const bytes = value.toBytes();
  if (bytes >= range.min && bytes <= range.max) {
    return [];
  }
  return [problem(prop, `${bytes} bytes`, `from ${range.min} to ${range.max} bytes`)];
}

/** A text of a given form. */
export function checkPattern(prop: string, value: string | undefined, pattern: RegExp, allowed: string): string[] {
  if (value === undefined || Token.isUnresolved(value) || pattern.test(value)) {
    return [];
  }
  return [problem(prop, quoted(value), allowed)];
}

/** Those values that stand in a list more than once, each of them once. */
export function repeated(values: readonly string[]): string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}
