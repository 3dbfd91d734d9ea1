/**
 * Failure modes of the analysis. A failure mode determines the outcome for an image whose analysis fails in all attempts.
 *
 * - `retry`: the worker retries the analysis without a limit.
 * - `reject`: the runtime rejects the image.
 * - `dead-letter`: the message of the image goes to the dead-letter queue.
 */
export const ANALYSIS_FAILURES = ['retry', 'reject', 'dead-letter'] as const;
/** One of {@link ANALYSIS_FAILURES}. */
export type AnalysisFailureMode = (typeof ANALYSIS_FAILURES)[number];

/** Content moderation by Amazon Rekognition. */
export interface ModerationSettings {
  /** Minimum confidence, from 0 to 100 percent, of a label that rejects an image. */
  readonly minConfidence: number;
  /**
   * Names of the labels that reject an image, at any level of Rekognition's taxonomy. With an empty list, every label rejects
   * the image.
   */
  readonly labels: readonly string[];
  /** Whether manifests contain the labels of the moderation and their confidences. */
  readonly storeLabels: boolean;
}

/** Service that analyses images. */
export type AnalysisProvider =
  | {
      readonly provider: 'rekognition';
      /** Region that receives the requests. @default - the Region of the runtime */
      readonly region?: string | undefined;
      readonly moderation?: ModerationSettings | undefined;
      /** Whether detected faces determine the focal point of images whose metadata contains no focal point. */
      readonly facesAsFocalPoint: boolean;
    }
  | {
      readonly provider: 'lambda';
      /** ARN of the function, of one of its versions or of one of its aliases. */
      readonly functionArn: string;
      /** Version of the check. With a different version, the runtime repeats the analysis of all images. */
      readonly checkVersion?: string | undefined;
    }
  | {
      readonly provider: 'http';
      readonly url: string;
      readonly checkVersion?: string | undefined;
      /** Name or ARN of the Secrets Manager secret with the keys that sign the requests. */
      readonly secret?: string | undefined;
    };

/** Settings of the analysis. The runtime analyses each version of a source before creating thumbnails of the source. */
export type AnalysisSettings = AnalysisProvider & {
  /** Maximum number of frames of an animation that the runtime analyses, from 1 to 5. */
  readonly animationFrames: number;
  /** Maximum duration of all requests of one analysis in seconds, from 1 to 60. */
  readonly timeoutSeconds: number;
  readonly failure: AnalysisFailureMode;
  /** Number of retries for an image whose analysis failed, from 0 to 100. The failure mode `retry` ignores this number. */
  readonly retries: number;
};

/** Default and range of each numeric setting of an analysis. */
export const ANALYSIS_RANGES = {
  minConfidence: { min: 0, max: 100, default: 60 },
  animationFrames: { min: 1, max: 5, default: 3 },
  timeoutSeconds: { min: 1, max: 60, default: 10 },
  retries: { min: 0, max: 100, default: 8 },
} as const;

/** Maximum number of labels that reject images. The list is part of the environment variables, which Lambda limits to 4 KB. */
export const MAX_ANALYSIS_LABELS = 30;
/** Maximum length of `checkVersion` in characters. */
export const MAX_CHECK_VERSION_LENGTH = 64;

/** Version of the format of requests to a custom check and of responses from a custom check. */
export const ANALYSIS_VERSION = 1;
/** Header with the HMAC signature of a request to the HTTP endpoint of a custom check. */
export const ANALYSIS_SIGNATURE_HEADER = 'Thumbnail-Signature';

const FIRST_DELAY_SECONDS = 30;
/** Maximum delay of a message in SQS, in seconds. */
const MAX_DELAY_SECONDS = 900;

/**
 * Returns the delay in seconds before a retry of the analysis. The first delay is 30 seconds. Each further delay is twice as
 * long, up to 15 minutes.
 *
 * @param attempt number of the retry. The first retry has the number 1.
 */
export function analysisDelaySeconds(attempt: number): number {
  return Math.min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** Math.min(attempt - 1, 10));
}
