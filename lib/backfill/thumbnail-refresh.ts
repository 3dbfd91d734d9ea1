/** Options of {@link ThumbnailRefresh.onChange}. */
export interface ThumbnailRefreshOptions {
  /**
   * Whether the deployment that adds the refresh starts a backfill too.
   *
   * @default false
   */
  readonly onFirstDeployment?: boolean;
}

/** Decides which deployments start a backfill. */
export class ThumbnailRefresh {
  /** No deployment starts a backfill. */
  public static never(): ThumbnailRefresh {
    return new ThumbnailRefresh(false, false);
  }

  /**
   * A deployment that changes thumbnails, limits or locations starts a backfill after the workers are updated, and stops
   * older executions. A rollback starts a backfill with the earlier settings. The deployment does not wait for the backfill
   * and does not fail if it cannot be started.
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
