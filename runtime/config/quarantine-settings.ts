import * as z from 'zod';
import { CORE_VARIABLES, QUARANTINE_VARIABLES } from '../contract';
import { flag, parseEnvironment, received, SettingsError, type Environment } from './parse-environment';

/** Location of infected sources. */
export interface QuarantineSettings {
  readonly bucket: string;
  readonly prefix: string;
}

const environmentSchema = z.object({
  [CORE_VARIABLES.requireMalwareScan]: flag('false'),
  [QUARANTINE_VARIABLES.bucket]: z.string().min(1).optional(),
  [QUARANTINE_VARIABLES.prefix]: z
    .string()
    .refine((prefix) => !prefix.startsWith('/'), {
      error: ({ input }) => received(input, 'the start of a key, without a leading slash'),
    })
    .default(''),
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
