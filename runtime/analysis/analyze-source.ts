import type { AnalysisSettings, Limits } from '../contract';
import type { SampledFrames, SampleOptions } from '../engine';
import type { Analysis, Analyzer } from './analyzer';

/** A source version. */
export interface SourceToAnalyze {
  readonly key: string;
  readonly etag: string;
  readonly body: Buffer;
  readonly limits: Limits;
  readonly allowSvg: boolean;
  /** Whether the pipeline uses the focal point of the analysis. */
  readonly wantsFocalPoint: boolean;
}

/** Result of {@link Analyze}. */
export interface SourceAnalysis {
  readonly analysis: Analysis;
  /** Part of `maxDurationSeconds` that remains for rendering, in seconds. */
  readonly remainingSeconds: number;
}

/** Analyses a source before its thumbnails are created. */
export type Analyze = (source: SourceToAnalyze) => Promise<SourceAnalysis>;

/** Options of {@link analyzing}. */
export interface AnalyzingOptions {
  readonly settings: Pick<AnalysisSettings, 'animationFrames' | 'timeoutSeconds'>;
  readonly analyzer: Analyzer;
  readonly sampleFrames: (bytes: Buffer, options: SampleOptions) => Promise<SampledFrames>;
}

/**
 * Returns a function that analyses downscaled frames of a source.
 *
 * @returns a function that throws ImageRejection for sources that cannot be decoded, and AnalysisError if the analysis fails
 */
export function analyzing({ settings, analyzer, sampleFrames }: AnalyzingOptions): Analyze {
  const { animationFrames, timeoutSeconds } = settings;
  return async ({ key, etag, body, limits, allowSvg, wantsFocalPoint }) => {
    const sampled = await sampleFrames(body, { limits, allowSvg, frames: animationFrames });
    const { source, frames, remainingSeconds } = sampled;
    const signal = AbortSignal.timeout(timeoutSeconds * 1000);
    const analysis = await analyzer.analyze({ key, etag, source, frames, wantsFocalPoint }, signal);
    return { analysis, remainingSeconds };
  };
}
