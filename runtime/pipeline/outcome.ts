import type { Manifest } from './thumbnail-set/manifest';

/**
 * What a reconciliation found and did.
 *
 * - `made`: the thumbnails were made and stored
 * - `unchanged`: they were there already, from this source and these settings
 * - `failed`: the image is refused for good; the manifest says why
 * - `deleted`: the source is gone, and now its thumbnails are
 * - `ignored`: the key is not one that this pipeline serves
 */
export type Outcome =
  | { readonly status: 'made' | 'unchanged' | 'rejected'; readonly key: string; readonly manifest: Manifest }
  | { readonly status: 'deleted'; readonly key: string; /** Objects removed. */ readonly removed: number }
  | { readonly status: 'ignored'; readonly key: string };
