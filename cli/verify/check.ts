/** Error for a pipeline whose behavior differs from the documentation. */
export class CheckFailure extends Error {
  public override readonly name = 'CheckFailure';
}

/** Error for a check that the deployment does not support. The message contains the reason. */
export class CheckSkipped extends Error {
  public override readonly name = 'CheckSkipped';
}

/** Part of the deployment, or the reason why this part is missing. */
export type Part<T> = { readonly value: T } | { readonly missing: string };

/**
 * Returns the value of a part of the deployment.
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
 * @param message message of the error
 * @throws CheckFailure if the condition is false
 */
export function expectThat(condition: boolean, message: string): void {
  if (!condition) {
    throw new CheckFailure(message);
  }
}
