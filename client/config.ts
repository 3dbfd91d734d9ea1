import { ruleApplies } from '../runtime/contract/rules';

/** Output format of a thumbnail. */
export type ImageFormat = 'avif' | 'webp' | 'png' | 'gif' | 'jpeg';

/** Thumbnail in the settings of a pipeline. */
export interface ClientThumbnail {
  /** Name of the thumbnail, which is part of its URL. */
  readonly name: string;
  /** Maximum width of the thumbnail in pixels. */
  readonly width: number;
  /** Maximum height of the thumbnail in pixels. */
  readonly height: number;
  readonly fit: 'inside' | 'cover' | 'contain';
  /** Formats of the thumbnail. Clients without a preference receive the first format. */
  readonly formats: readonly ImageFormat[];
}

/** Rule that applies to keys with a prefix, a suffix or both. */
export interface ClientRule {
  /** Prefix of the keys. @default - keys with any prefix */
  readonly prefix?: string;
  /** Suffix of the keys; case is ignored. @default - keys with any suffix */
  readonly suffix?: string;
  /** Thumbnails of the keys to which the rule applies. @default - the thumbnails of the pipeline */
  readonly thumbnails?: readonly ClientThumbnail[];
}

/** URLs and thumbnails of a pipeline. The construct property `pipeline.clientConfig` contains this object. */
export interface ClientConfig {
  /** URL of the API or of its CloudFront distribution. A trailing slash has no effect. */
  readonly url: string;
  /** URL for upload requests, for example a signed link. @default - the path `uploads` below `url` */
  readonly uploadUrl?: string;
  readonly thumbnails: readonly ClientThumbnail[];
  /** Rules. The first rule that applies to a key overrides the thumbnails of the pipeline. @default - no rules */
  readonly rules?: readonly ClientRule[];
}

/** Returns the thumbnails of a key: the thumbnails of the first rule that applies, or the thumbnails of the pipeline. */
export function thumbnailsOf({ thumbnails, rules = [] }: ClientConfig, key: string): readonly ClientThumbnail[] {
  const rule = rules.find(({ prefix = '', suffix = '' }) => ruleApplies({ prefix, suffix }, key));
  return rule?.thumbnails ?? thumbnails;
}
