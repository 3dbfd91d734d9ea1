import {
  additions,
  API_COMPUTE_NAMES,
  API_COMPUTES,
  backfill,
  BOUNDS,
  COMPUTE_NAMES,
  computeCost,
  COMPUTES,
  crossing,
  DEFAULT_THUMBNAILS,
  DEFAULT_WORKLOAD,
  estimate,
  imageAdditions,
  imageWork,
  PRICES,
  pricesOf,
  REGIONS,
  storageGrowth,
  sumOf,
  type Arrivals,
  type ComputeName,
  type Format,
  type Price,
  type Range,
} from '../../cost';
import { computeTables, FIRST_REQUESTS } from './compute-tables';
import { ditComparisons, ditServices } from './dit-comparison';
import { ecsComparisons, vercelComparisons } from './published-examples';

/** Numbers of images per month in the tables. */
const COUNTS = [10_000, 100_000, 1_000_000, 100_000_000];
/** Views of each image in the table of all items. */
const VIEWS_PER_IMAGE = 10;

/** Distributions of uploads in the tables. */
export const ARRIVALS: readonly { readonly title: string; readonly arrivals: Arrivals }[] = [
  { title: 'spread evenly', arrivals: { kind: 'spread' } },
  { title: 'one batch a day', arrivals: { kind: 'batches', perMonth: 30 } },
];

/** Compute types whose cost does not depend on the distribution of the uploads. */
const ANY_ARRIVALS: readonly ComputeName[] = ['lambda', 'managed-instances'];
/** Compute types that the table of APIs omits, because their APIs cost the same as those of other compute types. */
const SAME_API: readonly string[] = ['hybrid', 'fargate-spot'];

/** Formats US dollars. */
export function dollars(usd: number): string {
  const digits = usd >= 1000 ? 0 : 2;
  return `$${usd.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}

const count = (value: number): string => value.toLocaleString('en-US');
/** Returns column headers such as `10,000 images a month`. */
const monthly = (unit: string, counts: readonly number[] = COUNTS): string[] =>
  counts.map((value) => `${count(value)} ${unit} a month`);
const rangeOf = ({ low, expected, high }: Range, format: (value: number) => string): string =>
  `${format(expected)} (${format(low)} to ${format(high)})`;

/** Rows of a table; the first row is its header. */
type Rows = readonly (readonly string[])[];

function table([head = [], ...rows]: Rows): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

/** Returns the tables by name. A page includes a table by the marker `<!-- costs: name -->`. */
export function costTables(): ReadonlyMap<string, string> {
  const tables: Readonly<Record<string, () => Rows>> = {
    summary,
    compute,
    crossings,
    apis,
    items,
    work,
    views,
    storage,
    backfills,
    additions: additionRows,
    perImage,
    dit,
    services,
    ecs,
    vercel,
    prices,
  };
  return new Map([
    ...Object.entries(tables).map(([name, rows]): [string, string] => [name, table(rows())]),
    ...computeTables(dollars),
  ]);
}

function summary(): Rows {
  const at = (images: number) => estimate({ images }, { compute: 'lambda', api: 'none' });
  const row = (name: string, ...categories: Parameters<typeof sumOf>[1][]): string[] => [
    name,
    ...COUNTS.map((images) => dollars(sumOf(at(images).lines, ...categories).expected)),
  ];
  return [
    ['monthly cost', ...monthly('images')],
    row('compute', 'compute'),
    row('S3 requests, messages, logs and metrics', 'processing'),
    row('storage of a month of thumbnails', 'storage'),
  ];
}

function compute(): Rows {
  return [
    ['compute and arrival of the uploads', ...monthly('images')],
    ...COMPUTE_NAMES.flatMap((name) =>
      (ANY_ARRIVALS.includes(name) ? ARRIVALS.slice(0, 1) : ARRIVALS).map(({ title, arrivals }) => [
        ANY_ARRIVALS.includes(name) ? COMPUTES[name].title : `${COMPUTES[name].title}, ${title}`,
        ...COUNTS.map((images) => dollars(computeCost({ images, arrivals }, name))),
      ]),
    ),
  ];
}

function crossings(): Rows {
  // Omits the compute type `hybrid`, because its cost includes images that are too large for Lambda.
  const others = COMPUTE_NAMES.filter((name) => name !== 'lambda' && name !== 'hybrid');
  return [
    ['compute', ...ARRIVALS.map(({ title }) => `images a month, ${title}`)],
    ...others.map((later) => [
      COMPUTES[later].title,
      ...ARRIVALS.map(({ arrivals }) => {
        const [most, expected, least] = BOUNDS.map((bound) => crossing({ arrivals }, 'lambda', later, bound));
        const from = (images: number | undefined): string => (images === undefined ? 'never' : count(images));
        return most === expected && expected === least
          ? from(expected)
          : `${from(expected)} (${from(least)} to ${from(most)})`;
      }),
    ]),
  ];
}

function apis(): Rows {
  const counts = [10_000, 1_000_000, 100_000_000];
  return [
    ['compute of the API', ...monthly('requests', counts)],
    ...API_COMPUTE_NAMES.filter((name) => !SAME_API.includes(name)).map((api) => [
      API_COMPUTES[api].title.replace(' on demand', ''),
      ...counts.map((views) => {
        const { lines } = estimate(
          { images: 0, views, firstViews: FIRST_REQUESTS, cacheHitRatio: 0, cloudFront: false },
          { compute: 'lambda', api },
        );
        const shared = API_COMPUTES[api].shared?.(pricesOf('us-east-1')) ?? [];
        return dollars(shared.reduce((sum, { usd }) => sum + usd, sumOf(lines, 'api').expected));
      }),
    ]),
  ];
}

function items(): Rows {
  const counts = [10_000, 1_000_000, 100_000_000];
  const estimates = counts.map((images) =>
    estimate({ images, views: images * VIEWS_PER_IMAGE, firstViews: 0 }, { compute: 'lambda' }),
  );
  return [
    ['service and item', ...monthly('images', counts), 'calculation for 1,000,000 images'],
    ...estimates[1]!.lines.map(({ service, item, explanation }, index) => [
      `${service}: ${item}`,
      ...estimates.map(({ lines }) => dollars(lines[index]!.usd.expected)),
      explanation,
    ]),
    ['**total**', ...estimates.map(({ total }) => dollars(total.expected)), 'sum of all items'],
    ['range', ...estimates.map(({ total: { low, high } }) => `${dollars(low)} to ${dollars(high)}`), 'CPU time'],
  ];
}

function work(): Rows {
  const { originals } = DEFAULT_WORKLOAD;
  const inFormat = (type: Format) => DEFAULT_THUMBNAILS.map((size) => ({ ...size, formats: [{ type }] }));
  const one = (type: Format) => [{ width: 640, height: 640, formats: [{ type }] }];
  const cases = [
    ['200, 320 × 320 and 1600, WebP (default)', DEFAULT_THUMBNAILS],
    ['200, 320 × 320 and 1600, JPEG', inFormat('jpeg')],
    ['200, 320 × 320 and 1600, AVIF', inFormat('avif')],
    ['640, WebP', one('webp')],
    ['640, JPEG', one('jpeg')],
    ['640, AVIF', one('avif')],
  ] as const;
  return [
    [
      'thumbnails',
      'CPU seconds per image',
      'stored kB per image',
      'Lambda, per million images',
      'S3 requests, per million images',
    ],
    ...cases.map(([title, thumbnails]) => {
      const { cpuSeconds, storedBytes } = imageWork(thumbnails, originals);
      const { lines } = estimate({ images: 1e6, thumbnails }, { compute: 'lambda', api: 'none' });
      return [
        title,
        rangeOf(cpuSeconds, (seconds) => seconds.toFixed(2)),
        (storedBytes / 1000).toFixed(0),
        rangeOf(sumOf(lines.filter(({ service }) => service === 'Lambda')), dollars),
        dollars(sumOf(lines.filter(({ item }) => item === 'requests of the runtime')).expected),
      ];
    }),
  ];
}

function views(): Rows {
  const columns = [
    estimate({ images: 0, views: 1e6 }, { compute: 'lambda' }),
    estimate({ images: 0, views: 1e6, firstViews: 0.05 }, { compute: 'lambda' }),
    estimate({ images: 0, views: 1e6, cloudFront: false }, { compute: 'lambda' }),
  ];
  const categories = [
    ['CloudFront', ['CloudFront']],
    ['HTTP API and API function', ['API Gateway']],
    ['S3: requests and bytes', ['S3']],
  ] as const;
  const apiFunction = (lines: (typeof columns)[number]['lines']) =>
    lines.filter(({ category, service }) => category === 'api' && service === 'Lambda');
  const costs = columns.map(({ lines }) =>
    categories.map(([, [service]]) => {
      const own = lines.filter((line) => line.service === service && line.category !== 'storage');
      return sumOf(service === 'API Gateway' ? [...own, ...apiFunction(lines)] : own).expected;
    }),
  );
  return [
    ['cost of a million views', 'with CloudFront', 'with CloudFront and 5 % first views', 'without CloudFront'],
    ...categories.map(([title], index) => [title, ...costs.map((column) => dollars(column[index]!))]),
    ['**total**', ...costs.map((column) => dollars(column.reduce((sum, cost) => sum + cost, 0)))],
  ];
}

function storage(): Rows {
  const months = [1, 12, 36];
  return [
    ['images', ...months.map((month) => (month === 1 ? 'after 1 month' : `after ${month} months`))],
    ...[10_000, 1_000_000, 100_000_000].map((images) => [
      `${count(images)} images a month`,
      ...storageGrowth({ images }, months).map(({ gb, usd }) => `${count(Math.round(gb))} GB, ${dollars(usd)}`),
    ]),
  ];
}

function backfills(): Rows {
  const hours = (value: number): string => (value < 10 ? value.toFixed(1) : count(Math.round(value)));
  return [
    ['existing images', 'cost on Lambda', 'hours with 1,000 functions', 'cost on Fargate Spot', 'hours with 100 tasks'],
    ...[1e6, 10e6, 100e6].map((images) => {
      const [functions, tasks] = [backfill(images, 'lambda', 1000), backfill(images, 'fargate-spot', 100)];
      return [
        count(images),
        rangeOf(functions.usd, dollars),
        rangeOf(functions.hours, hours),
        rangeOf(tasks.usd, dollars),
        rangeOf(tasks.hours, hours),
      ];
    }),
  ];
}

function additionRows(): Rows {
  const columns = COUNTS.map((images) => additions(images));
  return [
    ['option', ...monthly('images')],
    ...columns[0]!.map(({ option }, index) => [
      `\`${option}\``,
      ...columns.map((column) => dollars(column[index]!.usd)),
    ]),
  ];
}

function perImage(): Rows {
  const imagesUsd = sumOf(
    estimate({ images: 1000 }, { compute: 'lambda', api: 'none' }).lines,
    'compute',
    'processing',
  );
  const metrics = estimate({ images: 0 }, { compute: 'lambda', api: 'none' }).lines;
  const base = imagesUsd.expected - sumOf(metrics, 'compute', 'processing').expected;
  const perThousand = (usd: number): string => `$${usd.toFixed(4)}`;
  return [
    ['option', 'added per image', 'cost per 1,000 images', 'added cost relative to the first row'],
    ['no options, on Lambda', 'rendering, requests, messages and logs', perThousand(base), '–'],
    ...imageAdditions().map(({ option, requests, usd }) => [
      `\`${option}\``,
      requests,
      perThousand(1000 * usd),
      `${((100 * 1000 * usd) / base).toLocaleString('en-US', { maximumFractionDigits: 0 })} %`,
    ]),
  ];
}

function dit(): Rows {
  const comparisons = ditComparisons();
  const row = (title: string, value: (comparison: (typeof comparisons)[number]) => string): string[] => [
    title,
    ...comparisons.map(value),
  ];
  return [
    row('product and case', ({ views }) => `${views / 1e6} million images served a month`),
    row('DIT, published: API Gateway and Lambda', ({ published }) => dollars(published)),
    row('DIT, as deployed: REST API and 1,024 MB', ({ deployed }) => dollars(deployed)),
    row('**cdk-thumbnails**, typical case', ({ ours }) => rangeOf(ours, dollars)),
    row(
      'cdk-thumbnails (typical case), relative to DIT (published)',
      ({ ours, published }) => `${((100 * ours.expected) / published).toFixed(0)} %`,
    ),
    row('cdk-thumbnails, worst case', ({ oursAllNew }) => rangeOf(oursAllNew, dollars)),
    row(
      'cdk-thumbnails (worst case), relative to DIT (as deployed)',
      ({ oursAllNew, deployed }) => `${((100 * oursAllNew.expected) / deployed).toFixed(0)} %`,
    ),
    row('DIT, published, without CloudFront', ({ withoutCloudFront }) => dollars(withoutCloudFront.published)),
    row('cdk-thumbnails, without CloudFront', ({ withoutCloudFront }) => dollars(withoutCloudFront.ours)),
  ];
}

function services(): Rows {
  const rows = ditServices();
  const cells = (costs: (typeof rows)[number]['costs']): string[] =>
    costs.flatMap(({ published, ours }) => [dollars(published), dollars(ours)]);
  const total = rows[0]!.costs.map((_, index) => ({
    published: rows.reduce((sum, { costs }) => sum + costs[index]!.published, 0),
    ours: rows.reduce((sum, { costs }) => sum + costs[index]!.ours, 0),
  }));
  const views = ditComparisons().flatMap((comparison) => {
    const million = `${comparison.views / 1e6} million images`;
    return [`${million}: DIT`, `${million}: cdk-thumbnails`];
  });
  return [
    ['service', ...views],
    ...rows.map(({ service, costs }) => [service, ...cells(costs)]),
    ['**all, without CloudFront**', ...cells(total)],
  ];
}

function ecs(): Rows {
  const comparisons = ecsComparisons();
  const row = (title: string, value: (comparison: (typeof comparisons)[number]) => string): string[] => [
    title,
    ...comparisons.map(value),
  ];
  const relative = (cost: number, published: number): string =>
    `${dollars(cost)} (${((100 * cost) / published).toFixed(0)} %)`;
  return [
    row('product and case', ({ views }) => `${views / 1e6} million images served a month`),
    row('DIT, published: ECS and load balancer', ({ published }) => dollars(published)),
    row('**cdk-thumbnails** on Lambda, typical case', ({ lambda, published }) => relative(lambda, published)),
    row('**cdk-thumbnails** on Lambda, worst case', ({ lambdaAllNew, published }) => relative(lambdaAllNew, published)),
    row('**cdk-thumbnails**, workers on Fargate and API on Lambda', ({ fargateWorkers, published }) =>
      relative(fargateWorkers, published),
    ),
    row('**cdk-thumbnails**, workers and API on Fargate', ({ fargate, published }) => relative(fargate, published)),
  ];
}

function vercel(): Rows {
  const comparisons = vercelComparisons();
  const row = (title: string, value: (comparison: (typeof comparisons)[number]) => string): string[] => [
    title,
    ...comparisons.map(value),
  ];
  return [
    row('product and items', ({ transformations }) => `${count(Math.round(transformations))} new thumbnails a month`),
    row('Vercel, published: transformations and cache writes', ({ published }) => dollars(published)),
    row('**cdk-thumbnails**, compute and API', ({ compute }) => dollars(compute)),
    row('cdk-thumbnails, without CloudFront', ({ withoutCloudFront }) => dollars(withoutCloudFront)),
  ];
}

/** Price in US dollars below which the table shows the price of a million units. */
const PER_MILLION = 1e-4;

function prices(): Rows {
  return [
    ['price', 'US dollars', 'Region', 'month of the price', 'source'],
    ...REGIONS.flatMap((region) =>
      Object.entries<Price>(PRICES[region]).map(([name, { usd, source, date }]) => [
        `\`${name}\``,
        usd < PER_MILLION ? `${Number((usd * 1e6).toPrecision(6))} per million` : String(usd),
        region,
        date,
        `[${new URL(source).hostname.split('.')[0] === 'pricing' ? 'price list' : 'price page'}](${source})`,
      ]),
    ),
  ];
}
