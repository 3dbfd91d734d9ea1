import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import {
  backfill,
  COMPUTES,
  COMPUTE_NAMES,
  computeCost,
  crossing,
  estimate,
  pricesOf,
  storageGrowth,
  type ComputeName,
  type Estimate,
  type Workload,
} from '../../../../cost';
import type { StudioSettings } from '../../studio-api';
import { formatBytes, formatCount, formatDollars } from '../shared/format';
import { PlanForm } from './plan-form';
import { estimateOptions, initialPlan, plan, workloadOf, type Plan } from './planner';
import { Plot } from './plot';
import './costs.css';

/** Numbers of images per month for which the plot shows the cost: four values for each power of ten. */
const IMAGE_COUNTS = Array.from({ length: 25 }, (_, index) => 10 ** (2 + index / 4));
const MONTHS = [1, 6, 12, 18, 24, 30, 36];

/**
 * View that estimates costs: the monthly cost of each compute type, the cost of storage and the cost of a backfill. Also shows
 * the numbers of images per month above which another compute type costs less.
 */
export function CostsView({ settings }: { readonly settings: StudioSettings }): VNode {
  const choices = plan.value ?? initialPlan(settings);
  const workload = workloadOf(choices, settings.thumbnails);
  const estimates = COMPUTE_NAMES.map((compute) => estimate(workload, estimateOptions(settings, compute)));
  const cheapest = estimates.reduce((one, other) => (other.total.expected < one.total.expected ? other : one));
  const [selected, setSelected] = useState<ComputeName>(
    COMPUTE_NAMES.find((name) => name === settings.estimate.compute) ?? 'lambda',
  );
  const shown = estimates.find(({ compute }) => compute === selected)!;
  return (
    <>
      <h1>Costs</h1>
      <p class="soft">
        US dollars a month at list prices, without free tiers, discounts and taxes, for the thumbnails of the current
        settings. The ranges follow from the CPU time of an image.
      </p>
      <div class="columns planner">
        <PlanForm choices={choices} onChange={(next) => (plan.value = next)} />
        <div>
          <div class="tiles">
            {estimates.map(({ compute, total }) => (
              <section key={compute} class={compute === cheapest.compute ? 'panel cheapest' : 'panel'}>
                <h2>{COMPUTES[compute].title}</h2>
                <p class="figure" data-total={compute}>
                  {formatDollars(total.expected)}
                </p>
                <p class="soft">
                  {compute === cheapest.compute && 'The lowest. '}
                  {formatDollars(total.low)} to {formatDollars(total.high)}
                </p>
              </section>
            ))}
          </div>
          <Crossings workload={workload} images={choices.images} />
          <Lines shown={shown} onSelect={setSelected} />
          <Storage workload={workload} />
          <BackfillCost choices={choices} workload={workload} />
          <Prices region={choices.region} />
        </div>
      </div>
    </>
  );
}

interface WorkloadProps {
  readonly workload: Partial<Workload>;
}

function Crossings({ workload, images }: WorkloadProps & { readonly images: number }): VNode {
  const series = COMPUTE_NAMES.map((compute) => ({
    label: COMPUTES[compute].title,
    points: IMAGE_COUNTS.map((count) => ({
      x: count,
      y: computeCost({ ...workload, images: count }, compute),
      low: computeCost({ ...workload, images: count }, compute, 'low'),
      high: computeCost({ ...workload, images: count }, compute, 'high'),
    })),
  }));
  const others = COMPUTE_NAMES.filter((name) => name !== 'lambda');
  return (
    <section class="panel" aria-labelledby="crossings">
      <h2 id="crossings">Workers by images a month</h2>
      <Plot
        title="Monthly cost of the workers by the number of images a month"
        series={series}
        xLabel="images a month"
        yLabel="US dollars a month"
        formatX={shortCount}
        formatY={(usd) => `$${usd < 1 ? usd : shortCount(usd)}`}
        isLogarithmic
        marker={images}
      />
      <ul>
        {others.map((other) => {
          const point = crossing(workload, 'lambda', other);
          return (
            <li key={other} data-crossing={other}>
              {COMPUTES[other].title}{' '}
              {point === undefined
                ? 'costs more than Lambda at every number of images.'
                : `costs less than Lambda from ${formatCount(point)} images a month.`}
            </li>
          );
        })}
      </ul>
    </section>
  );
}

interface LinesProps {
  readonly shown: Estimate;
  readonly onSelect: (compute: ComputeName) => void;
}

function Lines({ shown, onSelect }: LinesProps): VNode {
  return (
    <section class="panel" aria-labelledby="lines">
      <div class="title">
        <h2 id="lines">Items</h2>
        <fieldset class="segments">
          <legend class="visually-hidden">Compute</legend>
          {COMPUTE_NAMES.map((compute) => (
            <label key={compute}>
              <input
                type="radio"
                name="compute"
                checked={compute === shown.compute}
                onChange={() => onSelect(compute)}
              />
              <span>{COMPUTES[compute].title}</span>
            </label>
          ))}
        </fieldset>
      </div>
      <div class="scroll">
        <table>
          <thead>
            <tr>
              <th scope="col">Item</th>
              <th scope="col" class="number">
                Cost
              </th>
              <th scope="col">Quantity</th>
            </tr>
          </thead>
          <tbody>
            {shown.lines.map(({ service, item, usd, explanation }) => (
              <tr key={`${service} ${item}`}>
                <th scope="row">
                  {service}: {item}
                </th>
                <td class="number">{formatDollars(usd.expected)}</td>
                <td class="soft">{explanation}</td>
              </tr>
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">Total</th>
              <td class="number">{formatDollars(shown.total.expected)}</td>
              <td>{shown.work.cpuSeconds.expected.toFixed(2)} s of CPU for each image</td>
            </tr>
          </tfoot>
        </table>
      </div>
    </section>
  );
}

function Storage({ workload }: WorkloadProps): VNode {
  const growth = storageGrowth(workload, MONTHS);
  const last = growth.at(-1)!;
  return (
    <section class="panel" aria-labelledby="storage">
      <h2 id="storage">Storage of thumbnails</h2>
      <Plot
        title="Monthly storage cost in the first three years"
        series={[
          {
            label: 'S3 Standard, if every image is kept',
            points: growth.map(({ month, usd }) => ({ x: month, y: usd })),
          },
        ]}
        xLabel="months"
        yLabel="US dollars a month"
        formatX={String}
        formatY={(usd) => `$${shortCount(usd)}`}
      />
      <p class="soft">
        {formatBytes(last.gb * 1e9)} after {last.month} months, {formatDollars(last.usd)} a month.
      </p>
    </section>
  );
}

function BackfillCost({ choices, workload }: WorkloadProps & { readonly choices: Plan }): VNode {
  const { existing, workers } = choices;
  return (
    <section class="panel" aria-labelledby="backfill">
      <h2 id="backfill">Backfill of {formatCount(existing)} existing images, once</h2>
      <table>
        <thead>
          <tr>
            <th scope="col">Compute</th>
            <th scope="col" class="number">
              Cost
            </th>
            <th scope="col" class="number">
              Hours with {formatCount(workers)} workers
            </th>
          </tr>
        </thead>
        <tbody>
          {COMPUTE_NAMES.map((compute) => {
            const { usd, hours } = backfill(existing, compute, workers, workload);
            return (
              <tr key={compute}>
                <th scope="row">{COMPUTES[compute].title}</th>
                <td class="number">{formatDollars(usd.expected)}</td>
                <td class="number">{hours.expected.toLocaleString('en-US', { maximumSignificantDigits: 2 })}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Prices({ region }: { readonly region: Workload['region'] }): VNode {
  const { assumed } = pricesOf(region);
  return (
    <p class="soft">
      Prices of {region}, read in November 2026.
      {assumed.length > 0 &&
        ` Some prices are unknown for this Region, so the prices of us-east-1 apply: ${assumed.join(', ')}.`}
    </p>
  );
}

/** Formats a number with a suffix, such as `10k`. */
function shortCount(value: number): string {
  return value.toLocaleString('en-US', { notation: 'compact', maximumSignificantDigits: 3 });
}
