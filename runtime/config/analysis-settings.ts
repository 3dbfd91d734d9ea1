import * as v from 'valibot';
import * as contract from '../contract';
import type { AnalysisSettings } from '../contract';
import { httpUrl, noArray, nonEmpty, parseEnvironment, received, type Environment } from './parse-environment';

const ranges = contract.ANALYSIS_RANGES;

const wholeNumber = ({ min, max, default: value }: { min: number; max: number; default: number }) =>
  v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(min), v.maxValue(max)), value);

const common = {
  animationFrames: wholeNumber(ranges.animationFrames),
  timeoutSeconds: wholeNumber(ranges.timeoutSeconds),
  failure: v.optional(v.picklist(contract.ANALYSIS_FAILURES), 'dead-letter'),
  retries: wholeNumber(ranges.retries),
};
const checkVersion = v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(contract.MAX_CHECK_VERSION_LENGTH)));

const moderation = noArray(
  v.strictObject({
    minConfidence: v.optional(
      v.pipe(v.number(), v.minValue(ranges.minConfidence.min), v.maxValue(ranges.minConfidence.max)),
      ranges.minConfidence.default,
    ),
    labels: v.optional(v.pipe(v.array(nonEmpty), v.maxLength(contract.MAX_ANALYSIS_LABELS)), []),
    storeLabels: v.optional(v.boolean(), false),
  }),
);

/** Schema of the variable `ANALYSIS`. */
export const analysisSchema: v.GenericSchema<unknown, AnalysisSettings> = v.variant('provider', [
  v.pipe(
    v.strictObject({
      ...common,
      provider: v.literal('rekognition'),
      region: v.optional(v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/))),
      moderation: v.optional(moderation),
      facesAsFocalPoint: v.optional(v.boolean(), false),
    }),
    v.check(
      (settings) => settings.moderation !== undefined || settings.facesAsFocalPoint,
      'analyses nothing; expected moderation or facesAsFocalPoint',
    ),
  ),
  v.strictObject({
    ...common,
    provider: v.literal('lambda'),
    functionArn: v.pipe(
      v.string(),
      v.regex(/^arn:[^:]+:lambda:[^:]+:\d{12}:function:[^:]+(?::[^:]+)?$/, ({ input }) =>
        received(input, 'the ARN of a function, a version or an alias'),
      ),
    ),
    checkVersion,
  }),
  v.strictObject({
    ...common,
    provider: v.literal('http'),
    // The error message omits the URL, because the URL can contain a secret.
    url: httpUrl('is invalid; expected an HTTP or HTTPS URL'),
    checkVersion,
    secret: v.optional(nonEmpty),
  }),
]);

const environmentSchema = v.object({
  [contract.ANALYSIS_VARIABLES.keys]: v.optional(nonEmpty),
  [contract.ANALYSIS_VARIABLES.queueUrl]: v.optional(httpUrl(({ input }) => received(input, 'the URL of a queue'))),
});

/** Settings of a process that analyses images: the values of {@link contract.ANALYSIS_VARIABLES}. */
export interface AnalysisProcessSettings {
  /**
   * JSON object of the keys that sign requests. Undefined if Secrets Manager contains the keys, or if requests have no
   * signature.
   */
  readonly keys: string | undefined;
  /** URL of the queue that receives the keys of images whose analysis failed. Undefined if no queue is configured. */
  readonly queueUrl: string | undefined;
}

/**
 * Reads the settings of a process that analyses images.
 *
 * @throws SettingsError if a variable is invalid
 */
export function readAnalysisSettings(environment: Environment): AnalysisProcessSettings {
  const read = parseEnvironment(environmentSchema, environment);
  return {
    keys: read.ANALYSIS_KEYS,
    queueUrl: read.ANALYSIS_QUEUE_URL ?? (environment[contract.SERVICE_VARIABLES.queueUrl] || undefined),
  };
}
