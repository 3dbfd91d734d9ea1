import * as v from 'valibot';
import { CORE_VARIABLES, QUARANTINE_VARIABLES } from '../contract';
import { flag, nonEmpty, parseEnvironment, received, SettingsError, type Environment } from './parse-environment';

/** Location of infected sources. */
export interface QuarantineSettings {
  readonly bucket: string;
  readonly prefix: string;
}

const environmentSchema = v.object({
  [CORE_VARIABLES.requireMalwareScan]: flag('false'),
  [QUARANTINE_VARIABLES.bucket]: v.optional(nonEmpty),
  [QUARANTINE_VARIABLES.prefix]: v.optional(
    v.pipe(
      v.string(),
      v.check(
        (prefix) => !prefix.startsWith('/'),
        ({ input }) => received(input, 'the start of a key, without a leading slash'),
      ),
    ),
    '',
  ),
});

/**
 * Reads the settings from {@link QUARANTINE_VARIABLES}. Returns undefined if infected sources remain in the source bucket.
 *
 * @throws SettingsError if a variable is invalid
 * @throws SettingsError if a quarantine bucket is set and `REQUIRE_MALWARE_SCAN` is not `true`
 */
export function readQuarantineSettings(environment: Environment): QuarantineSettings | undefined {
  const read = parseEnvironment(environmentSchema, environment);
  if (read.QUARANTINE_BUCKET === undefined) {
    return undefined;
  }
  if (!read.REQUIRE_MALWARE_SCAN) {
    throw new SettingsError([`${QUARANTINE_VARIABLES.bucket}: requires ${CORE_VARIABLES.requireMalwareScan}=true`]);
  }
  return { bucket: read.QUARANTINE_BUCKET, prefix: read.QUARANTINE_PREFIX };
}
