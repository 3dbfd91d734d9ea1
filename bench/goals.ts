import type { Report, Table } from './report';

/** Upper or lower limit for a figure that the benchmark measures. */
interface Goal {
  readonly part: string;
  readonly title: string;
  /** Returns the measured figure of this goal. Returns undefined if its part of the benchmark has not run. */
  readonly of: (figures: Readonly<Record<string, number>>) => number | undefined;
  readonly most?: number;
  readonly least?: number;
}

const COMPETITORS = ['ipx', 'vipsthumbnail', 'imagemagick', 'graphicsmagick'];
const CASES = ['one-jpeg', 'one-webp', 'three-jpeg', 'three-webp'];

const GOALS: readonly Goal[] = [
  ...['jpeg', 'webp'].map((format) => ({
    part: 'engine',
    title: `one size as ${format}: CPU, relative to bare sharp`,
    of: inverse(`one-${format}: CPU of sharp / ours`),
    most: 1.05,
  })),
  engineGoal('three sizes as jpeg: CPU of decode-per-size', 'three-jpeg', 'decode-per-size', 1.6),
  engineGoal('three sizes as webp: CPU of decode-per-size', 'three-webp', 'decode-per-size', 1.25),
  ...COMPETITORS.map((competitor) => ({
    part: 'engine',
    title: `every case: CPU of ${competitor}, relative to ours`,
    of: (figures: Readonly<Record<string, number>>) =>
      lowest(CASES.map((name) => figures[`${name}: CPU of ${competitor} / ours`])),
    least: 1,
  })),
  serviceGoal(
    'new thumbnails, 100 parallel requests: requests/s, relative to ipx',
    'new 100: requests/s of ours / ipx',
    { least: 0.97 },
  ),
  serviceGoal(
    'new thumbnails, 100 parallel requests: requests/s, relative to Next',
    'new 100: requests/s of ours / next',
    { least: 1 },
  ),
  serviceGoal('new thumbnails, 100 parallel requests: p99, relative to ipx', 'new 100: p99 of ours / ipx', {
    most: 1.03,
  }),
  serviceGoal('new thumbnails, 100 parallel requests: p99, relative to Next', 'new 100: p99 of ours / next', {
    most: 1,
  }),
  ...['ipx', 'next'].map((competitor) =>
    serviceGoal(`three sizes at once: requests/s, relative to ${competitor}`, `page: ours / ${competitor}`, {
      least: 1.4,
    }),
  ),
  serviceGoal(
    'stored thumbnails, 100 parallel requests: requests/s, relative to Next',
    'stored 100: requests/s of ours / next',
    {
      least: 1,
    },
  ),
  serviceGoal(
    'stored thumbnails, 100 parallel requests: requests/s, relative to node:http',
    'stored 100: requests/s of ours / bare',
    {
      least: 0.7,
    },
  ),
  serviceGoal(
    'stored thumbnails, 100 parallel requests: CPU, relative to node:http',
    'stored 100: CPU of ours / bare',
    { most: 1.43 },
  ),
  {
    part: 'forms',
    title: 'stored on S3: CPU, relative to a bare GetObject',
    of: share('stored service-api: CPU ms', 'stored bare-s3: CPU ms'),
    most: 1.2,
  },
  {
    part: 'forms',
    title: 'service on S3 with SQS: images/s, relative to the engine alone',
    of: (figures) => figures['image queue: per second, relative'],
    least: 0.9,
  },
  {
    part: 'forms',
    title: 'service on S3 with SQS: CPU, relative to the engine alone',
    of: (figures) => figures['image queue: CPU, relative'],
    most: 1.11,
  },
  { part: 'service', title: 'failed requests', of: errors, most: 0 },
  { part: 'memory', title: 'largest accepted files: peak MiB', of: (figures) => figures['peak MiB'], most: 488 },
  { part: 'memory', title: 'largest accepted files: CPU s', of: (figures) => figures['CPU s'], most: 10 },
  { part: 'growth', title: 'peak memory of 12 MP, MiB', of: (figures) => figures['12 megapixels: memory'], most: 150 },
  { part: 'growth', title: 'peak memory of 50 MP, MiB', of: (figures) => figures['50 megapixels: memory'], most: 512 },
  ...['upload-function', 'api-function'].flatMap((name): Goal[] => [
    {
      part: 'cold-start',
      title: `${name}: CPU of imports, relative to sharp and the S3 client`,
      of: (figures) => figures[`${name}: imports / least imports`],
      most: 1.15,
    },
    {
      part: 'cold-start',
      title: `${name}: CPU of start and first thumbnails, relative to warm`,
      of: (figures) => figures[`${name}: first thumbnails / warm`],
      most: 1.7,
    },
  ]),
  ...[1, 10, 50].map((count) => ({
    part: 'synth',
    title: `${count} stacks: CPU, relative to L2 constructs by hand`,
    of: (figures: Readonly<Record<string, number>>) => figures[`${count}: CPU of ours / by hand`],
    most: 1.05,
  })),
];

/** Returns a table of the goals with their results. Omits the goals of parts that have not run. */
export function goalsOf(report: Report): Table {
  const rows = GOALS.flatMap(({ part, title, of, most, least }) => {
    const figures = report[part]?.figures;
    const value = figures && of(figures);
    if (value === undefined || Number.isNaN(value)) {
      return [];
    }
    const isMet = (most === undefined || value <= most) && (least === undefined || value >= least);
    const wanted = most === undefined ? `≥ ${least}` : `≤ ${most}`;
    return [[part, title, Number(value.toPrecision(3)), wanted, isMet ? 'met' : '**missed**']];
  });
  return { title: 'Goals', columns: ['part', 'figure', 'measured', 'wanted', ''], rows };
}

function engineGoal(title: string, name: string, other: string, least: number): Goal {
  return {
    part: 'engine',
    title: `${title}, relative to ours`,
    of: (figures) => figures[`${name}: CPU of ${other} / ours`],
    least,
  };
}

function serviceGoal(title: string, name: string, limit: Pick<Goal, 'most' | 'least'>): Goal {
  return { part: 'service', title, of: (figures) => figures[name], ...limit };
}

function inverse(name: string): Goal['of'] {
  return (figures) => 1 / (figures[name] ?? Number.NaN);
}

function share(ours: string, theirs: string): Goal['of'] {
  return (figures) => (figures[ours] ?? Number.NaN) / (figures[theirs] ?? Number.NaN);
}

function lowest(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 ? Math.min(...known) : undefined;
}

function errors(figures: Readonly<Record<string, number>>): number {
  return Object.entries(figures).reduce(
    (sum, [name, value]) => sum + (/: (?:ours|page) errors$/.test(name) ? value : 0),
    0,
  );
}
