// Updates the cost tables in docs/costs.md and README.md: npx ts-node -T scripts/costs.ts && npm run format
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** List prices of us-east-1 in US dollars, as of November 2026, without free tiers and discounts. */
export const PRICES = {
  /** https://aws.amazon.com/lambda/pricing/: arm64, up to 7.5 billion GB-seconds. */
  lambdaGbSecond: 0.0000133334,
  lambdaRequest: 0.2e-6,
  /** https://aws.amazon.com/fargate/pricing/: arm64. */
  fargateVcpuHour: 0.03238,
  fargateGbHour: 0.00356,
  /** https://aws.amazon.com/vpc/pricing/: a public IPv4 address. */
  addressHour: 0.005,
  /** https://aws.amazon.com/s3/pricing/: Standard; PUT, COPY, POST and LIST are one class, GET and HEAD the other. DELETE is free. */
  s3Put: 0.005 / 1000,
  s3Get: 0.0004 / 1000,
  s3GbMonth: 0.023,
  /** https://aws.amazon.com/sqs/pricing/: a standard queue. */
  sqsRequest: 0.4e-6,
  /** https://aws.amazon.com/cloudwatch/pricing/ */
  logsGb: 0.5,
  metricMonth: 0.3,
  /** https://aws.amazon.com/api-gateway/pricing/: an HTTP API. */
  apiRequest: 1e-6,
  /** https://aws.amazon.com/cloudfront/pricing/: the United States and Europe. */
  cloudFrontRequest: 0.01 / 10_000,
  cloudFrontFunction: 0.1e-6,
  cloudFrontGb: 0.085,
} as const;

/** Resources that one image takes with the default thumbnails. docs/costs.md names the sources. */
export const IMAGE = {
  /** Seconds of one vCPU. */
  seconds: 0.6,
  /** Memory of the function in MB; comes with one vCPU. */
  functionMb: 1769,
  /** Memory of a worker task in GiB, with one vCPU. */
  taskGb: 2,
  /** Requests to S3; a test counts them. */
  puts: 4,
  lists: 1,
  gets: 3,
  /** SQS requests: send, receive, delete. */
  messages: 3,
  /** Bytes of log: one line of the runtime, one of metrics, three of Lambda. */
  logBytes: 1400,
  /** Metrics of a pipeline without failures: images made and render time. */
  metrics: 2,
  /** Bytes of three WebP thumbnails and a manifest. */
  storedBytes: 200_000,
} as const;

/** Bytes of a viewed thumbnail, and the share of views that miss the cache of CloudFront. */
const VIEW = { bytes: 50_000, missed: 0.1 } as const;

const COUNTS = [10_000, 100_000, 1_000_000];
const GB = 1e9;

/** Returns the cost in USD of processing images, by item. */
export function makingCosts(images: number): Readonly<Record<string, number>> {
  return {
    'Lambda: the upload function':
      images * (IMAGE.seconds * (IMAGE.functionMb / 1024) * PRICES.lambdaGbSecond + PRICES.lambdaRequest),
    'S3: requests': images * ((IMAGE.puts + IMAGE.lists) * PRICES.s3Put + IMAGE.gets * PRICES.s3Get),
    'SQS: requests': images * IMAGE.messages * PRICES.sqsRequest,
    'CloudWatch: logs': images * (IMAGE.logBytes / GB) * PRICES.logsGb,
    'CloudWatch: metrics': IMAGE.metrics * PRICES.metricMonth,
  };
}

/** Returns the compute cost in USD of the same work on busy Fargate tasks. */
export function fargateWorkCost(images: number): number {
  const hour = PRICES.fargateVcpuHour + IMAGE.taskGb * PRICES.fargateGbHour + PRICES.addressHour;
  return images * (IMAGE.seconds / 3600) * hour;
}

/** Returns the monthly cost in USD of storing the thumbnails. */
export function storageCost(images: number): number {
  return images * (IMAGE.storedBytes / GB) * PRICES.s3GbMonth;
}

/** Returns the cost in USD of a million views through CloudFront with its two functions, by item. */
export function viewCosts(): Readonly<Record<string, number>> {
  const views = 1e6;
  return {
    'CloudFront: requests and functions': views * (PRICES.cloudFrontRequest + 2 * PRICES.cloudFrontFunction),
    'CloudFront: bytes': views * (VIEW.bytes / GB) * PRICES.cloudFrontGb,
    'S3: requests for cache misses': views * VIEW.missed * PRICES.s3Get,
  };
}

const sum = (costs: Readonly<Record<string, number>>): number =>
  Object.values(costs).reduce((all, cost) => all + cost, 0);
const dollars = (cost: number): string => `$${cost.toFixed(2)}`;
const count = (number: number): string => number.toLocaleString('en-US');

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

/** Returns the tables by name. A page includes a table by the marker `<!-- costs: name -->`. */
export function costTables(): ReadonlyMap<string, string> {
  const perCount = (name: string, cost: (images: number) => number): string[] => [
    name,
    ...COUNTS.map((images) => dollars(cost(images))),
  ];
  const head = ['images a month', ...COUNTS.map(count)];
  const parts = Object.keys(makingCosts(0)).map((name) => perCount(name, (images) => makingCosts(images)[name]!));
  const views = viewCosts();
  return new Map([
    [
      'summary',
      table(head, [
        perCount('processing, three thumbnails each', (images) => sum(makingCosts(images))),
        perCount('storage for a month', storageCost),
      ]),
    ],
    ['making', table(head, [...parts, perCount('**total**', (images) => sum(makingCosts(images)))])],
    [
      'compute',
      table(head, [
        perCount('Lambda', (images) => makingCosts(images)['Lambda: the upload function']!),
        perCount('Fargate, on demand', fargateWorkCost),
      ]),
    ],
    [
      'views',
      table(
        ['a million views', ''],
        [...Object.entries(views).map(([name, cost]) => [name, dollars(cost)]), ['**total**', dollars(sum(views))]],
      ),
    ],
  ]);
}

/** Pages with tables. */
export const PAGES = ['README.md', 'docs/costs.md'];
/** Markers around a table in a page. */
export const PLACE = /(<!-- costs: (\w+) -->\n)[\s\S]*?(\n<!-- end -->)/g;

if (require.main === module) {
  const tables = costTables();
  for (const page of PAGES) {
    const path = join(__dirname, '..', page);
    const text = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      text.replace(
        PLACE,
        (_, before: string, name: string, after: string) => `${before}\n${tables.get(name)!}\n${after}`,
      ),
    );
  }
}
