import type { CorsPreflightOptions, ThrottleSettings } from 'aws-cdk-lib/aws-apigatewayv2';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { ThumbnailCompute } from '../compute/thumbnail-compute';
import type { ThumbnailAccess } from './thumbnail-access';
import type { ThumbnailUploadOptions } from './thumbnail-upload-options';

/** Options of the HTTP API. */
export interface ThumbnailApiOptions {
  /**
   * Access to the routes that read thumbnails and manifests.
   *
   * @default ThumbnailAccess.iam()
   */
  readonly access?: ThumbnailAccess;

  /**
   * Access to the routes that create uploads and delete images.
   *
   * @default - the API has no routes for uploads and deletion
   */
  readonly writeAccess?: ThumbnailAccess;

  /**
   * CORS configuration for web pages that call the API from a browser. `<img>` elements do not require CORS.
   *
   * @default - no cross-origin requests
   */
  readonly cors?: CorsPreflightOptions;

  /**
   * Maximum request rate in requests per second, and maximum burst in requests. Each value is from 1 to 1,000,000. API Gateway
   * rejects further requests with status 429.
   *
   * @default - 1,000 requests per second and a burst of 2,000 requests; both values are below the default quotas of an account
   */
  readonly throttle?: ThrottleSettings;

  /**
   * Log group for the access log. API Gateway writes one line of JSON per request.
   *
   * @default - a new log group with a retention of one month
   */
  readonly accessLogGroup?: ILogGroup;
}

/** Options of the HTTP API of a pipeline. */
export interface ThumbnailPipelineApiOptions extends ThumbnailApiOptions {
  /**
   * Separate compute for the API. For example, Lambda functions can serve the API of a pipeline with Fargate workers. Lambda
   * functions cost nothing without requests.
   *
   * @default - the `compute` of the pipeline
   */
  readonly compute?: ThumbnailCompute;

  /**
   * Restrictions on uploads. Requires `writeAccess`.
   *
   * @default - images of all supported formats up to `limits.maxFileSize`
   */
  readonly uploads?: ThumbnailUploadOptions;

  /**
   * Whether the API accepts only requests from the distributions of the pipeline, except for the route `/health`. With `true`,
   * clients cannot bypass the web ACL and the geographic restriction of a distribution. The behaviors of each distribution then
   * also forward uploads, deletions and requests for manifests to the API. Not supported with `ThumbnailAccess.iam()`, because
   * CloudFront changes signed requests.
   *
   * @default false - clients can also use the URL of the API
   */
  readonly onlyThroughDistribution?: boolean;

  /**
   * Key of a fallback image, 1 to 1,024 bytes including `sourcePrefix`. If an image is missing or rejected, the API responds
   * with the thumbnail of the fallback image and the status code of the error.
   *
   * @default - errors are problem documents (RFC 9457)
   */
  readonly fallbackImage?: string;
}

/** Options of `grantApiRead` and `grantApiWrite`. */
export interface ThumbnailApiGrantOptions {
  /**
   * Prefix that the source keys have after `sourcePrefix`. The prefix consists of path segments with a trailing slash. A
   * segment is a policy variable of IAM such as `${aws:PrincipalTag/user}`, or contains letters, digits and `_.~-`.
   *
   * With a prefix, the grant includes only routes with the key in the path. A principal with the prefix `alice/` can use
   * `/images/alice/cat.jpg`, but not `/images?key=alice%2Fcat.jpg` or `POST /uploads`.
   *
   * @default - all keys
   */
  readonly keyPrefix?: string;
}
