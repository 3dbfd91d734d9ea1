const INTERVAL_MS = 25;

/**
 * Repeats a function until it returns a value.
 *
 * @param description text that describes the value in the error message
 * @throws Error if the function returns no value within `seconds`
 */
export async function eventually<T>(
  getValue: () => T | undefined | Promise<T | undefined>,
  description: string,
  seconds = 500,
): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await getValue();
    if (value !== undefined) {
      return value;
    }
    if (Date.now() > end) {
      throw new Error(`timed out after ${seconds} s; expected ${description}`);
    }
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}
