import type { Thumbnail } from './thumbnail';
import type { ThumbnailLimits } from './thumbnail-limits';

/** Options of a {@link ThumbnailRule}. At least one option is required. */
export interface ThumbnailRuleOptions {
  /**
   * Thumbnails of the images to which the rule applies: 1 to 50 thumbnails with unique names.
   *
   * @default - the thumbnails of the pipeline
   */
  readonly thumbnails?: Thumbnail[];

  /**
   * Limits of the images to which the rule applies. An absent limit has the value of the pipeline.
   *
   * @default - the limits of the pipeline
   */
  readonly limits?: ThumbnailLimits;
}

/**
 * Replaces the thumbnails or limits of the pipeline for images with matching keys.
 *
 * The first rule that matches a key applies. Keys without a matching rule have the thumbnails and limits of the
 * pipeline.
 *
 * @example
 * new ThumbnailPipeline(this, 'Images', {
 *   rules: [ThumbnailRule.prefix('avatars/', { thumbnails: [Thumbnail.avatar()] })],
 * });
 */
export class ThumbnailRule {
  /**
   * Creates a rule for the keys that start with a prefix.
   *
   * @param prefix start of the source keys, such as `avatars/`: 1 to 1,024 bytes, without a leading slash and without tokens
   * @param options thumbnails and limits
   */
  public static prefix(prefix: string, options: ThumbnailRuleOptions): ThumbnailRule {
    return new ThumbnailRule(prefix, '', options);
  }

  /**
   * Creates a rule for the keys that end with a suffix, in upper or lower case.
   *
   * @param suffix end of the source keys, such as `.png`: 1 to 1,024 bytes, without tokens
   * @param options thumbnails and limits
   */
  public static suffix(suffix: string, options: ThumbnailRuleOptions): ThumbnailRule {
    return new ThumbnailRule('', suffix, options);
  }

  private constructor(
    /** @internal */
    public readonly _prefix: string,
    /** @internal */
    public readonly _suffix: string,
    /** @internal */
    public readonly _options: ThumbnailRuleOptions,
  ) {}
}
