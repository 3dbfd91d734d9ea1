import { AnalysisError, type Analyze } from '../analysis';
import type { AnalysisSettings, CoreSettings, Limits } from '../contract';
import { ImageRejection, type Rendering, type RenderOptions } from '../engine';
import type { Capacity } from './capacity';
import { analysisHash } from './thumbnail-set/fingerprint';
import type { Manifest, ManifestAnalysis, ManifestSource } from './thumbnail-set/manifest';

/** Function that renders the thumbnails of one image. */
export type Render = (source: Buffer, options: RenderOptions) => Promise<Rendering>;

/** Options of a {@link SourceProcessor}. */
export interface SourceProcessorOptions {
  readonly settingsOf: (key: string) => CoreSettings;
  readonly render: Render;
  readonly analyze: Analyze | undefined;
  readonly capacity: Capacity | undefined;
}

/** Result of analysing and rendering a source. */
export interface ProcessedSource {
  readonly image: Rendering | ImageRejection;
  /** Result of the analysis. Undefined if the pipeline analyses no images, or if the analysis fails. */
  readonly analysis: ManifestAnalysis | undefined;
}

/** Options of {@link SourceProcessor.process}. */
export interface ProcessOptions {
  /** Stored manifest, which can contain an earlier analysis of the source version. Undefined without a stored manifest. */
  readonly stored: Manifest | undefined;
  /** Whether the method rejects a source whose analysis fails. If false, the method throws the error of the analysis. */
  readonly rejectsUnanalyzed: boolean;
}

/** Analyses sources and renders their thumbnails. If the analysis rejects a source, the class renders no thumbnails. */
export class SourceProcessor {
  public constructor(private readonly options: SourceProcessorOptions) {}

  /**
   * Returns the thumbnails of a source. If no retry can succeed, returns the rejection of the source.
   *
   * @throws ImageRejection if the reason of the rejection is retryable
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

  /** Returns the limits in the settings, with a shorter maximum duration if the capacity of the process requires it. */
  private limitsOf({ limits }: CoreSettings): Limits {
    const { maxDurationSeconds = Infinity } = this.options.capacity ?? {};
    return { ...limits, maxDurationSeconds: Math.min(limits.maxDurationSeconds, maxDurationSeconds) };
  }
}

/** Returns the stored analysis of a source version. Returns undefined if the settings of the analysis have changed. */
function storedAnalysis(
  settings: AnalysisSettings,
  { etag, focalPoint }: ManifestSource,
  stored: Manifest | undefined,
): ManifestAnalysis | undefined {
  if (!stored?.analysis || stored.source.etag !== etag) {
    return undefined;
  }
  // The metadata can contain a focal point now. An earlier analysis that also determined a focal point is then still valid.
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
