// npx ts-node -T scripts/costs.ts && npm run format: writes the tables of docs/costs.md and README.md anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** List prices of us-east-1 in US dollars, as known in November 2026. Free tiers and discounts are left out. */
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

/** What one image takes, with the default thumbnails. Where it comes from stands in docs/costs.md. */
export const IMAGE = {
  /** Seconds of a whole vCPU. */
  seconds: 0.6,
  /** MB of the function: a whole vCPU. */
  functionMb: 1769,
  /** GiB of the workers' tasks, of one vCPU. */
  taskGb: 2,
  /** Requests of the program to S3; a test counts them. */
  puts: 4,
  lists: 1,
  gets: 3,
  /** To send, to receive, to delete. */
  messages: 3,
  /** Bytes in the log: a line of the program, one of metrics, three of Lambda. */
  logBytes: 1400,
  /** Metrics that a pipeline without failures writes: images made, and how long they took. */
  metrics: 2,
  /** Bytes of three WebP and a manifest. */
  storedBytes: 200_000,
} as const;

/** Bytes of one thumbnail as it is looked at, and the part of looks that CloudFront does not have: it asks S3. */
export const LOOK = { bytes: 50_000, missed: 0.1 } as const;

const COUNTS = [10_000, 100_000, 1_000_000];
const GB = 1e9;

/** What is paid for making so many images, by what it is paid for. */
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

/** The same work by Fargate's workers, while there are images to make. */
export function fargateWorkCost(images: number): number {
  const hour = PRICES.fargateVcpuHour + IMAGE.taskGb * PRICES.fargateGbHour + PRICES.addressHour;
  return images * (IMAGE.seconds / 3600) * hour;
}

/** A month's storage of the thumbnails of so many images. */
export function storageCost(images: number): number {
  return images * (IMAGE.storedBytes / GB) * PRICES.s3GbMonth;
}

/** A million looks at thumbnails by CloudFront, where one function sees each request and another one each answer. */
export function lookCosts(): Readonly<Record<string, number>> {
  const looks = 1e6;
  return {
    'CloudFront: requests and functions': looks * (PRICES.cloudFrontRequest + 2 * PRICES.cloudFrontFunction),
    'CloudFront: bytes': looks * (LOOK.bytes / GB) * PRICES.cloudFrontGb,
    'S3: requests for what is not cached': looks * LOOK.missed * PRICES.s3Get,
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

/** The tables by their names, as `<!-- costs: name -->` asks for them. */
export function costTables(): ReadonlyMap<string, string> {
  const perCount = (name: string, cost: (images: number) => number): string[] => [
    name,
    ...COUNTS.map((images) => dollars(cost(images))),
  ];
  const head = ['images a month', ...COUNTS.map(count)];
  const parts = Object.keys(makingCosts(0)).map((name) => perCount(name, (images) => makingCosts(images)[name]!));
  const looks = lookCosts();
  return new Map([
    [
      'summary',
      table(head, [
        perCount('making three thumbnails of each', (images) => sum(makingCosts(images))),
        perCount('keeping them for a month', storageCost),
      ]),
    ],
    ['making', table(head, [...parts, perCount('**together**', (images) => sum(makingCosts(images)))])],
    [
      'compute',
      table(head, [
        perCount('Lambda', (images) => makingCosts(images)['Lambda: the upload function']!),
        perCount('Fargate, on demand', fargateWorkCost),
      ]),
    ],
    [
      'looks',
      table(
        ['a million looks', ''],
        [...Object.entries(looks).map(([name, cost]) => [name, dollars(cost)]), ['**together**', dollars(sum(looks))]],
      ),
    ],
  ]);
}

/** Where tables stand. */
export const PAGES = ['README.md', 'docs/costs.md'];
/** The place of a table in a page. */
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
