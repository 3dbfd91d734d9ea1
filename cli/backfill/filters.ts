/** Filters of the command `backfill`, as given on the command line. */
export interface FilterOptions {
  /** Prefix of the source keys. @default - the source prefix of the pipeline */
  readonly prefix?: string;
  /** Suffixes of the source keys, in upper or lower case. @default - the source suffixes of the pipeline */
  readonly suffix?: readonly string[];
  /** Date or time in ISO 8601. The command skips objects that were last modified before this time. @default - no limit */
  readonly since?: string;
}

/** Filters in the input format of the state machine. */
export interface Filters {
  readonly prefix?: string;
  readonly suffixes?: readonly string[];
  /** Time in ISO 8601 and UTC. */
  readonly since?: string;
}

/** Attributes of a listed source that a filter reads. */
export interface FilteredObject {
  readonly key: string;
  readonly lastModified: Date;
}

const ISO_DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/;

/**
 * Validates the filters of the command line. Returns the filters in the input format of the state machine.
 *
 * @param sourcePrefix source prefix of the pipeline
 * @throws Error if `prefix` is outside the source prefix, or `since` is no date
 */
export function readFilters({ prefix, suffix, since }: FilterOptions, sourcePrefix: string): Filters {
  if (prefix !== undefined && !prefix.startsWith(sourcePrefix)) {
    throw new Error(`--prefix: got ${prefix}; expected a prefix that starts with the source prefix ${sourcePrefix}`);
  }
  const time = since === undefined ? undefined : Date.parse(since);
  if (since !== undefined && (!ISO_DATE.test(since) || Number.isNaN(time))) {
    throw new Error(`--since: got ${since}; expected a date or time in ISO 8601, for example 2026-11-01`);
  }
  return {
    ...(prefix !== undefined && { prefix }),
    ...(suffix !== undefined && { suffixes: suffix }),
    ...(time !== undefined && { since: new Date(time).toISOString() }),
  };
}

/** Returns a function that returns whether the filters select a source, by the same rules as the state machine. */
export function filterOf({ prefix = '', suffixes = [], since }: Filters): (object: FilteredObject) => boolean {
  const endings = suffixes.filter((suffix) => suffix !== '').map((suffix) => suffix.toLowerCase());
  const earliest = since === undefined ? -Infinity : Date.parse(since);
  return ({ key, lastModified }) =>
    key.startsWith(prefix) &&
    !key.endsWith('/') &&
    (endings.length === 0 || endings.some((ending) => key.slice(-ending.length).toLowerCase() === ending)) &&
    lastModified.getTime() >= earliest;
}
