import * as z from 'zod';
import * as contract from '../contract';
import type { AnalysisSettings } from '../contract';
import { parseEnvironment, received, type Environment } from './parse-environment';

const ranges = contract.ANALYSIS_RANGES;

const wholeNumber = ({ min, max, default: value }: { min: number; max: number; default: number }): z.ZodType<number> =>
  z.number().int().min(min).max(max).default(value);

const common = {
  animationFrames: wholeNumber(ranges.animationFrames),
  timeoutSeconds: wholeNumber(ranges.timeoutSeconds),
  failure: z.enum(contract.ANALYSIS_FAILURES).default('dead-letter'),
  retries: wholeNumber(ranges.retries),
};
const checkVersion = z.string().min(1).max(contract.MAX_CHECK_VERSION_LENGTH).optional();

const moderation = z.strictObject({
  minConfidence: z
    .number()
    .min(ranges.minConfidence.min)
    .max(ranges.minConfidence.max)
    .default(ranges.minConfidence.default),
  labels: z.array(z.string().min(1)).max(contract.MAX_ANALYSIS_LABELS).default([]),
  storeLabels: z.boolean().default(false),
});

/** Schema of the variable `ANALYSIS`. */
export const analysisSchema: z.ZodType<AnalysisSettings> = z.discriminatedUnion('provider', [
  z
    .strictObject({
      ...common,
      provider: z.literal('rekognition'),
      region: z
        .string()
        .regex(/^[a-z0-9-]+$/)
        .optional(),
      moderation: moderation.optional(),
      facesAsFocalPoint: z.boolean().default(false),
    })
    .refine((settings) => settings.moderation !== undefined || settings.facesAsFocalPoint, {
      error: 'analyses nothing; expected moderation or facesAsFocalPoint',
    }),
  z.strictObject({
    ...common,
    provider: z.literal('lambda'),
    functionArn: z.string().regex(/^arn:[^:]+:lambda:[^:]+:\d{12}:function:[^:]+(?::[^:]+)?$/, {
      error: ({ input }) => received(input, 'the ARN of a function, a version or an alias'),
    }),
    checkVersion,
  }),
  z.strictObject({
    ...common,
    provider: z.literal('http'),
    // The error message omits the URL, because the URL can contain a secret.
    url: z.url({ protocol: /^https?$/, error: 'is invalid; expected an HTTP or HTTPS URL' }),
    checkVersion,
    secret: z.string().min(1).optional(),
  }),
]);

const environmentSchema = z.object({
  [contract.ANALYSIS_VARIABLES.keys]: z.string().min(1).optional(),
  [contract.ANALYSIS_VARIABLES.queueUrl]: z
    .url({ protocol: /^https?$/, error: ({ input }) => received(input, 'the URL of a queue') })
    .optional(),
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
