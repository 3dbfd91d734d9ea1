import * as v from 'valibot';
import type { AnalysisProvider, ModerationSettings } from '../contract';
import type { FocalPoint, SampledFrame } from '../engine';
import { AnalysisError } from './analysis-error';
import type { Analysis, AnalyzedImage, Analyzer, ModerationLabel } from './analyzer';
import type { AwsClient } from './aws-client';
import { errorTypeOf, parsed, withAttempts, type Wait } from './service-requests';

/** Minimum confidence, in percent, of a face that determines the focal point. */
const MIN_FACE_CONFIDENCE = 90;

const moderationResponse = v.object({
  ModerationLabels: v.array(
    v.object({
      Name: v.string(),
      ParentName: v.optional(v.string()),
      Confidence: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
    }),
  ),
});
const facesResponse = v.object({
  FaceDetails: v.array(
    v.object({
      Confidence: v.number(),
      BoundingBox: v.object({ Left: v.number(), Top: v.number(), Width: v.number(), Height: v.number() }),
    }),
  ),
});
type Face = v.InferOutput<typeof facesResponse>['FaceDetails'][number];

/** Options of a {@link RekognitionAnalyzer}. */
export interface RekognitionAnalyzerOptions {
  readonly settings: Pick<Extract<AnalysisProvider, { provider: 'rekognition' }>, 'moderation' | 'facesAsFocalPoint'>;
  readonly send: AwsClient;
  /** @default - real time */
  readonly wait?: Wait;
}

/**
 * Analyses images with Amazon Rekognition: checks each frame for inappropriate content, and detects faces in the first frame.
 *
 * @see https://docs.aws.amazon.com/rekognition/latest/APIReference/API_DetectModerationLabels.html
 */
export class RekognitionAnalyzer implements Analyzer {
  public constructor(private readonly options: RekognitionAnalyzerOptions) {}

  public async analyze({ frames, wantsFocalPoint }: AnalyzedImage, signal: AbortSignal): Promise<Analysis> {
    const { moderation, facesAsFocalPoint } = this.options.settings;
    const [first] = frames;
    const [moderated, focalPoint] = await Promise.all([
      moderation && this.moderate(frames, moderation, signal),
      facesAsFocalPoint && wantsFocalPoint && first ? this.focalPoint(first, signal) : undefined,
    ]);
    return { verdict: 'allow', ...(focalPoint && { focalPoint }), ...moderated };
  }

  private async moderate(
    frames: readonly SampledFrame[],
    { minConfidence, labels, storeLabels }: ModerationSettings,
    signal: AbortSignal,
  ): Promise<Pick<Analysis, 'verdict' | 'reason' | 'labels'>> {
    const found = await Promise.all(
      frames.map((frame) => this.call('DetectModerationLabels', moderationResponse, frame, signal, minConfidence)),
    );
    const all = found
      .flatMap(({ ModerationLabels }) => ModerationLabels)
      .filter(({ Confidence }) => Confidence >= minConfidence);
    const isRejected = all.some(
      ({ Name, ParentName }) =>
        labels.length === 0 || labels.includes(Name) || (ParentName !== undefined && labels.includes(ParentName)),
    );
    return {
      ...(isRejected
        ? { verdict: 'reject', reason: `Amazon Rekognition found labels with at least ${minConfidence} % confidence` }
        : { verdict: 'allow' }),
      ...(storeLabels && { labels: highestConfidences(all) }),
    };
  }

  private async focalPoint(frame: SampledFrame, signal: AbortSignal): Promise<FocalPoint | undefined> {
    const { FaceDetails } = await this.call('DetectFaces', facesResponse, frame, signal);
    return centreOf(FaceDetails, frame);
  }

  private async call<T>(
    operation: 'DetectModerationLabels' | 'DetectFaces',
    schema: v.GenericSchema<unknown, T>,
    { body: jpeg }: SampledFrame,
    signal: AbortSignal,
    minConfidence?: number,
  ): Promise<T> {
    const body = JSON.stringify({
      Image: { Bytes: jpeg.toString('base64') },
      ...(minConfidence !== undefined && { MinConfidence: minConfidence }),
    });
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': `RekognitionService.${operation}`,
    };
    const service = `Amazon Rekognition (${operation})`;
    const { send, wait } = this.options;
    const response = await withAttempts(service, () => send({ headers, body, signal }), signal, wait);
    if (response.status !== 200) {
      const type = errorTypeOf(response.body) ?? 'an unknown error';
      const message = `${service} returned ${type} with status ${response.status}; check the permission and the Region`;
      throw new AnalysisError('analysis-unavailable', message);
    }
    return parsed(service, schema, response.body);
  }
}

/**
 * Removes duplicate labels.
 *
 * @returns the labels with their highest confidences, sorted by descending confidence and then by name
 */
function highestConfidences(
  labels: readonly { readonly Name: string; readonly Confidence: number }[],
): readonly ModerationLabel[] {
  const highest = new Map<string, number>();
  for (const { Name, Confidence } of labels) {
    highest.set(Name, Math.max(highest.get(Name) ?? 0, Confidence));
  }
  return Array.from(highest, ([name, confidence]) => ({ name, confidence: Math.round(confidence * 10) / 10 })).sort(
    (one, other) => other.confidence - one.confidence || (one.name < other.name ? -1 : 1),
  );
}

/** Returns the centre of all faces, weighted by their areas. Returns undefined if the frame contains no face. */
function centreOf(faces: readonly Face[], { width, height, content }: SampledFrame): FocalPoint | undefined {
  let [area, x, y] = [0, 0, 0];
  for (const { BoundingBox: box } of faces.filter(({ Confidence }) => Confidence >= MIN_FACE_CONFIDENCE)) {
    const weight = box.Width * box.Height;
    area += weight;
    x += weight * (box.Left + box.Width / 2);
    y += weight * (box.Top + box.Height / 2);
  }
  return area > 0
    ? {
        x: fraction((x / area) * width - content.left, content.width),
        y: fraction((y / area) * height - content.top, content.height),
      }
    : undefined;
}

/** Returns `offset / length` with three decimal digits, from 0 to 1. The models are too inexact for more digits. */
function fraction(offset: number, length: number): number {
  return Math.min(1, Math.max(0, Math.round((1000 * offset) / length) / 1000));
}
