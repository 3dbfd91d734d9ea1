import type { VNode } from 'preact';
import { COMPUTES, COMPUTE_NAMES, estimate, type ComputeName } from '../../../../cost';
import type { ThumbnailSettings } from '../../../../runtime/contract';
import type { StudioSettings } from '../../studio-api';
import { estimateOptions, initialPlan, plan, workloadOf } from '../costs/planner';
import { formatBytes, formatCount, formatDollars } from '../shared/format';
import { linkTo } from '../shared/route';

/** Properties of {@link DesignCost}. */
export interface DesignCostProps {
  readonly settings: StudioSettings;
  readonly thumbnails: readonly ThumbnailSettings[];
}

/** Monthly cost of a design, calculated with the values of the planner. */
export function DesignCost({ settings, thumbnails }: DesignCostProps): VNode {
  const choices = plan.value ?? initialPlan(settings);
  const compute: ComputeName = COMPUTE_NAMES.find((name) => name === settings.estimate.compute) ?? 'lambda';
  const costOf = (sizes: readonly ThumbnailSettings[]): ReturnType<typeof estimate> =>
    estimate(workloadOf(choices, sizes), estimateOptions(settings, compute));
  const [design, current] = [costOf(thumbnails), costOf(settings.thumbnails)];
  return (
    <section class="panel" aria-labelledby="design-cost">
      <h2 id="design-cost">Monthly cost</h2>
      <p>
        <span class="figure">{formatDollars(design.total.expected)}</span>{' '}
        <span class="soft">
          {formatDollars(current.total.expected)} with the current thumbnails; {COMPUTES[compute].title},{' '}
          {formatCount(choices.images)} images and {formatCount(choices.views)} views a month.{' '}
        </span>
        <a href={linkTo('costs')}>Change in Costs</a>
      </p>
      <p class="soft">
        {design.work.cpuSeconds.expected.toFixed(2)} s of CPU ({current.work.cpuSeconds.expected.toFixed(2)} s now) and{' '}
        {formatBytes(design.work.storedBytes)} of thumbnails ({formatBytes(current.work.storedBytes)} now) for each
        image
      </p>
    </section>
  );
}
