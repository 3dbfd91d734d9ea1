import { Duration } from 'aws-cdk-lib';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { ANALYSIS_RANGES } from '../../runtime/contract';
import { grantDetect, grantInvokeFunction, grantReadSecret } from '../private/permissions';
import { secondsOf } from '../private/validation';
import { validateCheck, validateRekognition } from './analysis-validation';
import type {
  ThumbnailAnalysisOptions,
  ThumbnailCheckOptions,
  ThumbnailEndpointCheckOptions,
  ThumbnailRekognitionOptions,
} from './thumbnail-analysis-options';

/** Parts of an analysis that depend on the analysis service. */
interface AnalysisService {
  /** Settings for the runtime. Members with their default value are absent. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly errors: readonly string[];
  readonly grant: (grantee: IGrantable) => void;
}

/**
 * Analyses each version of a source before the worker creates the thumbnails. The analysis can reject the image, or determine
 * the focal point of crops. A rejected image has a manifest with the code `moderated`, and no thumbnails.
 *
 * @example
 * new ThumbnailPipeline(this, 'Photos', {
 *   analysis: ThumbnailAnalysis.rekognition({ moderation: { minConfidence: 75 }, facesAsFocalPoint: true }),
 * });
 */
export class ThumbnailAnalysis {
  /**
   * Analyses images with Amazon Rekognition. Moderation sends one request for each analysed frame. Face detection sends one
   * further request for each image.
   *
   * @param options moderation, faces, or both
   */
  public static rekognition(options: ThumbnailRekognitionOptions): ThumbnailAnalysis {
    const { moderation, facesAsFocalPoint, region } = options;
    return new ThumbnailAnalysis(options, {
      settings: {
        provider: 'rekognition',
        ...(moderation && { moderation }),
        ...(facesAsFocalPoint !== undefined && { facesAsFocalPoint }),
        ...(region !== undefined && { region }),
      },
      errors: validateRekognition(options),
      grant: (grantee) => grantDetect(grantee, moderation !== undefined, facesAsFocalPoint === true),
    });
  }

  /**
   * Analyses images with your Lambda function. The guide docs/guides/moderation.md describes the event and the result of the
   * function.
   *
   * @param fn function, version or alias
   * @param options timeout and other settings
   */
  public static lambdaFunction(fn: IFunction, options: ThumbnailCheckOptions = {}): ThumbnailAnalysis {
    const { checkVersion } = options;
    return new ThumbnailAnalysis(options, {
      settings: {
        provider: 'lambda',
        functionArn: fn.functionArn,
        ...(checkVersion !== undefined && { checkVersion }),
      },
      errors: validateCheck(options),
      grant: (grantee) => grantInvokeFunction(grantee, fn),
    });
  }

  /**
   * Analyses images with your HTTP endpoint. The guide docs/guides/moderation.md describes the request and the response of the
   * endpoint.
   *
   * @param url URL with the scheme `https`
   * @param options signing keys, timeout and other settings
   */
  public static httpEndpoint(url: string, options: ThumbnailEndpointCheckOptions = {}): ThumbnailAnalysis {
    const { checkVersion, signingKeys } = options;
    return new ThumbnailAnalysis(options, {
      settings: {
        provider: 'http',
        url,
        ...(checkVersion !== undefined && { checkVersion }),
        ...(signingKeys && { secret: signingKeys.secretArn }),
      },
      errors: validateCheck(options, url),
      grant: (grantee) => signingKeys && grantReadSecret(grantee, signingKeys),
    });
  }

  private constructor(
    private readonly options: ThumbnailAnalysisOptions,
    private readonly service: AnalysisService,
  ) {}

  /**
   * Returns the settings for the runtime, without default values.
   *
   * @internal
   */
  public _settings(): Readonly<Record<string, unknown>> {
    const { animationFrames, timeout, failure } = this.options;
    return {
      ...this.service.settings,
      ...(animationFrames !== undefined && { animationFrames }),
      ...(timeout && { timeoutSeconds: timeout.toSeconds() }),
      ...(failure && { failure: failure._mode }),
      ...(failure?._retries !== undefined && { retries: failure._retries }),
    };
  }

  /**
   * Returns the validation errors of the options.
   *
   * @internal
   */
  public _validate(): string[] {
    return [...this.service.errors];
  }

  /**
   * Grants the runtime permission to use the service.
   *
   * @internal
   */
  public _grant(grantee: IGrantable): void {
    this.service.grant(grantee);
  }

  /**
   * Returns the maximum processing time of an image, including the analysis.
   *
   * @param maxDuration maximum processing time of an image without the analysis
   * @internal
   */
  public _addTimeout(maxDuration: Duration): Duration {
    const seconds = secondsOf(maxDuration);
    const timeout = secondsOf(this.options.timeout) ?? ANALYSIS_RANGES.timeoutSeconds.default;
    return seconds === undefined ? maxDuration : Duration.seconds(seconds + timeout);
  }
}
