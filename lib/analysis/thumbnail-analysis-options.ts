import type { Duration } from 'aws-cdk-lib';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { AnalysisFailure } from './analysis-failure';

/** Options of every analysis. */
export interface ThumbnailAnalysisOptions {
  /**
   * Maximum number of frames of an animation that the service analyses, 1 to 5. The service analyses the first frame, the last
   * frame, and frames between these two. A still image has one frame.
   *
   * @default 3
   */
  readonly animationFrames?: number;

  /**
   * Timeout of one analysis with all its requests, 1 to 60 seconds. The timeouts of the workers and of the queue increase by
   * this value.
   *
   * @default Duration.seconds(10)
   */
  readonly timeout?: Duration;

  /**
   * Outcome for an image whose analysis fails.
   *
   * @default AnalysisFailure.deadLetter()
   */
  readonly failure?: AnalysisFailure;
}

/** Content moderation by Amazon Rekognition. */
export interface ThumbnailModerationOptions {
  /**
   * Confidence in percent from which a label rejects an image, 0 to 100.
   *
   * @default 60
   */
  readonly minConfidence?: number;

  /**
   * Names of the moderation labels that reject an image, such as `Explicit` or `Violence`. The name of a category also selects
   * all labels of the category. At most 30 names.
   *
   * @default - all labels
   * @see https://docs.aws.amazon.com/rekognition/latest/dg/moderation-api.html
   */
  readonly labels?: string[];

  /**
   * Whether the manifest contains the moderation labels of the image with their confidences in percent. Every client with
   * access to the manifest can then read these labels.
   *
   * @default false
   */
  readonly storeLabels?: boolean;
}

/** Options of `ThumbnailAnalysis.rekognition`. Requires `moderation`, `facesAsFocalPoint`, or both. */
export interface ThumbnailRekognitionOptions extends ThumbnailAnalysisOptions {
  /**
   * Rejects images with moderation labels. Pass `{}` for the default settings.
   *
   * @default - no moderation
   */
  readonly moderation?: ThumbnailModerationOptions;

  /**
   * Whether crops keep the faces of the first frame visible. A focal point in the metadata of the source takes precedence.
   *
   * @default false
   */
  readonly facesAsFocalPoint?: boolean;

  /**
   * Region to which the runtime sends its requests to Amazon Rekognition. Set this option for a stack in a Region without
   * Amazon Rekognition.
   *
   * @default - the Region of the stack
   */
  readonly region?: string;
}

/** Options of `ThumbnailAnalysis.lambdaFunction`. */
export interface ThumbnailCheckOptions extends ThumbnailAnalysisOptions {
  /**
   * Version of the check, 1 to 64 characters. Change the version to analyse all images again.
   *
   * @default - no version
   */
  readonly checkVersion?: string;
}

/** Options of `ThumbnailAnalysis.httpEndpoint`. */
export interface ThumbnailEndpointCheckOptions extends ThumbnailCheckOptions {
  /**
   * Secret with the keys that sign the requests. The value is a JSON object that maps 1 to 4 key ids to keys of at least 32
   * characters. The runtime signs with the last key.
   *
   * @default - requests have no signature
   */
  readonly signingKeys?: ISecret;
}
