import type { Report, Table } from './report';

/** A limit for a measured figure. */
interface Goal {
  readonly part: string;
  readonly title: string;
  /** Returns the figure; undefined if that part of the benchmark has not run. */
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
  ...['new', 'stored'].flatMap((kind) =>
    ['ipx', 'next'].flatMap((competitor): Goal[] => [
      {
        part: 'service',
        title: `${kind} at 100 parallel: requests/s, relative to ${competitor}`,
        of: share(`${kind} 100: ours requests/s`, `${kind} 100: ${competitor} requests/s`),
        least: 1,
      },
      {
        part: 'service',
        title: `${kind} at 100 parallel: p99, relative to ${competitor}`,
        of: share(`${kind} 100: ours p99`, `${kind} 100: ${competitor} p99`),
        most: 1,
      },
    ]),
  ),
  { part: 'service', title: 'errors', of: errors, most: 0 },
  { part: 'growth', title: 'peak memory of 12 MP, MiB', of: (figures) => figures['12 megapixels: memory'], most: 150 },
  { part: 'growth', title: 'peak memory of 50 MP, MiB', of: (figures) => figures['50 megapixels: memory'], most: 512 },
  ...['upload-function', 'api-function'].map((name) => ({
    part: 'cold-start',
    title: `${name}: CPU ms of imports`,
    of: (figures: Readonly<Record<string, number>>) => figures[`${name}: imports, CPU ms`],
    most: 150,
  })),
  ...[1, 10, 50].map((count) => ({
    part: 'synth',
    title: `${count} stacks: CPU, relative to L2 constructs by hand`,
    of: (figures: Readonly<Record<string, number>>) => figures[`${count}: CPU of ours / by hand`],
    most: 1.15,
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
  return Object.entries(figures).reduce((sum, [name, value]) => sum + (name.endsWith(': ours errors') ? value : 0), 0);
}
