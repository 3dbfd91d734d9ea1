import * as v from 'valibot';
import { PURGE_VARIABLES } from '../contract';
import { integer, nonEmpty, parseEnvironment, type Environment } from './parse-environment';

/** Settings of the function that invalidates thumbnails in the CloudFront cache: the values of {@link PURGE_VARIABLES}. */
export interface PurgeSettings {
  readonly distributionId: string;
  readonly thumbnailPrefix: string;
  readonly maxPaths: number;
}

const environmentSchema = v.object({
  [PURGE_VARIABLES.distributionId]: nonEmpty,
  [PURGE_VARIABLES.thumbnailPrefix]: v.optional(v.string(), ''),
  [PURGE_VARIABLES.maxPaths]: integer(1, 3000),
});

/**
 * Reads the settings from {@link PURGE_VARIABLES}.
 *
 * @throws SettingsError if a variable is missing or invalid
 */
export function readPurgeSettings(environment: Environment): PurgeSettings {
  const read = parseEnvironment(environmentSchema, environment);
  return {
    distributionId: read.DISTRIBUTION_ID,
    thumbnailPrefix: read.THUMBNAIL_PREFIX,
    maxPaths: read.MAX_INVALIDATION_PATHS,
  };
}
