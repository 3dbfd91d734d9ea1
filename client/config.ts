import { ruleApplies } from '../runtime/contract/rules';

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
  /** Formats of the thumbnail. Clients without a preference receive the first format. */
  readonly formats: readonly ImageFormat[];
}

/** Rule with the thumbnails of keys that start with a prefix or end with a suffix. */
export interface ClientRule {
  /** Start of the keys. @default - any */
  readonly prefix?: string;
  /** Suffix of the keys, in upper or lower case. @default - keys with any suffix */
  readonly suffix?: string;
  /** Thumbnails of the keys to which the rule applies. @default - the thumbnails of the pipeline */
  readonly thumbnails?: readonly ClientThumbnail[];
}

/** URLs and thumbnails of a pipeline: the content of `pipeline.clientConfig`. */
export interface ClientConfig {
  /** URL of the API or of its CloudFront distribution. A trailing slash has no effect. */
  readonly url: string;
  /** URL to which the client sends upload requests, for example a signed link. @default - the path `uploads` below `url` */
  readonly uploadUrl?: string;
  readonly thumbnails: readonly ClientThumbnail[];
  /** Rules for some keys. The first rule that applies to a key overrides the thumbnails of the pipeline. @default - no rules */
  readonly rules?: readonly ClientRule[];
}

/** Returns the thumbnails of a key. */
export function thumbnailsOf({ thumbnails, rules = [] }: ClientConfig, key: string): readonly ClientThumbnail[] {
  const rule = rules.find(({ prefix = '', suffix = '' }) => ruleApplies({ prefix, suffix }, key));
  return rule?.thumbnails ?? thumbnails;
}
