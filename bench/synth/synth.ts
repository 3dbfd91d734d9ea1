import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Findings } from '../report';
import { fixed, median, times } from '../statistics';
import { buildScript, ROOT, type Bench } from '../workspace';
import { synthComputes } from './computes';
import type { Synthesis } from './synth-process';

const COUNTS = [1, 10, 50];
const ROUNDS = 5;
const KINDS = ['pipeline', 'by-hand'] as const;
const LIBRARY = join(ROOT, 'dist/lib/index.js');
const RUNTIME = join(ROOT, 'dist/assets/arm64');

/**
 * Compares the synthesis time of pipelines with the synthesis time of equal resources from L2 constructs. Each synthesis
 * runs in a separate process.
 */
export async function synth({ work, photos, say }: Bench): Promise<Findings> {
  if (!existsSync(LIBRARY)) {
    throw new Error(`${LIBRARY} is missing: run npm run build`);
  }
  const script = await buildScript(work, join(ROOT, 'bench/synth/synth-process.ts'), ['aws-cdk-lib', 'constructs']);
  const rows: string[][] = [];
  const figures: Record<string, number> = {};
  for (const count of COUNTS) {
    const runs = { pipeline: [] as Synthesis[], 'by-hand': [] as Synthesis[] };
    for (let round = 0; round < ROUNDS; round++) {
      say(`synth: ${count}, round ${round + 1} of ${ROUNDS}`);
      for (const kind of round % 2 === 0 ? KINDS : [...KINDS].reverse()) {
        const child = fork(script, [kind, String(count), LIBRARY, RUNTIME], { execArgv: [] });
        const [result] = (await once(child, 'message')) as [Synthesis];
        runs[kind].push(result);
      }
    }
    const ratio = (of: 'cpu' | 'wall'): number =>
      median(runs.pipeline.map((run, index) => run[of] / runs['by-hand'][index]![of]));
    for (const kind of KINDS) {
      const middle = (of: keyof Synthesis): number => median(runs[kind].map((run) => run[of]));
      rows.push([
        String(count),
        kind === 'pipeline' ? 'ThumbnailPipeline' : 'by hand',
        fixed(middle('resources')),
        fixed(middle('cpu')),
        fixed(middle('wall')),
        kind === 'pipeline' ? times(ratio('cpu')) : times(1),
        fixed(middle('imports')),
      ]);
    }
    figures[`${count}: CPU of ours / by hand`] = ratio('cpu');
    figures[`${count}: wall of ours / by hand`] = ratio('wall');
  }
  const computes = await synthComputes({ work, photos, say }, LIBRARY);
  return {
    tables: [
      {
        title: 'Synthesis',
        note:
          'Times are from `new App()` to the written assembly, in a new process with one stack for each pipeline. Each ratio ' +
          'is the median over all rounds. Times exclude imports; the last column shows the import of this library.',
        columns: [
          'stacks',
          'constructs',
          'resources each',
          'CPU ms',
          'wall ms',
          'CPU, relative to by hand',
          'import, CPU ms',
        ],
        rows,
      },
      computes.table,
    ],
    plots: [
      {
        name: 'synth',
        title: 'Synthesis',
        unit: 'CPU ms',
        lines: {
          axis: 'stacks',
          at: COUNTS,
          series: KINDS.map((kind) => ({
            label: kind === 'pipeline' ? 'ThumbnailPipeline' : 'by hand',
            values: rows
              .filter(([, what]) => (what === 'by hand') === (kind === 'by-hand'))
              .map((row) => Number(row[3])),
            ours: kind === 'pipeline',
          })),
        },
      },
    ],
    figures: { ...figures, ...computes.figures },
  };
}
