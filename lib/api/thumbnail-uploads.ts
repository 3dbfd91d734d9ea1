import type { Size } from 'aws-cdk-lib';

/** What can be uploaded by the API. */
export interface ThumbnailUploadOptions {
  /**
   * Content types that can be uploaded, such as `image/jpeg`.
   *
   * @default - JPEG, PNG, WebP, AVIF, GIF, TIFF, HEIC and HEIF; and SVG where `allowSvg` is true
   */
  readonly contentTypes?: string[];

  /**
   * Size of the largest upload, 1 byte to `limits.maxFileSize`. S3 refuses more, whatever the caller said.
   *
   * @default - `limits.maxFileSize`
   */
  readonly maxSize?: Size;

  /**
   * What keys are made by for uploads that name a file and no key. `{uuid}`, which has to be there, is a random UUID and
   * `{filename}` the name of the file, made safe. The source prefix is put before it.
   *
   * @default {uuid}/{filename}
   */
  readonly keyTemplate?: string;

  /**
   * Origins of the pages that upload from a browser, such as `https://example.com`: the source bucket lets them, if it is
   * made here.
   *
   * @default - the origins of `cors`
   */
  readonly allowOrigins?: string[];
}
