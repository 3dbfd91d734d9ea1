import type { FocalPoint, Probe, SampledFrame } from '../engine';

/** Category of inappropriate content that the content moderation found in an image. */
export interface ModerationLabel {
  readonly name: string;
  /** Confidence from 0 to 100 percent. */
  readonly confidence: number;
}

/** Result of the analysis of one source version. */
export interface Analysis {
  readonly verdict: 'allow' | 'reject';
  /** Human-readable reason of a rejection. Manifests and HTTP responses contain this reason. */
  readonly reason?: string | undefined;
  /** Point that crops keep visible. */
  readonly focalPoint?: FocalPoint | undefined;
  /** Labels that the content moderation returned. */
  readonly labels?: readonly ModerationLabel[] | undefined;
  /** Tags that a custom check returned for the manifest. */
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

/** A source with its frames. */
export interface AnalyzedImage {
  /** Key of the source. */
  readonly key: string;
  /** ETag of the source. */
  readonly etag: string;
  readonly source: Pick<Probe, 'format' | 'width' | 'height' | 'frames'>;
  /** Downscaled frames in the order of the source. The array contains at least the first frame. */
  readonly frames: readonly SampledFrame[];
  /** Whether the pipeline uses the focal point of the analysis. False if the metadata of the source contains a focal point. */
  readonly wantsFocalPoint: boolean;
}

/** Analyses images, for example by a request to an external service. */
export interface Analyzer {
  /**
   * Analyses an image.
   *
   * @param signal signal that aborts all requests of the analysis
   * @throws AnalysisError if the service fails or does not respond in time
   */
  analyze(image: AnalyzedImage, signal: AbortSignal): Promise<Analysis>;
}
