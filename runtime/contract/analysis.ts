/** Outcome for an image whose analysis also fails in all further attempts. */
export const ANALYSIS_FAILURES = ['retry', 'reject', 'dead-letter'] as const;
/** One of {@link ANALYSIS_FAILURES}. */
export type AnalysisFailureMode = (typeof ANALYSIS_FAILURES)[number];

/** Content moderation by Amazon Rekognition. */
export interface ModerationSettings {
  /** Confidence in percent from which a label rejects an image. */
  readonly minConfidence: number;
  /**
   * Names of the labels that reject an image, at any level of the taxonomy. With an empty list, every label rejects the image.
   */
  readonly labels: readonly string[];
  /** Whether manifests contain the labels with their confidences. */
  readonly storeLabels: boolean;
}

/** Service that analyses images. */
export type AnalysisProvider =
  | {
      readonly provider: 'rekognition';
      /** Region of the requests; undefined for the Region of the runtime. */
      readonly region?: string | undefined;
      readonly moderation?: ModerationSettings | undefined;
      /** Whether the faces determine the focal point of images whose metadata contains no focal point. */
      readonly facesAsFocalPoint: boolean;
    }
  | {
      readonly provider: 'lambda';
      /** ARN of the function, of a version or of an alias. */
      readonly functionArn: string;
      /** Version of the check. Another value repeats the analysis of all images. */
      readonly checkVersion?: string | undefined;
    }
  | {
      readonly provider: 'http';
      readonly url: string;
      readonly checkVersion?: string | undefined;
      /** Name or ARN of the Secrets Manager secret with the keys that sign the requests. */
      readonly secret?: string | undefined;
    };

/** Analysis of each source version before its thumbnails are created. */
export type AnalysisSettings = AnalysisProvider & {
  /** Number of analysed frames of an animation. */
  readonly animationFrames: number;
  /** Maximum duration of all requests of one analysis, in seconds. */
  readonly timeoutSeconds: number;
  readonly failure: AnalysisFailureMode;
  /** Number of further attempts for an image whose analysis failed. Ignored by the failure mode `retry`. */
  readonly retries: number;
};

/** Default and range of each numeric setting of an analysis. */
export const ANALYSIS_RANGES = {
  minConfidence: { min: 0, max: 100, default: 60 },
  animationFrames: { min: 1, max: 5, default: 3 },
  timeoutSeconds: { min: 1, max: 60, default: 10 },
  retries: { min: 0, max: 100, default: 8 },
} as const;

/** Maximum number of labels that reject images. Lambda limits the environment to 4 KB. */
export const MAX_ANALYSIS_LABELS = 30;
/** Maximum length of `checkVersion`. */
export const MAX_CHECK_VERSION_LENGTH = 64;

/** Version of the requests to a custom check, and of its responses. */
export const ANALYSIS_VERSION = 1;
/** Header with the HMAC signature of a request to an HTTP endpoint. */
export const ANALYSIS_SIGNATURE_HEADER = 'Thumbnail-Signature';

const FIRST_DELAY_SECONDS = 30;
/** Maximum delay of a message in SQS. */
const MAX_DELAY_SECONDS = 900;

/**
 * Returns the delay before a further attempt in seconds: 30 seconds, doubled with each attempt, at most 15 minutes.
 *
 * @param attempt number of the further attempt, which starts at 1
 */
export function analysisDelaySeconds(attempt: number): number {
  return Math.min(MAX_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** Math.min(attempt - 1, 10));
}
