import * as z from 'zod';
import * as contract from '../contract';
import type { CoreSettings } from '../contract';
import {
  flag,
  json,
  parseEnvironment,
  ProblemCollector,
  received,
  SettingsError,
  type Environment,
} from './parse-environment';

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
      const expected = effort ? `an integer from ${effort.min} to ${effort.max}` : 'no effort';
      context.addIssue({
        code: 'custom',
        path: ['effort'],
        message: received(format.effort, `${expected} for ${format.type}`),
      });
    }
    if (format.quality !== undefined && format.type === 'gif') {
      context.addIssue({ code: 'custom', path: ['quality'], message: 'gif has no quality; remove it' });
    }
    if (format.lossless && format.type !== 'webp' && format.type !== 'avif') {
      context.addIssue({
        code: 'custom',
        path: ['lossless'],
        message: `${format.type} has no lossless option; remove it`,
      });
    }
  });

const thumbnailSchema = z.strictObject({
  name: z
    .string()
    .regex(contract.NAME_PATTERN)
    .refine((name) => !contract.RESERVED_NAMES.includes(name), 'the name is reserved'),
  fit: z.enum(contract.FITS),
  width: side,
  height: side,
  formats: z.array(formatSchema).min(1).refine(distinctBy('type'), 'formats must be distinct'),
  position: z.enum(contract.POSITIONS).optional(),
  background: z.string().regex(contract.COLOR_PATTERN).optional(),
  enlarge: z.boolean().optional(),
  animated: z.boolean().optional(),
});

const limitsSchema = z
  .strictObject({
    maxFileSizeBytes: positive,
    maxPixels: positive,
    maxProgressivePixels: positive,
    maxAnimationPixels: positive,
    maxFrames: positive,
    maxDurationSeconds: z.number().positive(),
  } satisfies Record<keyof contract.Limits, z.ZodType<number>>)
  .partial();

const environmentSchema = z.object({
  [contract.CORE_VARIABLES.storage]: z.enum(contract.STORAGE_KINDS).default('s3'),
  [contract.CORE_VARIABLES.sourcePrefix]: z.string().default(''),
  [contract.CORE_VARIABLES.sourceSuffixes]: json(z.array(z.string().min(1))).default([]),
  [contract.CORE_VARIABLES.thumbnailPrefix]: z.string().default(''),
  [contract.CORE_VARIABLES.thumbnails]: json(
    z.array(thumbnailSchema).min(1).max(contract.MAX_THUMBNAILS).refine(distinctBy('name'), 'names must be distinct'),
  ),
  [contract.CORE_VARIABLES.limits]: json(limitsSchema).default({}),
  [contract.CORE_VARIABLES.allowSvg]: flag('false'),
  [contract.CORE_VARIABLES.detectJpegCorruption]: flag('false'),
  [contract.CORE_VARIABLES.cacheControl]: z.string().min(1).default(contract.DEFAULT_CACHE_CONTROL),
});

/** Variables that name the locations, by kind of object store. */
const LOCATION_VARIABLES = {
  s3: [contract.CORE_VARIABLES.sourceBucket, contract.CORE_VARIABLES.thumbnailBucket],
  directory: [contract.CORE_VARIABLES.sourceDirectory, contract.CORE_VARIABLES.thumbnailDirectory],
} as const;

/**
 * Reads the settings that every entry point needs from {@link contract.CORE_VARIABLES}.
 *
 * @throws SettingsError if a variable is missing or invalid
 */
export function readCoreSettings(environment: Environment): CoreSettings {
  const collector = new ProblemCollector();
  const read = collector.collect(() => parseEnvironment(environmentSchema, environment));
  const locations = collector.collect(() => readLocations(environment));
  collector.throwIfAny();
  const [source, thumbnails] = locations!;
  return {
    storage: read!.STORAGE,
    sourceLocation: { name: source, prefix: read!.SOURCE_PREFIX, suffixes: read!.SOURCE_SUFFIXES },
    thumbnailLocation: { name: thumbnails, prefix: read!.THUMBNAIL_PREFIX },
    thumbnails: read!.THUMBNAILS,
    limits: { ...contract.DEFAULT_LIMITS, ...read!.LIMITS },
    allowSvg: read!.ALLOW_SVG,
    detectJpegCorruption: read!.DETECT_JPEG_CORRUPTION,
    cacheControl: read!.CACHE_CONTROL,
  };
}

/**
 * Returns the names of the source and thumbnail locations.
 *
 * @throws SettingsError if one of them is not set, or those of another kind of object store are set
 */
function readLocations(environment: Environment): readonly [source: string, thumbnails: string] {
  const kind = environment[contract.CORE_VARIABLES.storage] === 'directory' ? 'directory' : 's3';
  const other = kind === 'directory' ? 's3' : 'directory';
  const { storage } = contract.CORE_VARIABLES;
  const problems = [
    ...LOCATION_VARIABLES[kind]
      .filter((variable) => !environment[variable])
      .map((variable) => `${variable}: is not set; ${storage}=${kind} requires it`),
    ...LOCATION_VARIABLES[other]
      .filter((variable) => environment[variable])
      .map((variable) => `${variable}: conflicts with ${storage}=${kind}; remove it or set ${storage}=${other}`),
  ];
  if (problems.length > 0) {
    throw new SettingsError(problems);
  }
  const [source, thumbnails] = LOCATION_VARIABLES[kind];
  return [environment[source]!, environment[thumbnails]!];
}

function distinctBy<K extends string>(property: K) {
  return (items: readonly Readonly<Record<K, unknown>>[]): boolean =>
    new Set(items.map((item) => item[property])).size === items.length;
}
