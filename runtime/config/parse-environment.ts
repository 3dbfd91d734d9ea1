import * as z from 'zod';

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
 *
 * @throws SettingsError if a variable is missing or invalid
 */
export function parseEnvironment<T>(schema: z.ZodType<T>, environment: Environment): T {
  const parsed = schema.safeParse(environment);
  if (parsed.success) {
    return parsed.data;
  }
  throw new SettingsError(
    parsed.error.issues.map((issue) => {
      const [variable, ...path] = issue.path;
      const place = path.length > 0 ? ` at ${path.join('.')}` : '';
      const missing = environment[String(variable)] === undefined;
      return `${String(variable)}${place}: ${missing ? 'is not set' : issue.message}`;
    }),
  );
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
export function json<T extends z.ZodType>(schema: T): z.ZodType<z.output<T>> {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: `is not valid JSON: ${(error as Error).message}` });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

/** Schema of a variable that is `true` or `false`. */
export function flag(value: 'true' | 'false'): z.ZodType<boolean, string | undefined> {
  return z
    .enum(['true', 'false'], { error: ({ input }) => received(input, 'true or false') })
    .default(value)
    .transform((text) => text === 'true');
}

/** Schema of a variable that is a decimal integer within a range. */
export function integer(min: number, max: number): z.ZodType<number, string> {
  return z
    .string()
    .refine((text) => /^\d{1,16}$/.test(text) && Number(text) >= min && Number(text) <= max, {
      error: ({ input }) => received(input, `an integer from ${min} to ${max}`),
    })
    .transform(Number);
}

/** Returns an error message with an invalid value and the expected values. */
export function received(input: unknown, expected: string): string {
  return `${JSON.stringify(input)} is invalid; expected ${expected}`;
}
