import type { Size } from 'aws-cdk-lib';

/** Restrictions on uploads through the API. */
export interface ThumbnailUploadOptions {
  /**
   * Content types that the API accepts, such as `image/jpeg`.
   *
   * @default - JPEG, PNG, WebP, AVIF, GIF, TIFF, HEIC and HEIF; also SVG if `allowSvg` is true
   */
  readonly contentTypes?: string[];

  /**
   * Maximum size of an upload, from 1 byte to `limits.maxFileSize`. S3 rejects larger files.
   *
   * @default - `limits.maxFileSize`
   */
  readonly maxSize?: Size;

  /**
   * Template of the source key for upload requests that contain a file name and no key.
   *
   * The template must contain `{uuid}`, which the runtime replaces with a random UUID. It can contain `{filename}`, which the
   * runtime replaces with the sanitized file name. The runtime prepends `sourcePrefix`.
   *
   * @default '{uuid}/{filename}'
   */
  readonly keyTemplate?: string;

  /**
   * Origins of web pages that upload from a browser, such as `https://example.com`. If the pipeline creates the source bucket,
   * the pipeline adds a CORS rule for these origins to the bucket.
   *
   * @default - the origins of `cors`
   */
  readonly allowOrigins?: string[];
}
