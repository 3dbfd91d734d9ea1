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
   * Template of the key for an upload with a file name and without a key.
   *
   * `{uuid}` is required and stands for a random UUID, `{filename}` for the sanitized file name. The runtime prepends
   * `sourcePrefix`.
   *
   * @default '{uuid}/{filename}'
   */
  readonly keyTemplate?: string;

  /**
   * Origins of web pages that upload from a browser, such as `https://example.com`. A source bucket that the pipeline
   * creates gets a CORS rule for them.
   *
   * @default - the origins of `cors`
   */
  readonly allowOrigins?: string[];
}
