import { AnalysisError, type Analyze } from '../analysis';
import type { AnalysisSettings, CoreSettings, Limits } from '../contract';
import { ImageRejection, type Rendering, type RenderOptions } from '../engine';
import type { Capacity } from './capacity';
import { analysisHash } from './thumbnail-set/fingerprint';
import type { Manifest, ManifestAnalysis, ManifestSource } from './thumbnail-set/manifest';

/** Renders the thumbnails of one image. */
export type Render = (source: Buffer, options: RenderOptions) => Promise<Rendering>;

/** Options of a {@link SourceProcessor}. */
export interface SourceProcessorOptions {
  readonly settingsOf: (key: string) => CoreSettings;
  readonly render: Render;
  readonly analyze: Analyze | undefined;
  readonly capacity: Capacity | undefined;
}

/** Result of a source that was analysed and rendered. */
export interface ProcessedSource {
  readonly image: Rendering | ImageRejection;
  /** Undefined if the pipeline analyses no images, or if the source could not be analysed. */
  readonly analysis: ManifestAnalysis | undefined;
}

/** Options of {@link SourceProcessor.process}. */
export interface ProcessOptions {
  /** Manifest with an earlier analysis of the source version. @default - no earlier analysis */
  readonly stored: Manifest | undefined;
  /** Whether to reject a source whose analysis fails. Otherwise, the error is thrown. */
  readonly rejectsUnanalyzed: boolean;
}

/** Analyses sources and renders their thumbnails. A source is rendered only after its analysis has accepted it. */
export class SourceProcessor {
  public constructor(private readonly options: SourceProcessorOptions) {}

  /**
   * Returns the thumbnails of a source, or its rejection if no retry can succeed.
   *
   * @throws ImageRejection if the image is rejected for a retryable reason
   * @throws AnalysisError if the analysis fails and `rejectsUnanalyzed` is false
   */
  public async process(
    body: Buffer,
    source: ManifestSource,
    { stored, rejectsUnanalyzed }: ProcessOptions,
  ): Promise<ProcessedSource> {
    const settings = this.options.settingsOf(source.key);
    let limits = this.limitsOf(settings);
    let analysis: ManifestAnalysis | undefined;
    try {
      if (settings.analysis) {
        analysis = storedAnalysis(settings.analysis, source, stored);
        if (!analysis) {
          const analyzed = await this.analyze(settings.analysis, body, source, limits);
          analysis = analyzed.analysis;
          limits = { ...limits, maxDurationSeconds: analyzed.remainingSeconds };
        }
        if (analysis.verdict === 'reject') {
          throw new ImageRejection('moderated', analysis.reason ?? 'the analysis rejected the image');
        }
      }
      const focalPoint = source.focalPoint ?? analysis?.focalPoint;
      const { thumbnails, allowSvg, detectJpegCorruption } = settings;
      const options = { thumbnails, limits, allowSvg, detectJpegCorruption, ...(focalPoint && { focalPoint }) };
      return { image: await this.options.render(body, options), analysis };
    } catch (error) {
      const rejection = rejectionOf(error, rejectsUnanalyzed);
      if (rejection) {
        return { image: rejection, analysis };
      }
      throw error;
    }
  }

  private async analyze(
    settings: AnalysisSettings,
    body: Buffer,
    { key, etag, focalPoint }: ManifestSource,
    limits: Limits,
  ): Promise<{ readonly analysis: ManifestAnalysis; readonly remainingSeconds: number }> {
    const { analyze } = this.options;
    if (!analyze) {
      throw new Error(
        'analyze: is undefined, but the settings contain an analysis; pass a function that analyses sources',
      );
    }
    const { allowSvg } = this.options.settingsOf(key);
    const wantsFocalPoint = focalPoint === undefined;
    const { analysis, remainingSeconds } = await analyze({
      key,
      etag,
      body,
      limits,
      allowSvg,
      wantsFocalPoint,
    });
    return { analysis: { settings: analysisHash(settings, wantsFocalPoint), ...analysis }, remainingSeconds };
  }

  /** Returns the limits with the shorter duration of the settings and of the capacity. */
  private limitsOf({ limits }: CoreSettings): Limits {
    const { maxDurationSeconds = Infinity } = this.options.capacity ?? {};
    return { ...limits, maxDurationSeconds: Math.min(limits.maxDurationSeconds, maxDurationSeconds) };
  }
}

/** Returns the stored analysis of a source version if its settings are unchanged; otherwise undefined. */
function storedAnalysis(
  settings: AnalysisSettings,
  { etag, focalPoint }: ManifestSource,
  stored: Manifest | undefined,
): ManifestAnalysis | undefined {
  if (!stored?.analysis || stored.source.etag !== etag) {
    return undefined;
  }
  // A stored analysis with a focal point is also valid for a source with a focal point in its metadata.
  const hashes = [analysisHash(settings, true), ...(focalPoint ? [analysisHash(settings, false)] : [])];
  return hashes.includes(stored.analysis.settings) ? stored.analysis : undefined;
}

function rejectionOf(error: unknown, rejectsUnanalyzed: boolean): ImageRejection | undefined {
  if (error instanceof ImageRejection) {
    return error.retryable ? undefined : error;
  }
  return rejectsUnanalyzed && error instanceof AnalysisError
    ? new ImageRejection('analysis-failed', 'the analysis failed in all attempts', { cause: error })
    : undefined;
}
