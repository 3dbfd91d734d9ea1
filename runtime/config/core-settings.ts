import * as z from 'zod';
import * as contract from '../contract';
import type { CoreSettings } from '../contract';

/** Environment variables that do not make settings. The message names every variable that is wrong, and why. */
export class SettingsError extends Error {
  public override readonly name = 'SettingsError';

  public constructor(public readonly problems: readonly string[]) {
    super(`the settings in the environment are wrong:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

const side = z.number().int().min(1).max(contract.MAX_SIDE);
const positive = z.number().int().positive();

const formatSchema = z
  .strictObject({
    type: z.enum(contract.FORMATS),
    quality: z.number().int().min(1).max(100).optional(),
    effort: z.number().int().optional(),
    lossless: z.boolean().optional(),
  })
  .superRefine((format, context) => {
    const effort = format.type === 'jpeg' ? undefined : contract.EFFORTS[format.type];
    if (format.effort !== undefined && (!effort || format.effort < effort.min || format.effort > effort.max)) {
      const allowed = effort ? `${effort.min} to ${effort.max}` : 'none';
      context.addIssue({
        code: 'custom',
        path: ['effort'],
        message: `got ${format.effort}, allowed for ${format.type}: ${allowed}`,
      });
    }
    if (format.quality !== undefined && format.type === 'gif') {
      context.addIssue({ code: 'custom', path: ['quality'], message: 'gif has no quality, leave it out' });
    }
    if (format.lossless && format.type !== 'webp' && format.type !== 'avif') {
      context.addIssue({
        code: 'custom',
        path: ['lossless'],
        message: `${format.type} has no such choice, leave it out`,
      });
    }
  });

const thumbnailSchema = z.strictObject({
  name: z
    .string()
    .regex(contract.NAME_PATTERN)
    .refine((name) => !contract.RESERVED_NAMES.includes(name), 'this name is reserved'),
  fit: z.enum(contract.FITS),
  width: side,
  height: side,
  formats: z.array(formatSchema).min(1).refine(distinctBy('type'), 'a format stands twice'),
  position: z.enum(contract.POSITIONS).optional(),
  background: z.string().regex(contract.COLOR_PATTERN).optional(),
  enlarge: z.boolean().optional(),
  animated: z.boolean().optional(),
});

const limitsSchema = z
  .strictObject({
    maxBytes: positive,
    maxPixels: positive,
    maxProgressivePixels: positive,
    maxAnimationPixels: positive,
    maxFrames: positive,
    maxDurationSeconds: z.number().positive(),
  } satisfies Record<keyof contract.Limits, z.ZodType<number>>)
  .partial();

const environmentSchema = z.object({
  [contract.CORE_VARIABLES.store]: z.enum(contract.STORAGE_KINDS).default('s3'),
  [contract.CORE_VARIABLES.source]: z.string().min(1),
  [contract.CORE_VARIABLES.sourcePrefix]: z.string().default(''),
  [contract.CORE_VARIABLES.sourceSuffixes]: json(z.array(z.string().min(1))).default([]),
  [contract.CORE_VARIABLES.destination]: z.string().min(1),
  [contract.CORE_VARIABLES.destinationPrefix]: z.string().default(''),
  [contract.CORE_VARIABLES.thumbnails]: json(
    z.array(thumbnailSchema).min(1).max(contract.MAX_THUMBNAILS).refine(distinctBy('name'), 'a name stands twice'),
  ),
  [contract.CORE_VARIABLES.limits]: json(limitsSchema).default({}),
  [contract.CORE_VARIABLES.allowSvg]: flag('false'),
  [contract.CORE_VARIABLES.verifyJpegs]: flag('true'),
  [contract.CORE_VARIABLES.cacheControl]: z.string().min(1).default(contract.DEFAULT_CACHE_CONTROL),
});

/**
 * The settings that the environment variables named in {@link contract.CORE_VARIABLES} carry.
 *
 * @throws SettingsError that names each variable that is missing or wrong
 */
export function readCoreSettings(environment: Readonly<Record<string, string | undefined>>): CoreSettings {
  const read = parseEnvironment(environmentSchema, environment);
  return {
    store: read.STORE,
    source: { name: read.SOURCE, prefix: read.SOURCE_PREFIX, suffixes: read.SOURCE_SUFFIXES },
    destination: { name: read.THUMBNAIL_BUCKET, prefix: read.THUMBNAIL_PREFIX },
    thumbnails: read.THUMBNAILS,
    limits: { ...contract.DEFAULT_LIMITS, ...read.LIMITS },
    allowSvg: read.ALLOW_SVG,
    verifyJpegs: read.VERIFY_JPEGS,
    cacheControl: read.CACHE_CONTROL,
  };
}

/**
 * What a schema, whose properties are named as environment variables are, makes of them.
 *
 * @throws SettingsError that names each variable that is missing or wrong
 */
export function parseEnvironment<T>(
  schema: z.ZodType<T>,
  environment: Readonly<Record<string, string | undefined>>,
): T {
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

/** A variable that holds JSON of the given shape. */
export function json<T extends z.ZodType>(schema: T): z.ZodType<z.output<T>> {
  return z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: `is not JSON: ${(error as Error).message}` });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

/** A variable that is true or false. */
function flag(value: 'true' | 'false'): z.ZodType<boolean, string | undefined> {
  return z
    .enum(['true', 'false'])
    .default(value)
    .transform((text) => text === 'true');
}

function distinctBy<K extends string>(property: K) {
  return (items: readonly Readonly<Record<K, unknown>>[]): boolean =>
    new Set(items.map((item) => item[property])).size === items.length;
}
