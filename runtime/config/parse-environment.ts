import * as v from 'valibot';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Error for invalid environment variables. The message lists every invalid variable with the reason. */
export class SettingsError extends Error {
  public override readonly name = 'SettingsError';

  public constructor(
    /** One line per problem. Each line starts with the name of the variable. */
    public readonly problems: readonly string[],
  ) {
    super(`invalid environment variables:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

/**
 * Parses environment variables.
 *
 * @param schema schema of an object whose properties have the names of the variables
 * @throws SettingsError if a variable is missing or invalid
 */
export function parseEnvironment<T>(schema: v.GenericSchema<unknown, T>, environment: Environment): T {
  const parsed = v.safeParse(schema, environment);
  if (parsed.success) {
    return parsed.output;
  }
  throw new SettingsError(
    parsed.issues.map((issue) => {
      const [variable, ...path] = v.getDotPath(issue)!.split('.');
      const place = path.length > 0 ? ` at ${path.join('.')}` : '';
      const missing = environment[variable!] === undefined;
      return `${variable!}${place}: ${missing ? 'is not set' : messageOf(issue)}`;
    }),
  );
}

function messageOf({ expected, message }: v.BaseIssue<unknown>): string {
  return expected === 'never' ? 'is unknown; remove the property' : message;
}

/** Collects the problems of several functions that read settings. Throws one error that lists all problems. */
export class ProblemCollector {
  private readonly problems: string[] = [];

  /**
   * Calls a function that reads settings, and returns the settings. If the function throws a {@link SettingsError}, collects
   * the problems and returns undefined.
   */
  public collect<T>(read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SettingsError)) {
        throw error;
      }
      this.problems.push(...error.problems);
      return undefined;
    }
  }

  /**
   * Throws an error that lists the collected problems.
   *
   * @throws SettingsError if any function has thrown a SettingsError
   */
  public throwIfAny(): void {
    if (this.problems.length > 0) {
      throw new SettingsError(this.problems);
    }
  }
}

/** Schema of a variable that contains JSON. */
export function json<T>(schema: v.GenericSchema<unknown, T>): v.GenericSchema<string, T> {
  return v.pipe(
    v.string(),
    v.rawTransform(({ dataset, addIssue, NEVER }): unknown => {
      try {
        return JSON.parse(dataset.value);
      } catch (error) {
        addIssue({ message: `is not valid JSON: ${(error as Error).message}` });
        return NEVER;
      }
    }),
    schema,
  );
}

/** Schema of an object that is no array. Valibot alone accepts an empty array if all properties of the object are optional. */
export function noArray<T>(schema: v.GenericSchema<unknown, T>): v.GenericSchema<unknown, T> {
  return v.pipe(
    v.unknown(),
    v.check(
      (value) => !Array.isArray(value),
      ({ input }) => received(input, 'an object'),
    ),
    schema,
  );
}

/** Schema of a variable that is `true` or `false`. */
export function flag(value: 'true' | 'false'): v.GenericSchema<string | undefined, boolean> {
  return v.pipe(
    v.optional(
      v.picklist(['true', 'false'], ({ input }) => received(input, 'true or false')),
      value,
    ),
    v.transform((text) => text === 'true'),
  );
}

/** Schema of a variable that is a decimal integer within a range. */
export function integer(min: number, max: number): v.GenericSchema<string, number> {
  return v.pipe(
    v.string(),
    v.check(
      (text) => /^\d{1,16}$/.test(text) && Number(text) >= min && Number(text) <= max,
      ({ input }) => received(input, `an integer from ${min} to ${max}`),
    ),
    v.transform(Number),
  );
}

/** Schema of a URL with the protocol `http` or `https`. The message describes an invalid value. */
export function httpUrl(message: string | ((issue: v.BaseIssue<unknown>) => string)): v.GenericSchema<string> {
  return v.pipe(
    v.string(message),
    v.check((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), message),
  );
}

/** Schema of a string that is not empty. */
export const nonEmpty = v.pipe(v.string(), v.minLength(1));

/** Returns an error message with an invalid value and the expected values. */
export function received(input: unknown, expected: string): string {
  return `${JSON.stringify(input)} is invalid; expected ${expected}`;
}
