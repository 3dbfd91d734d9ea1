/** Options of {@link ThumbnailRefresh.onChange}. */
export interface ThumbnailRefreshOptions {
  /**
   * Whether the deployment that adds the refresh also starts a backfill.
   *
   * @default false
   */
  readonly onFirstDeployment?: boolean;
}

/** Condition under which a deployment starts a backfill. */
export class ThumbnailRefresh {
  /** No deployment starts a backfill. */
  public static never(): ThumbnailRefresh {
    return new ThumbnailRefresh(false, false);
  }

  /**
   * Starts a backfill with each deployment that changes thumbnails, limits, buckets or prefixes. The backfill starts after the
   * update of the workers, and stops older executions. A rollback starts a backfill with the earlier settings. The deployment
   * does not wait for the backfill. The deployment succeeds even if the backfill cannot start.
   *
   * @param options behavior of the first deployment
   */
  public static onChange(options: ThumbnailRefreshOptions = {}): ThumbnailRefresh {
    return new ThumbnailRefresh(true, options.onFirstDeployment ?? false);
  }

  private constructor(
    /** @internal */
    public readonly _onChange: boolean,
    /** @internal */
    public readonly _onFirstDeployment: boolean,
  ) {}
}
