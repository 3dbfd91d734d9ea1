// Updates the cost tables and the plots in the documentation: npx ts-node -T scripts/costs/costs.ts && npm run format
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { svgOf } from '../../bench/plot';
import { COMPUTE_NAMES, computeCost, COMPUTES, type ComputeName } from '../../cost';
import { ARRIVALS, costTables } from './cost-tables';

const ROOT = join(__dirname, '../..');
/** Paths of the pages with generated tables. */
export const PAGES = ['README.md', 'docs/explanation/costs.md', 'docs/reference/compute.md'];
/** Markers around a table in a page. */
export const PLACE = /(<!-- costs: (\w+) -->\n)[\s\S]*?(\n<!-- end -->)/g;

const AT = Array.from({ length: 33 }, (_, index) => Math.round(10 ** (4 + index / 8)));

interface Line {
  readonly label: string;
  readonly compute: ComputeName;
  /** Index of the distribution of uploads in `ARRIVALS`. */
  readonly arrivals: number;
}

/** Lines of the comparison of Lambda and Fargate. */
const SERVERLESS: readonly Line[] = [
  { label: 'Lambda', compute: 'lambda', arrivals: 0 },
  { label: 'Fargate Spot, spread', compute: 'fargate-spot', arrivals: 0 },
  { label: 'Fargate, spread', compute: 'fargate', arrivals: 0 },
  { label: 'Fargate Spot, daily', compute: 'fargate-spot', arrivals: 1 },
  { label: 'Fargate, daily', compute: 'fargate', arrivals: 1 },
];
/** Lines of the comparison of all compute types, with evenly spread uploads. */
const ALL: readonly Line[] = COMPUTE_NAMES.map((compute) => ({
  label: compute === 'managed-instances' ? 'Managed Instances' : COMPUTES[compute].title,
  compute,
  arrivals: 0,
}));

/** Returns the plots of the compute cost by the number of images per month, by file. */
export function costPlots(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/explanation/costs/compute.svg', costPlot('Compute cost by images a month', SERVERLESS)],
    ['docs/explanation/costs/all-computes.svg', costPlot('Cost of all computes, uploads spread evenly', ALL)],
  ]);
}

function costPlot(title: string, lines: readonly Line[]): string {
  return svgOf({
    name: 'compute',
    title,
    unit: 'US dollars',
    lines: {
      axis: 'images a month',
      at: AT,
      ticks: [1e4, 1e5, 1e6, 1e7, 1e8],
      logarithmic: true,
      series: lines.map(({ label, compute, arrivals }) => ({
        label,
        values: AT.map((images) => computeCost({ images, arrivals: ARRIVALS[arrivals]!.arrivals }, compute)),
        ours: compute === 'lambda',
      })),
    },
  });
}

if (require.main === module) {
  const tables = costTables();
  for (const page of PAGES) {
    const path = join(ROOT, page);
    const text = readFileSync(path, 'utf8');
    writeFileSync(
      path,
      text.replace(
        PLACE,
        (_, before: string, name: string, after: string) => `${before}\n${tables.get(name)!}\n${after}`,
      ),
    );
  }
  for (const [file, svg] of costPlots()) {
    writeFileSync(join(ROOT, file), svg);
  }
}
