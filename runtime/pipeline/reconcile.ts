import type { Manifest } from './thumbnail-set/manifest';

/**
 * Result of a reconciliation.
 *
 * - `made`: The process rendered and stored the thumbnails.
 * - `unchanged`: The stored thumbnails match the source and the settings.
 * - `rejected`: No attempt can render the source. The manifest contains the error code.
 * - `deleted`: The source does not exist. The process deleted the thumbnails of the source.
 * - `ignored`: The pipeline does not serve the key.
 * - `forwarded`: The image exceeds the capacity of this process. The queue of the larger workers contains the key.
 */
export type Outcome =
  | { readonly status: 'made' | 'unchanged' | 'rejected'; readonly key: string; readonly manifest: Manifest }
  | { readonly status: 'deleted'; readonly key: string; /** Number of deleted objects. */ readonly removed: number }
  | { readonly status: 'ignored' | 'forwarded'; readonly key: string };

/** Options of a reconciliation. */
export interface ReconcileOptions {
  /** Whether the call renders the thumbnails even if the stored thumbnails are current. @default false */
  readonly force?: boolean;
  /**
   * Whether the call publishes the event of the final state even if the thumbnail set is current. The option has no effect if
   * events are disabled.
   *
   * @default false
   */
  readonly announce?: boolean;
  /** Number of times that the queue has delivered the message with the key, 1 or more. @default 1 */
  readonly attempt?: number;
  /**
   * Whether the call may render thumbnails. If false, the call throws {@link CapacityError} for missing thumbnails.
   *
   * @default true
   */
  readonly renders?: boolean;
  /** Whether the call rejects an image whose analysis fails. If false, the call throws `AnalysisError`. @default false */
  readonly rejectsUnanalyzed?: boolean;
}

/**
 * Function that reconciles the thumbnail set of a source key with the source. Decorators of this function add concurrency
 * limits, logs and deadlines.
 */
export type Reconcile = (key: string, options?: ReconcileOptions) => Promise<Outcome>;
