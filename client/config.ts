/** Output format of a thumbnail. */
export type ImageFormat = 'avif' | 'webp' | 'png' | 'gif' | 'jpeg';

/** A thumbnail of the pipeline. */
export interface ClientThumbnail {
  /** Name in URLs. */
  readonly name: string;
  /** Width of the box in pixels. */
  readonly width: number;
  /** Height of the box in pixels. */
  readonly height: number;
  readonly fit: 'inside' | 'cover' | 'contain';
  /** Formats of the thumbnail. Clients without a preference receive the first one. */
  readonly formats: readonly ImageFormat[];
}

/** URLs and thumbnails of a pipeline: the content of `pipeline.clientConfig`. */
export interface ClientConfig {
  /** URL of the API or of its CloudFront distribution. A slash at its end has no effect. */
  readonly url: string;
  /** URL of upload requests, which can be a signed link. @default - `uploads` below `url` */
  readonly uploadUrl?: string;
  readonly thumbnails: readonly ClientThumbnail[];
}
