import * as v from 'valibot';
import { FORWARDING_VARIABLES, SERVICE_VARIABLES } from '../contract';
import { httpUrl, integer, parseEnvironment, received, SettingsError, type Environment } from './parse-environment';

/** Settings of a process that forwards images: the values of {@link FORWARDING_VARIABLES}. */
export interface ForwardingSettings {
  /** URL of the queue whose workers have more memory or time than this process. */
  readonly queueUrl: string;
  /** Size in bytes above which a source is forwarded. If undefined, the memory for rendering determines the size. */
  readonly fileSizeBytes: number | undefined;
  /** Maximum duration of rendering in seconds before the source is forwarded. If undefined, `maxDurationSeconds` applies. */
  readonly durationSeconds: number | undefined;
}

const environmentSchema = v.object({
  [FORWARDING_VARIABLES.queueUrl]: v.optional(httpUrl(({ input }) => received(input, 'the URL of a queue'))),
  [FORWARDING_VARIABLES.fileSizeBytes]: v.optional(integer(1, Number.MAX_SAFE_INTEGER)),
  [FORWARDING_VARIABLES.durationSeconds]: v.optional(integer(1, 43_200)),
});

/**
 * Reads the settings of forwarding. Returns undefined if the process forwards no images.
 *
 * @throws SettingsError if a variable is invalid
 * @throws SettingsError if the process would forward images to its own queue
 */
export function readForwardingSettings(environment: Environment): ForwardingSettings | undefined {
  const read = parseEnvironment(environmentSchema, environment);
  const { LARGE_QUEUE_URL: queueUrl, LARGE_FROM_BYTES: fileSizeBytes, LARGE_FROM_SECONDS: durationSeconds } = read;
  if (queueUrl === undefined) {
    const conditions = Object.entries({
      [FORWARDING_VARIABLES.fileSizeBytes]: fileSizeBytes,
      [FORWARDING_VARIABLES.durationSeconds]: durationSeconds,
    }).filter(([, value]) => value !== undefined);
    if (conditions.length > 0) {
      throw new SettingsError(conditions.map(([name]) => `${name}: requires ${FORWARDING_VARIABLES.queueUrl}`));
    }
    return undefined;
  }
  if (queueUrl === environment[SERVICE_VARIABLES.queueUrl]) {
    throw new SettingsError([
      `${FORWARDING_VARIABLES.queueUrl}: ${JSON.stringify(queueUrl)} is the value of ${SERVICE_VARIABLES.queueUrl}; expected ` +
        'the queue of workers with more memory or time',
    ]);
  }
  return { queueUrl, fileSizeBytes, durationSeconds };
}
