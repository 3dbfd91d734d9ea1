import { additions, type AdditionOption, type AdditionQuantities } from './additions';
import {
  API_COMPUTES,
  COMPUTES,
  count,
  type ApiComputeName,
  type ApiLoad,
  type ApiModel,
  type ComputeName,
  type Item,
} from './computes';
import { imageWork, type ImageWork } from './image-work';
import { pricesOf, type PriceName, type RegionPrices } from './prices';
import { BOUNDS, type Bound, type Range } from './range';
import { workloadOf, type Workload } from './workload';

const GB = 1e9;
/** Number of SQS requests per image: send, receive and delete. */
const MESSAGES = 3;
/** Number of log bytes per image: one line of the runtime, one line of metrics, and three lines of Lambda. */
const LOG_BYTES = 1400;
/** Number of metrics that a pipeline without failures emits: `ImagesMade` and `RenderTime`. */
const METRICS = 2;
/** Names of the prices of a malware scan. */
const SCAN_PRICES: readonly PriceName[] = ['guardDutyScanGb', 'guardDutyScanObject'];
/** Names of the prices that no estimate uses. */
const UNUSED_PRICES: readonly PriceName[] = ['kmsRequest'];

/** Options of an estimate. */
export interface EstimateOptions {
  /** Compute type of the workers. */
  readonly compute: ComputeName;
  /** Compute type of the HTTP API; `none` without an API. @default - the compute type of the workers */
  readonly api?: ApiComputeName | 'none';
  /** Method calls and props that enable optional features. @default - no optional features */
  readonly additions?: readonly AdditionOption[];
  /** Quantities that determine the cost of the optional features. @default - the quantities of the default settings */
  readonly quantities?: Partial<AdditionQuantities>;
}

/** Line item of an estimate with its category. */
export interface Line extends Omit<Item, 'usd'> {
  /** Category for tables and plots. */
  readonly category: Category;
  readonly usd: Range;
}

/** Categories of line items, in the order of an estimate. */
export const CATEGORIES = ['compute', 'processing', 'storage', 'api', 'delivery', 'options'] as const;
/** Category of a line item. */
export type Category = (typeof CATEGORIES)[number];

/** Monthly cost of a pipeline in US dollars. */
export interface Estimate {
  readonly workload: Workload;
  readonly compute: ComputeName;
  readonly api: ApiComputeName | 'none';
  /** CPU time, requests and bytes that one image needs. */
  readonly work: ImageWork;
  readonly lines: readonly Line[];
  readonly total: Range;
  /** Names of prices without a recorded value for the Region. The estimate uses the prices of us-east-1 instead. */
  readonly assumedPrices: readonly PriceName[];
}

/**
 * Estimates the monthly cost of a pipeline in US dollars, at list prices without free tiers.
 *
 * @param given fields of the workload, which override the fields of `DEFAULT_WORKLOAD`
 * @throws WorkloadError if a field of the workload is out of range
 */
export function estimate(given: Partial<Workload>, options: EstimateOptions): Estimate {
  const { compute, api = compute, additions: enabled = [], quantities = {} } = options;
  const workload = workloadOf(given);
  const prices = pricesOf(workload.region);
  const work = imageWork(workload.thumbnails, workload.originals);
  const bounds = BOUNDS.map((bound) =>
    items(workload, work, prices, { compute, api, additions: enabled, quantities }, bound),
  );
  const [low, expected, high] = bounds as [Categorized[], Categorized[], Categorized[]];
  const lines = expected.map(({ usd, ...line }, index) => ({
    ...line,
    usd: { low: low[index]!.usd, expected: usd, high: high[index]!.usd },
  }));
  return {
    workload,
    compute,
    api,
    work,
    lines,
    total: sumOf(lines),
    assumedPrices:
      workload.region === 'us-east-1'
        ? []
        : prices.assumed.filter((name) => isRelevant(name, enabled, models(compute, api))),
  };
}

/** Returns the total of line items. Includes only the given categories, or all categories if none are given. */
export function sumOf(lines: readonly Line[], ...categories: readonly Category[]): Range {
  const counted = lines.filter(({ category }) => categories.length === 0 || categories.includes(category));
  const sum = (bound: Bound): number => counted.reduce((total, { usd }) => total + usd[bound], 0);
  return { low: sum('low'), expected: sum('expected'), high: sum('high') };
}

interface Categorized extends Item {
  readonly category: Category;
}

function items(
  workload: Workload,
  work: ImageWork,
  prices: RegionPrices,
  { compute, api, additions: enabled, quantities }: Required<EstimateOptions>,
  bound: Bound,
): Categorized[] {
  const { images, arrivals, views, cloudFront, cacheHitRatio, firstViews } = workload;
  const created = api === 'none' ? 0 : views * firstViews;
  // CloudFront reads stored thumbnails from the bucket. Therefore, the API receives only requests for missing thumbnails.
  const load: ApiLoad = { created, stored: cloudFront || api === 'none' ? 0 : views - created, work };
  const categorized = (category: Category, list: readonly Item[]): Categorized[] =>
    list.map((item) => ({ ...item, category }));
  return [
    ...categorized('compute', sharedItems(models(compute, api), prices)),
    ...categorized('compute', COMPUTES[compute].worker({ images, arrivals, work }, prices, bound)),
    ...categorized('processing', processing(images, created, work, prices)),
    ...categorized('storage', storage(workload, work, prices)),
    ...categorized('api', api === 'none' ? [] : API_COMPUTES[api].api(load, prices, bound)),
    ...categorized('api', api !== 'none' && API_COMPUTES[api].ownEndpoint ? [] : apiRequests(load, prices)),
    ...categorized('delivery', delivery(workload, cloudFront ? views * (1 - cacheHitRatio) : views, prices)),
    ...categorized('options', optionItems(workload, images + created, enabled, quantities)),
  ];
}

function models(compute: ComputeName, api: ApiComputeName | 'none'): readonly ApiModel[] {
  return api === 'none' ? [COMPUTES[compute]] : [COMPUTES[compute], API_COMPUTES[api]];
}

/**
 * Returns the cost of a cluster or of a minimum number of instances. If workers and API share a resource, includes its cost
 * only once.
 */
function sharedItems(used: readonly ApiModel[], prices: RegionPrices): Item[] {
  const functions = new Set(used.flatMap(({ shared }) => shared ?? []));
  return [...functions].flatMap((shared) => shared(prices));
}

/** Names of the prices that only certain compute types use. */
const COMPUTE_PRICES = new Set(Object.values(API_COMPUTES).flatMap(({ prices = [] }) => prices));

/**
 * Returns whether an estimate uses a price. Some prices apply only to malware scans, some only to certain compute types, and
 * {@link UNUSED_PRICES} never.
 */
function isRelevant(name: PriceName, enabled: readonly AdditionOption[], used: readonly ApiModel[]): boolean {
  return (
    !UNUSED_PRICES.includes(name) &&
    (enabled.includes('afterMalwareScan()') || !SCAN_PRICES.includes(name)) &&
    (!COMPUTE_PRICES.has(name) || used.some(({ prices = [] }) => prices.includes(name)))
  );
}

function optionItems(
  { images: uploaded, originals, region }: Workload,
  images: number,
  enabled: readonly AdditionOption[],
  quantities: Partial<AdditionQuantities>,
): Item[] {
  return additions(images, region, {
    purgeIncludesEvents: !enabled.includes('eventsEnabled'),
    scannedObjects: uploaded,
    scannedBytes: originals.bytes,
    ...quantities,
  })
    .filter(({ option }) => enabled.includes(option))
    .map(({ service, item, usd, explanation }) => ({ service, item, usd, explanation }));
}

function processing(uploaded: number, created: number, work: ImageWork, { usd }: RegionPrices): Item[] {
  const images = uploaded + created;
  const { s3Puts, s3Lists, s3Gets } = work;
  return [
    {
      service: 'S3',
      item: 'requests of the runtime',
      usd: images * ((s3Puts + s3Lists) * usd.s3Put + s3Gets * usd.s3Get),
      explanation: `${s3Puts} PUT, ${s3Lists} LIST and ${s3Gets} GET or HEAD for each of ${count(images)} images`,
    },
    {
      service: 'SQS',
      item: 'messages',
      usd: uploaded * MESSAGES * usd.sqsRequest,
      explanation: `send, receive and delete for each of ${count(uploaded)} images`,
    },
    {
      service: 'CloudWatch',
      item: 'logs',
      usd: ((images * LOG_BYTES) / GB) * usd.logsGb,
      explanation: `${count(LOG_BYTES)} bytes for each of ${count(images)} images`,
    },
    { service: 'CloudWatch', item: 'metrics', usd: METRICS * usd.metricMonth, explanation: `${METRICS} metrics` },
  ];
}

function storage({ images, storedMonths }: Workload, { storedBytes }: ImageWork, { usd }: RegionPrices): Item[] {
  const bytes = images * storedMonths * storedBytes;
  return [
    {
      service: 'S3',
      item: 'storage of thumbnails',
      usd: (bytes / GB) * usd.s3GbMonth,
      explanation: `${(bytes / GB).toFixed(1)} GB after ${storedMonths} ${storedMonths === 1 ? 'month' : 'months'}`,
    },
  ];
}

function apiRequests({ stored, created }: ApiLoad, { usd }: RegionPrices): Item[] {
  const requests = stored + created;
  return requests === 0
    ? []
    : [
        {
          service: 'API Gateway',
          item: 'requests',
          usd: requests * usd.apiRequest,
          explanation: `${count(requests)} requests of an HTTP API`,
        },
      ];
}

function delivery({ views, viewBytes, cloudFront }: Workload, reads: number, { usd }: RegionPrices): Item[] {
  if (views === 0) {
    return [];
  }
  const gb = (views * viewBytes) / GB;
  const bucket: Item = {
    service: 'S3',
    item: cloudFront ? 'requests for cache misses' : 'requests for views',
    usd: reads * usd.s3Get,
    explanation: `${count(reads)} GET`,
  };
  return cloudFront
    ? [
        {
          service: 'CloudFront',
          item: 'requests and functions',
          usd: views * (usd.cloudFrontRequest + 2 * usd.cloudFrontFunction),
          explanation: `${count(views)} requests with 2 functions each`,
        },
        { service: 'CloudFront', item: 'bytes', usd: gb * usd.cloudFrontGb, explanation: `${gb.toFixed(1)} GB` },
        bucket,
      ]
    : [{ service: 'S3', item: 'data transfer', usd: gb * usd.transferGb, explanation: `${gb.toFixed(1)} GB` }, bucket];
}
