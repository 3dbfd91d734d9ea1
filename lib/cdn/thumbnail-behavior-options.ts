import type { Duration } from 'aws-cdk-lib';
import type { IKeyGroupRef, IResponseHeadersPolicy } from 'aws-cdk-lib/aws-cloudfront';

/** Options of CloudFront behaviors for thumbnails. */
export interface ThumbnailBehaviorOptions {
  /**
   * Key groups that verify CloudFront signed URLs and cookies. Required unless the API has public read access, because
   * CloudFront supports no other authorization of the API.
   *
   * To rotate a key, add the new key to the group. Remove the old key after its last signature has expired.
   *
   * @default - public read access
   */
  readonly trustedKeyGroups?: IKeyGroupRef[];

  /**
   * Prefix of the API paths in the distribution, such as `/media`. Starts with a slash and does not end with a slash.
   *
   * @default - no prefix
   */
  readonly basePath?: string;

  /**
   * Maximum cache time of a manifest in CloudFront, whole seconds from 1 second to 1 day. The `Cache-Control` header of the API
   * can reduce the cache time.
   *
   * @default Duration.minutes(1)
   */
  readonly imageTtl?: Duration;

  /**
   * Origins of web pages with scripts that read the bytes of thumbnails, such as `https://example.com` or `*`. `<img>` elements
   * do not require this option.
   *
   * @default - no cross-origin requests
   */
  readonly corsOrigins?: string[];

  /**
   * Existing response headers policy. If you pass a policy, do not set `corsOrigins`.
   *
   * @default - a new policy with `Cross-Origin-Resource-Policy: cross-origin`, `X-Content-Type-Options: nosniff`, a
   * Content-Security-Policy that blocks scripts in images, and CORS headers for `corsOrigins`
   */
  readonly responseHeadersPolicy?: IResponseHeadersPolicy;

  /**
   * Region of CloudFront Origin Shield: the region of the pipeline, or the nearest region that supports Origin Shield.
   *
   * @default - no Origin Shield
   */
  readonly originShieldRegion?: string;
}
