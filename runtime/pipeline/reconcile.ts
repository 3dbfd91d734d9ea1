import type { Manifest } from './thumbnail-set/manifest';

/**
 * Result of a reconciliation.
 *
 * - `made`: the thumbnails were rendered and stored
 * - `unchanged`: the stored thumbnails match the source and the settings
 * - `rejected`: the source can never be rendered; the manifest contains the error code
 * - `deleted`: the source does not exist, and its thumbnails were deleted
 * - `ignored`: the pipeline does not serve the key
 * - `forwarded`: the image exceeds the capacity of this process, and the queue of the larger workers contains the key
 */
export type Outcome =
  | { readonly status: 'made' | 'unchanged' | 'rejected'; readonly key: string; readonly manifest: Manifest }
  | { readonly status: 'deleted'; readonly key: string; /** Number of deleted objects. */ readonly removed: number }
  | { readonly status: 'ignored' | 'forwarded'; readonly key: string };

/** Options of a reconciliation. */
export interface ReconcileOptions {
  /** Renders the thumbnails even if the stored thumbnails are current. @default false */
  readonly force?: boolean;
  /**
   * Publishes the event of the final state even if nothing changes. No effect if events are disabled. @default false
   */
  readonly announce?: boolean;
  /** Number of deliveries of the message with the key; 1 for the first delivery. @default 1 */
  readonly attempt?: number;
  /**
   * Whether the call may render thumbnails. If false, the call throws {@link CapacityError} for missing thumbnails.
   *
   * @default true
   */
  readonly renders?: boolean;
  /** Whether to reject an image whose analysis fails. If false, the call throws `AnalysisError`. @default false */
  readonly rejectsUnanalyzed?: boolean;
}

/**
 * Brings the thumbnail set of a source key in line with its source. Decorators add concurrency limits, logs or
 * deadlines.
 */
export type Reconcile = (key: string, options?: ReconcileOptions) => Promise<Outcome>;
