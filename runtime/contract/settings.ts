import type { AnalysisSettings } from './analysis';
import type { RuleSettings } from './rules';
import type { Limits } from './source-limits';
import type { ThumbnailSettings } from './thumbnail-settings';

/** Kinds of object store. */
export const STORAGE_KINDS = ['s3', 'directory'] as const;
/** One of {@link STORAGE_KINDS}. */
export type StorageKind = (typeof STORAGE_KINDS)[number];

/** A bucket or directory, and a key prefix. */
export interface ObjectLocation {
  /** Name of the bucket or path of the directory. */
  readonly name: string;
  /** Prefix of all keys that the runtime reads or writes; can be empty. */
  readonly prefix: string;
}

/** Location of the source images. */
export interface SourceLocation extends ObjectLocation {
  /** Suffixes of the served keys, compared case-insensitively. With an empty list, all keys are served. */
  readonly suffixes: readonly string[];
}

/** Settings that a rule can override for a source key. */
export interface KeySettings {
  readonly thumbnails: readonly ThumbnailSettings[];
  readonly limits: Limits;
}

/** Settings of a pipeline that every entry point reads: the values of {@link CORE_VARIABLES}. */
export interface CoreSettings extends KeySettings {
  readonly storage: StorageKind;
  readonly sourceLocation: SourceLocation;
  readonly thumbnailLocation: ObjectLocation;
  /** Rules in order of precedence. `thumbnails` and `limits` apply to keys without a matching rule. */
  readonly rules: readonly RuleSettings[];
  /** Whether SVG sources are rendered. */
  readonly allowSvg: boolean;
  /** Whether to scan JPEG sources for corruption that the decoder ignores. */
  readonly detectJpegCorruption: boolean;
  /** Whether the runtime reads only sources that a malware scan has tagged as clean. */
  readonly requireMalwareScan: boolean;
  /** Analysis of sources before their thumbnails are created; undefined for no analysis. */
  readonly analysis?: AnalysisSettings | undefined;
  /** `Cache-Control` header of thumbnails. */
  readonly cacheControl: string;
}

/**
 * Maximum length of the thumbnail prefix in bytes. An object key has at most 1024 bytes. The source key and the file name use
 * the remaining bytes.
 */
export const MAX_PREFIX_BYTES = 512;

/** Returns the maximum duration of the analysis of an image in seconds; 0 without an analysis. */
export function analysisSeconds({ analysis }: Pick<CoreSettings, 'analysis'>): number {
  return analysis?.timeoutSeconds ?? 0;
}

/** Returns the largest value of a limit in the settings of the pipeline and of its rules. */
export function largestLimit({ limits, rules }: Pick<CoreSettings, 'limits' | 'rules'>, limit: keyof Limits): number {
  return rules.reduce((largest, rule) => Math.max(largest, rule.limits[limit]), limits[limit]);
}
