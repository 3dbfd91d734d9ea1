import { fork } from 'node:child_process';
import { mkdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { ALLOCATOR_VARIABLES } from '../../runtime/contract';
import { makePhoto } from '../photos';
import { nextMessage } from '../processes';
import type { Findings, Plot, Table } from '../report';
import { fixed } from '../statistics';
import { buildRuntimeBundles, buildScript, ROOT, type Bench } from '../workspace';
import type { Growth } from './growth-process';

/** Kinds of work, with the sizes for which the benchmark measures the work. */
const KINDS = [
  {
    name: 'presets',
    title: 'Thumbnails of one photo: width 100 to 1600 pixels, fit inside, WebP',
    axis: 'thumbnails',
    sizes: [1, 2, 5, 10, 20],
  },
  {
    name: 'pixels',
    title: 'Default thumbnails by photo size',
    axis: 'megapixels',
    sizes: [1, 4, 12, 24, 50],
  },
  {
    name: 'keys',
    title: 'Comparison of two directories, all thumbnail sets current',
    axis: 'images',
    sizes: [100, 1000, 10_000, 100_000],
  },
  { name: 'batch', title: 'Upload function: time per image by batch size', axis: 'messages', sizes: [1, 2, 5, 10] },
] as const;

/**
 * Measures the growth of CPU time and memory with the number of thumbnails, pixels, keys and messages per batch. Each
 * size runs in a separate process.
 */
export async function growth({ work, photos, say }: Bench): Promise<Findings> {
  const script = await buildScript(work, join(ROOT, 'bench/growth/growth-process.ts'));
  await buildRuntimeBundles(work);
  const bySize = [...photos].sort((one, other) => statSync(one).size - statSync(other).size);
  const usual = bySize[Math.floor(bySize.length / 2)]!;
  const tables: Table[] = [];
  const plots: Plot[] = [];
  const figures: Record<string, number> = {};
  for (const { name, title, axis, sizes } of KINDS) {
    const measured: Growth[] = [];
    for (const size of sizes) {
      say(`growth: ${size} ${axis}`);
      const folder = join(work, `${name}-${size}`);
      mkdirSync(folder);
      let photo = usual;
      if (name === 'pixels') {
        await makePhoto((photo = join(folder, 'photo.jpg')), size, { seed: size });
      }
      // `batch` needs the folder `work`, because this folder contains the bundled upload function.
      const child = fork(script, [name, String(size), name === 'batch' ? work : folder, photo], {
        execArgv: [],
        env: { ...process.env, ...ALLOCATOR_VARIABLES },
      });
      const result = await nextMessage<Growth>(child, `growth by ${axis}`);
      measured.push(result);
      rmSync(folder, { recursive: true });
      for (const of of ['cpu', 'wall', 'memory'] as const) {
        figures[`${size} ${axis}: ${of}`] = result[of];
      }
    }
    tables.push({
      title,
      columns: [axis, 'CPU ms', 'CPU ms for each', 'wall ms', 'peak MiB'],
      rows: measured.map(({ cpu, wall, memory }, index) => {
        const each = name === 'batch' ? cpu : cpu / sizes[index]!;
        return [sizes[index]!, fixed(cpu, 1), fixed(each, name === 'keys' ? 3 : 1), fixed(wall, 1), fixed(memory)];
      }),
    });
    plots.push({
      name: `growth-${name}`,
      title,
      unit: 'CPU ms',
      lines: { axis, at: sizes, series: [{ label: 'CPU', values: measured.map(({ cpu }) => cpu), ours: true }] },
    });
  }
  return { tables, plots, figures };
}
