// Updates the cost tables and the plot in the documentation: npx ts-node -T scripts/costs/costs.ts && npm run format
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { svgOf } from '../../bench/plot';
import { computeCost, type ComputeName } from '../../cost';
import { ARRIVALS, costTables } from './cost-tables';

const ROOT = join(__dirname, '../..');
/** Pages with tables. */
export const PAGES = ['README.md', 'docs/explanation/costs.md'];
/** Markers around a table in a page. */
export const PLACE = /(<!-- costs: (\w+) -->\n)[\s\S]*?(\n<!-- end -->)/g;
/** File of the plot. */
export const PLOT = 'docs/explanation/costs/compute.svg';

const SHORT = { fargate: 'Fargate', 'fargate-spot': 'Fargate Spot' } as const;

/** Draws the compute cost by the number of images per month. */
export function costPlot(): string {
  const at = Array.from({ length: 33 }, (_, index) => Math.round(10 ** (4 + index / 8)));
  const line = (name: ComputeName, index: number, ours = false) => ({
    label: name === 'lambda' ? 'Lambda' : `${SHORT[name]}, ${index === 0 ? 'spread' : 'daily'}`,
    values: at.map((images) => computeCost({ images, arrivals: ARRIVALS[index]!.arrivals }, name)),
    ours,
  });
  return svgOf({
    name: 'compute',
    title: 'Compute cost by images a month',
    unit: 'US dollars',
    lines: {
      axis: 'images a month',
      at,
      ticks: [1e4, 1e5, 1e6, 1e7, 1e8],
      logarithmic: true,
      series: [
        line('lambda', 0, true),
        line('fargate-spot', 0),
        line('fargate', 0),
        line('fargate-spot', 1),
        line('fargate', 1),
      ],
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
  writeFileSync(join(ROOT, PLOT), costPlot());
}
