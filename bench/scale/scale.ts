// Updates the tables and plots of docs/explanation/scale.md: npx ts-node -T bench/scale/scale.ts && npm run format
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { functionSeconds, taskSeconds } from '../../cost';
import { svgOf } from '../plot';
import { layoutLoads } from './key-layout';
import { LIMITS } from './limits';
import { BACKFILLS, BURSTS, computeUsd, requestsUsd, run, WORK, type Run } from './scenarios';
import type { Simulation } from './simulate';

const ROOT = join(__dirname, '../..');
/** Page with the tables. */
export const PAGE = 'docs/explanation/scale.md';
/** Markers around a table in the page. */
export const PLACE = /(<!-- scale: (\w+) -->\n)[\s\S]*?(\n<!-- end -->)/g;

/** Ratio of the peak upload rate to the average upload rate. */
export const PEAK = 3;
const DAY_SECONDS = 86_400;
const VIEWS_PER_IMAGE = 10;
/** Default of `maxConcurrency`. */
export const DEFAULT_MAX_CONCURRENCY = 100;
/** Default of `maxCapacity`. */
const DEFAULT_MAX_CAPACITY = 10;

interface Result {
  readonly simulated: Run;
  readonly simulation: Simulation;
}

const results = (runs: readonly Run[]): Result[] =>
  runs.map((simulated) => ({ simulated, simulation: run(simulated) }));
const count = (value: number): string => Math.round(value).toLocaleString('en-US');
const figure = (value: number): string => (value >= 10 ? count(value) : String(Number(value.toPrecision(2))));
const dollars = (usd: number): string => (usd >= 1000 ? `$${count(usd)}` : `$${usd.toFixed(2)}`);
const percent = (share: number): string => `${Math.round(share * 100)} %`;

function table([head = [], ...rows]: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

/** Returns the Markdown tables by name, and the SVG plots by file name. */
export function scaleFigures(): { tables: ReadonlyMap<string, string>; plots: ReadonlyMap<string, string> } {
  const bursts = results(BURSTS);
  return {
    tables: new Map([
      ['rates', table(rates())],
      ['bursts', table(burstRows(bursts))],
      ['backfills', table(backfillRows(results(BACKFILLS)))],
      ['keys', table(keys())],
    ]),
    plots: plotsOf(bursts),
  };
}

function rates(): string[][] {
  return [
    [
      'images a day',
      'images/s at peak',
      'concurrent functions',
      'running tasks',
      '`PUT`/s',
      'S3 partitions',
      'views/s',
      'exceeded default limits (ratio of the load to the limit)',
    ],
    ...[1, 1e3, 1e6, 1e7, 1e8, 1e9].map((images) => {
      const peak = (images * PEAK) / DAY_SECONDS;
      const functions = peak * functionSeconds(WORK, 'expected');
      const tasks = peak * taskSeconds(WORK, 'expected');
      const puts = peak * WORK.s3Puts;
      const views = peak * VIEWS_PER_IMAGE;
      const loads: readonly (readonly [name: string, load: number])[] = [
        ['`maxCapacity` of the tasks', tasks / DEFAULT_MAX_CAPACITY],
        ['`maxConcurrency` of the functions', functions / DEFAULT_MAX_CONCURRENCY],
        ['`PUT` requests on one partition', puts / LIMITS.s3Puts.value],
        ['concurrency of the account', functions / LIMITS.lambdaConcurrency.value],
        ['event source mapping', functions / LIMITS.mappingConcurrency.value],
        ['CloudFront', views / LIMITS.cloudFrontRequests.value],
      ];
      const exceeded = loads.filter(([, load]) => load > 1).toSorted(([, one], [, other]) => other - one);
      return [
        count(images),
        figure(peak),
        count(Math.max(1, Math.ceil(functions))),
        count(Math.max(1, Math.ceil(tasks))),
        figure(puts),
        count(Math.max(1, Math.ceil(puts / LIMITS.s3Puts.value))),
        figure(views),
        exceeded.map(([name, load]) => `${name} (${figure(load)} ×)`).join(', ') || 'none',
      ];
    }),
  ];
}

function burstRows(bursts: readonly Result[]): string[][] {
  return [
    [
      'pipeline',
      'complete after',
      'largest backlog, images',
      'longest wait of an image',
      'maximum number of images in progress',
      'images that wait for S3',
      'compute cost',
      'cost of compute and requests',
    ],
    ...bursts.map(({ simulated, simulation }) => {
      const compute = computeUsd(simulated, simulation);
      return [
        simulated.title,
        `${(simulation.seconds / 60).toFixed(0)} min`,
        count(simulation.peakBacklog),
        `${(simulation.peakAge / 60).toFixed(1)} min`,
        count(simulation.peakSlots),
        percent(simulation.throttled),
        dollars(compute),
        dollars(compute + requestsUsd(simulated.scenario.images)),
      ];
    }),
  ];
}

function backfillRows(backfills: readonly Result[]): string[][] {
  return [
    [
      'pipeline',
      'keys sent per second',
      'duration, days',
      'largest backlog, images',
      'compute cost',
      'cost of compute and requests',
    ],
    ...backfills.map(({ simulated, simulation }) => {
      const compute = computeUsd(simulated, simulation);
      return [
        simulated.title,
        count(simulated.scenario.arrivalsPerSecond),
        (simulation.seconds / DAY_SECONDS).toFixed(1),
        count(simulation.peakBacklog),
        dollars(compute),
        dollars(compute + requestsUsd(simulated.scenario.images)),
      ];
    }),
  ];
}

function keys(): string[][] {
  return [
    ['source keys', 'busiest partition of the sources', 'busiest partition of the thumbnails'],
    ...layoutLoads().map(({ layout, sources, thumbnails }) => [`\`${layout}\``, percent(sources), percent(thumbnails)]),
  ];
}

function plotsOf(bursts: readonly Result[]): ReadonlyMap<string, string> {
  // The plot omits the slowest pipeline, which would compress the curves of all others.
  const shown = bursts.filter(({ simulation }) => simulation.seconds < 7200);
  const minutes = Array.from({ length: 61 }, (_, minute) => minute);
  const series = (value: (sample: Simulation['samples'][number]) => number) =>
    shown.map(({ simulated, simulation }) => ({
      label: simulated.label,
      values: minutes.map((minute) => {
        const sample = simulation.samples.find(({ seconds }) => seconds >= minute * 60);
        return sample ? value(sample) : 0;
      }),
    }));
  const lines = { axis: 'minutes', at: minutes, ticks: [0, 10, 20, 30, 40, 50, 60] };
  const cost = bursts.map((result) => ({
    label: result.simulated.label,
    value: computeUsd(result.simulated, result.simulation),
    ours: true,
  }));
  return new Map([
    [
      'docs/explanation/scale/burst-backlog.svg',
      svgOf({
        name: 'burst-backlog',
        title: 'Backlog after a million uploads in ten minutes',
        unit: 'images',
        lines: { ...lines, series: series(({ backlog }) => backlog) },
      }),
    ],
    [
      'docs/explanation/scale/burst-age.svg',
      svgOf({
        name: 'burst-age',
        title: 'Age of the oldest waiting image',
        unit: 'minutes',
        lines: { ...lines, series: series(({ age }) => age / 60) },
      }),
    ],
    [
      'docs/explanation/scale/burst-cost.svg',
      svgOf({
        name: 'burst-cost',
        title: 'Compute cost of a million uploads in ten minutes',
        unit: 'US dollars',
        bars: cost,
      }),
    ],
  ]);
}

if (require.main === module) {
  const { tables, plots } = scaleFigures();
  const path = join(ROOT, PAGE);
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace(
      PLACE,
      (_, before: string, name: string, after: string) => `${before}\n${tables.get(name)!}\n${after}`,
    ),
  );
  for (const [file, svg] of plots) {
    writeFileSync(join(ROOT, file), svg);
  }
}
