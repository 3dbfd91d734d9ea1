import { existsSync } from 'node:fs';
import {
  API_COMPUTES,
  COMPUTE_NAMES,
  COMPUTES,
  DEFAULT_WORKLOAD,
  estimate,
  REGIONS,
  type ComputeName,
  type Estimate,
  type Range,
  type Region,
  type Workload,
} from '../../cost';
import { escapeControls, type Terminal } from '../terminal';
import { readTemplateWorkload } from './template-workload';

/** Options of the command `estimate`, as given on the command line. */
export interface EstimateCommandOptions {
  /** Number of uploaded images per month. */
  readonly images: string;
  /** Number of thumbnail views per month. */
  readonly views: string;
  /** Name of a compute type. @default - the compute type of the template, or `lambda` */
  readonly compute?: string;
  /** AWS Region of the prices. @default - the Region of the template, or `us-east-1` */
  readonly region?: string;
  /** Number of batches per month in which the images arrive. @default - images arrive evenly over the month */
  readonly batches?: string;
  /** Size of an original in megapixels. */
  readonly megapixels?: string;
  /** Fraction of the views that CloudFront serves from its cache, from 0 to 1. */
  readonly cacheHitRatio?: string;
  /** Fraction of the views that request a missing thumbnail, from 0 to 1. The API creates the thumbnails for these views. */
  readonly firstViews?: string;
  /** Print JSON instead of a table. */
  readonly json?: boolean;
}

/** Output directory of the CDK. The command reads this directory by default if the directory exists. */
const DEFAULT_PATH = 'cdk.out';

/**
 * Prints the estimated monthly cost of a pipeline.
 *
 * @param path cloud assembly or template. @default - `cdk.out` if the directory exists. Otherwise, the estimate uses the
 * default thumbnails.
 * @returns the exit code
 * @throws Error if an option is invalid, or the template contains no pipeline
 */
export function estimateCost(
  path: string | undefined,
  options: EstimateCommandOptions,
  { out, err }: Terminal,
): number {
  const compute = readCompute(options.compute);
  const assembly = path ?? (existsSync(DEFAULT_PATH) ? DEFAULT_PATH : undefined);
  const template = assembly === undefined ? undefined : readTemplateWorkload(assembly, compute);
  const { batches } = options;
  const workload: Partial<Workload> = {
    ...template?.workload,
    images: readNumber('--images', options.images),
    views: readNumber('--views', options.views),
    region: readRegion(options.region ?? template?.region),
    ...(batches !== undefined && { arrivals: { kind: 'batches', perMonth: readNumber('--batches', batches) } }),
    ...(options.megapixels !== undefined && {
      originals: { ...DEFAULT_WORKLOAD.originals, megapixels: readNumber('--megapixels', options.megapixels) },
    }),
    ...(options.cacheHitRatio !== undefined && {
      cacheHitRatio: readNumber('--cache-hit-ratio', options.cacheHitRatio),
    }),
    ...(options.firstViews !== undefined && { firstViews: readNumber('--first-views', options.firstViews) }),
  };
  const result = estimate(workload, {
    compute: compute ?? template?.compute ?? 'lambda',
    api: template?.api,
    additions: template?.additions,
    quantities: template?.quantities,
  });
  if (options.json === true) {
    out.write(`${JSON.stringify({ stack: template?.stack, ...result })}\n`);
    return 0;
  }
  out.write(`${linesOf(result, template?.stack).map(escapeControls).join('\n')}\n`);
  if (result.assumedPrices.length > 0) {
    err.write(
      `${result.workload.region}: no recorded prices for ${result.assumedPrices.join(', ')}; the table uses those of us-east-1\n`,
    );
  }
  return 0;
}

function readCompute(name: string | undefined): ComputeName | undefined {
  const known = COMPUTE_NAMES.find((candidate) => candidate === name);
  if (name !== undefined && known === undefined) {
    throw new Error(`--compute: got ${name}; expected one of ${COMPUTE_NAMES.join(', ')}`);
  }
  return known;
}

function readRegion(name: string | undefined): Region {
  const region = REGIONS.find((candidate) => candidate === (name ?? DEFAULT_WORKLOAD.region));
  if (region === undefined) {
    throw new Error(`--region: got ${name}; expected one of ${REGIONS.join(', ')}`);
  }
  return region;
}

function readNumber(option: string, text: string): number {
  const number = text.trim() === '' ? NaN : Number(text.replaceAll(/[_,](?=\d)/g, ''));
  if (!Number.isFinite(number) || number < 0) {
    throw new Error(`${option}: got ${JSON.stringify(text)}; expected a number, for example 250000 or 1e6`);
  }
  return number;
}

function linesOf({ workload, compute, api, lines, total, work }: Estimate, stack: string | undefined): string[] {
  const rows = lines.map(({ service, item, usd, explanation }) => [
    `${service}: ${item}`,
    dollars(usd.expected),
    explanation,
  ]);
  rows.push([
    'total',
    dollars(total.expected),
    `${dollars(total.low)} to ${dollars(total.high)}, depending on the CPU time`,
  ]);
  const [first, second] = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const { images, views, arrivals, region, thumbnails } = workload;
  const apiTitle = api === 'none' ? 'no API' : `API on ${API_COMPUTES[api].title}`;
  const files = thumbnails.flatMap(({ formats }) => formats).length;
  return [
    `${stack === undefined ? '' : `${stack}: `}${COMPUTES[compute].title}, ${apiTitle}, ${region}`,
    `${images.toLocaleString('en-US')} images a month (${arrivals.kind === 'spread' ? 'evenly spread' : `in ${arrivals.perMonth} batches`}), ` +
      `${files} files each, ${views.toLocaleString('en-US')} views`,
    `CPU per image: ${seconds(work.cpuSeconds)}`,
    '',
    ...rows.map(([item, usd, explanation]) => `${item!.padEnd(first!)}  ${usd!.padStart(second!)}  ${explanation}`),
    '',
    'US dollars a month at list prices, without free tiers, discounts and taxes',
  ];
}

function seconds({ low, expected, high }: Range): string {
  return `${expected.toFixed(2)} s (${low.toFixed(2)} to ${high.toFixed(2)} s)`;
}

function dollars(usd: number): string {
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}
