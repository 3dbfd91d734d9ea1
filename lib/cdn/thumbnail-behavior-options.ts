import type { Duration } from 'aws-cdk-lib';
import type { IKeyGroupRef, IResponseHeadersPolicy } from 'aws-cdk-lib/aws-cloudfront';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';

/** Options for the links to thumbnails that the API signs for CloudFront. */
export interface ThumbnailLinkSigningOptions {
  /**
   * Public keys in PEM format by their ids: 1 to 2 RSA keys of 2,048 bits. CloudFront accepts links with a signature of any of
   * these keys. An id is a letter followed by up to 31 letters, digits, `_` and `-`.
   *
   * The API signs with the last key in this object whose private key is in `privateKeys`. To rotate a key, append its
   * successor, deploy, and then add the private key to the secret. Wait for twice the `minLifetime`, and then remove the old
   * key.
   */
  readonly publicKeys: { [id: string]: string };

  /**
   * Secret with the private keys in PEM format: a JSON object with the ids of `publicKeys`, such as `{"k1":"-----BEGIN …"}`.
   */
  readonly privateKeys: ISecret;

  /**
   * Minimum lifetime of a link, whole seconds from 1 minute to 7 days. The API rounds the expiry time up, so that the URLs
   * rarely change and browsers can use cached thumbnails. Therefore, a link is valid for up to twice this time.
   *
   * @default Duration.hours(1)
   */
  readonly minLifetime?: Duration;

  /**
   * URL of the distribution with its `basePath`, without a trailing slash, such as `https://img.example.com`. Required for an
   * existing distribution.
   *
   * @default - the URL of the `ThumbnailDistribution`
   */
  readonly url?: string;
}

/** Options of CloudFront behaviors for thumbnails. */
export interface ThumbnailBehaviorOptions {
  /**
   * Key groups that verify CloudFront signed URLs and cookies. Required for an API without public read access, because
   * CloudFront cannot verify the IAM signatures, signed links or tokens that such an API accepts.
   *
   * To rotate a key, add the new key to the group. Remove the old key when all its signatures are expired.
   *
   * @default - public read access
   */
  readonly trustedKeyGroups?: IKeyGroupRef[];

  /**
   * Signs the links to thumbnails in the manifests, so that CloudFront accepts these links. Web pages can then use the links in
   * `<img>` elements, although the API is private. Adds the public keys to the trusted key groups. Only one distribution of a
   * pipeline can have this option.
   *
   * @default - manifests contain links to the API
   */
  readonly linkSigning?: ThumbnailLinkSigningOptions;

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
   * Origins of web pages whose scripts can read the bytes of thumbnails, such as `https://example.com` or `*`. `<img>` elements
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
