import type { Duration } from 'aws-cdk-lib';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as s3 from 'aws-cdk-lib/aws-s3';

/**
 * Options of `ThumbnailCompute.webFunction`. The web function serves the HTTP API.
 *
 * The execution environments of web functions have 2 vCPUs and 2 GB of memory, and run on arm64.
 */
export interface ThumbnailWebFunctionOptions {
  /**
   * Maximum number of concurrent requests in one execution environment, 1 to 128.
   *
   * The environment renders at most three images at a time. Further requests for missing thumbnails wait.
   *
   * @default 64
   */
  readonly maxConcurrencyPerEnvironment?: number;

  /**
   * Maximum number of execution environments, 2 to 10000. Lambda throttles further requests.
   *
   * @default - the vCPU quota of the account is the limit
   */
  readonly maxEnvironments?: number;

  /**
   * Maximum number of requests per second: 0, 100 to 1000 in steps of 100, or 2000 to 10000 in steps of 1000. With the value 0,
   * Lambda rejects every request. Some Regions do not support all of these values.
   *
   * @default - the quota of the account is the limit
   */
  readonly rateLimit?: number;

  /**
   * Maximum time for one request, whole seconds from 3 seconds to 15 minutes, longer than `limits.maxDuration`.
   *
   * @default - `limits.maxDuration` plus 60 seconds, at most 15 minutes
   */
  readonly timeout?: Duration;

  /**
   * Execution role of the web function. The library grants the permissions to this role.
   *
   * @default - a new role
   */
  readonly role?: iam.IRole;

  /**
   * Bucket for the code. Lambda reads the code from this bucket whenever it starts an execution environment.
   *
   * The bucket requires versioning. The encryption must be SSE-S3, or SSE-KMS with a customer managed key.
   *
   * @default - a new bucket, which all web functions of the stack share
   */
  readonly codeBucket?: s3.IBucket;

  /**
   * Options of the second web function, which serves uploads and deletion. The pipeline creates this web function only for an
   * API with `api.writeAccess`, in two cases:
   *
   * - `api.access` or `api.writeAccess` is `ThumbnailAccess.iam()`.
   * - `api.writeAccess` differs from `api.access`, and `api.onlyThroughDistribution` is false.
   *
   * @default - the second web function, if it exists, has the limits of the first web function and a new role
   */
  readonly write?: ThumbnailWebFunctionWriteOptions;
}

/**
 * Options of the web function for uploads and deletion. The timeout of this web function is 30 seconds, because the web function
 * renders no images.
 */
export interface ThumbnailWebFunctionWriteOptions {
  /**
   * Maximum number of concurrent requests in one execution environment, 1 to 128.
   *
   * @default - `maxConcurrencyPerEnvironment` of the first web function
   */
  readonly maxConcurrencyPerEnvironment?: number;

  /**
   * Maximum number of execution environments, 2 to 10000. Lambda throttles further requests.
   *
   * @default - `maxEnvironments` of the first web function
   */
  readonly maxEnvironments?: number;

  /**
   * Maximum number of requests per second: 0, 100 to 1000 in steps of 100, or 2000 to 10000 in steps of 1000. With the value 0,
   * Lambda rejects every request. Some Regions do not support all of these values.
   *
   * @default - `rateLimit` of the first web function
   */
  readonly rateLimit?: number;

  /**
   * Execution role of the web function. The role must differ from the role of the first web function. The library grants the
   * permissions to this role.
   *
   * @default - a new role
   */
  readonly role?: iam.IRole;
}
