/** Error for a pipeline that does not behave as documented. */
export class CheckFailure extends Error {
  public override readonly name = 'CheckFailure';
}

/** Error for a check that the deployment does not support. The message is the reason. */
export class CheckSkipped extends Error {
  public override readonly name = 'CheckSkipped';
}

/** A part of the deployment, or the reason why the checks cannot use this part. */
export type Part<T> = { readonly value: T } | { readonly missing: string };

/**
 * Returns an available part of the deployment.
 *
 * @throws CheckSkipped if the part is missing
 */
export function partOf<T>(part: Part<T>): T {
  if ('missing' in part) {
    throw new CheckSkipped(part.missing);
  }
  return part.value;
}

/**
 * Compares a value with the expected value.
 *
 * @param subject name of the value in the error message
 * @throws CheckFailure if the values differ
 */
export function expectEqual<T>(subject: string, received: T, expected: T): void {
  const [one, other] = [JSON.stringify(received), JSON.stringify(expected)];
  if (one !== other) {
    throw new CheckFailure(`${subject}: received ${one}; expected ${other}`);
  }
}

/**
 * Compares a value with several permitted values.
 *
 * @throws CheckFailure if the value is not permitted
 */
export function expectOneOf<T>(subject: string, received: T, permitted: readonly T[]): void {
  if (!permitted.includes(received)) {
    throw new CheckFailure(`${subject}: received ${JSON.stringify(received)}; expected ${permitted.join(' or ')}`);
  }
}

/**
 * Checks a condition.
 *
 * @throws CheckFailure if the condition is false
 */
export function expectThat(condition: boolean, message: string): void {
  if (!condition) {
    throw new CheckFailure(message);
  }
}
