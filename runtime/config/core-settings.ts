import * as v from 'valibot';
import * as contract from '../contract';
import type { CoreSettings } from '../contract';
import { analysisSchema } from './analysis-settings';
import {
  flag,
  json,
  nonEmpty,
  parseEnvironment,
  ProblemCollector,
  SettingsError,
  type Environment,
} from './parse-environment';
import { limitsSchema, rulesSchema, thumbnailsSchema } from './thumbnail-schema';

const environmentSchema = v.object({
  [contract.CORE_VARIABLES.storage]: v.optional(v.picklist(contract.STORAGE_KINDS), 's3'),
  [contract.CORE_VARIABLES.sourcePrefix]: v.optional(v.string(), ''),
  [contract.CORE_VARIABLES.sourceSuffixes]: v.optional(json(v.array(nonEmpty)), '[]'),
  [contract.CORE_VARIABLES.thumbnailPrefix]: v.optional(v.string(), ''),
  [contract.CORE_VARIABLES.thumbnails]: json(thumbnailsSchema),
  [contract.CORE_VARIABLES.limits]: v.optional(json(limitsSchema), '{}'),
  [contract.CORE_VARIABLES.rules]: v.optional(json(rulesSchema), '[]'),
  [contract.CORE_VARIABLES.allowSvg]: flag('false'),
  [contract.CORE_VARIABLES.detectJpegCorruption]: flag('false'),
  [contract.CORE_VARIABLES.requireMalwareScan]: flag('false'),
  [contract.CORE_VARIABLES.analysis]: v.optional(json(analysisSchema)),
  [contract.CORE_VARIABLES.cacheControl]: v.optional(nonEmpty, contract.DEFAULT_CACHE_CONTROL),
});

/** Variables of the source location and the thumbnail location, by kind of object store. */
const LOCATION_VARIABLES = {
  s3: [contract.CORE_VARIABLES.sourceBucket, contract.CORE_VARIABLES.thumbnailBucket],
  directory: [contract.CORE_VARIABLES.sourceDirectory, contract.CORE_VARIABLES.thumbnailDirectory],
} as const;

/**
 * Reads the settings that every entry point requires from {@link contract.CORE_VARIABLES}.
 *
 * @throws SettingsError if a variable is missing or invalid
 */
export function readCoreSettings(environment: Environment): CoreSettings {
  const collector = new ProblemCollector();
  const read = collector.collect(() => parseEnvironment(environmentSchema, environment));
  const locations = collector.collect(() => readLocations(environment));
  collector.throwIfAny();
  const [source, thumbnails] = locations!;
  const limits = { ...contract.DEFAULT_LIMITS, ...read!.LIMITS };
  return {
    storage: read!.STORAGE,
    sourceLocation: { name: source, prefix: read!.SOURCE_PREFIX, suffixes: read!.SOURCE_SUFFIXES },
    thumbnailLocation: { name: thumbnails, prefix: read!.THUMBNAIL_PREFIX },
    thumbnails: read!.THUMBNAILS,
    limits,
    rules: read!.RULES.map((rule) => ({
      ...rule,
      thumbnails: rule.thumbnails ?? read!.THUMBNAILS,
      limits: { ...limits, ...rule.limits },
    })),
    allowSvg: read!.ALLOW_SVG,
    detectJpegCorruption: read!.DETECT_JPEG_CORRUPTION,
    requireMalwareScan: read!.REQUIRE_MALWARE_SCAN,
    ...(read!.ANALYSIS && { analysis: read!.ANALYSIS }),
    cacheControl: read!.CACHE_CONTROL,
  };
}

/**
 * Returns the names of the source location and the thumbnail location.
 *
 * @throws SettingsError if the variable of a location is missing
 * @throws SettingsError if a variable of another kind of object store is set
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
