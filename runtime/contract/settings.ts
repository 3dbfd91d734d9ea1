import type { AnalysisSettings } from './analysis';
import type { RuleSettings } from './rules';
import type { Limits } from './source-limits';
import type { ThumbnailSettings } from './thumbnail-settings';

/** Kinds of object store. */
export const STORAGE_KINDS = ['s3', 'directory'] as const;
/** One of {@link STORAGE_KINDS}. */
export type StorageKind = (typeof STORAGE_KINDS)[number];

/** A bucket or a directory with a key prefix. */
export interface ObjectLocation {
  /** Name of the bucket or path of the directory. */
  readonly name: string;
  /** Prefix of all keys that the runtime reads or writes. The prefix can be empty. */
  readonly prefix: string;
}

/** Location of the source images. */
export interface SourceLocation extends ObjectLocation {
  /** Suffixes of the source keys that the runtime processes, ignoring case. With an empty list, all keys are processed. */
  readonly suffixes: readonly string[];
}

/** Settings that a rule can override for a source key. */
export interface KeySettings {
  readonly thumbnails: readonly ThumbnailSettings[];
  readonly limits: Limits;
}

/** Settings of a pipeline that every entry point of the runtime reads: the values of {@link CORE_VARIABLES}. */
export interface CoreSettings extends KeySettings {
  readonly storage: StorageKind;
  readonly sourceLocation: SourceLocation;
  readonly thumbnailLocation: ObjectLocation;
  /** Rules in order of precedence. Keys without a matching rule have the `thumbnails` and `limits` of the pipeline. */
  readonly rules: readonly RuleSettings[];
  /** Whether the runtime renders SVG sources. */
  readonly allowSvg: boolean;
  /** Whether the runtime scans JPEG sources for corruption that the decoder ignores. */
  readonly detectJpegCorruption: boolean;
  /** Whether the runtime reads only sources that GuardDuty has tagged as clean. */
  readonly requireMalwareScan: boolean;
  /** Analysis of sources before the runtime creates their thumbnails. @default - no analysis */
  readonly analysis?: AnalysisSettings | undefined;
  /** `Cache-Control` header of thumbnails. */
  readonly cacheControl: string;
}

/**
 * Maximum length of the thumbnail prefix in bytes: half of the maximum length of an object key. The other half is for the
 * source key and the file name.
 */
export const MAX_PREFIX_BYTES = 512;

/** Returns the maximum duration of the analysis of an image in seconds. Returns 0 without an analysis. */
export function analysisSeconds({ analysis }: Pick<CoreSettings, 'analysis'>): number {
  return analysis?.timeoutSeconds ?? 0;
}

/** Returns the largest value of one limit among the limits of the pipeline and the limits of its rules. */
export function largestLimit({ limits, rules }: Pick<CoreSettings, 'limits' | 'rules'>, limit: keyof Limits): number {
  return rules.reduce((largest, rule) => Math.max(largest, rule.limits[limit]), limits[limit]);
}
