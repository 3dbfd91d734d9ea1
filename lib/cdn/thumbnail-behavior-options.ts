import type { Duration } from 'aws-cdk-lib';
import type { IKeyGroupRef, IResponseHeadersPolicy } from 'aws-cdk-lib/aws-cloudfront';

/** Options of CloudFront behaviors for thumbnails. */
export interface ThumbnailBehaviorOptions {
  /**
   * Key groups that verify CloudFront signed URLs and cookies. Required unless the API has public read access, because
   * CloudFront supports no other authorization of the API.
   *
   * To rotate a key, keep both keys in the group for the lifetime of existing signatures.
   *
   * @default - public read access
   */
  readonly trustedKeyGroups?: IKeyGroupRef[];

  /**
   * Path before the paths of the API, such as `/media`, with a leading and without a trailing slash.
   *
   * @default - the paths of the API
   */
  readonly basePath?: string;

  /**
   * Maximum time that CloudFront caches a manifest, whole seconds from 1 second to 1 day. The `Cache-Control` header of
   * the API can reduce it.
   *
   * @default Duration.minutes(1)
   */
  readonly imageTtl?: Duration;

  /**
   * Origins of web pages that read the bytes of thumbnails by script, such as `https://example.com`, or `*`. `<img>`
   * elements need none.
   *
   * @default - no cross-origin requests
   */
  readonly corsOrigins?: string[];

  /**
   * Response headers policy. Replaces `corsOrigins`.
   *
   * @default - a new policy with `Cross-Origin-Resource-Policy: cross-origin`, `X-Content-Type-Options: nosniff`, a
   * Content-Security-Policy that blocks scripts in images, and CORS headers for `corsOrigins`
   */
  readonly responseHeadersPolicy?: IResponseHeadersPolicy;

  /**
   * Region of CloudFront Origin Shield: the region of the pipeline, or the nearest one with Origin Shield.
   *
   * @default - no Origin Shield
   */
  readonly originShieldRegion?: string;
}
