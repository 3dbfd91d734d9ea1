import { fork } from 'node:child_process';
import { join } from 'node:path';
import { nextMessage } from '../processes';
import type { Table } from '../report';
import { fixed, median, times } from '../statistics';
import { buildScript, ROOT, type Bench } from '../workspace';
import type { ComputeSynthesis } from './computes-process';

const ROUNDS = 5;
/** Maximum size of a template in bytes: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html */
const MAX_TEMPLATE_BYTES = 1_000_000;

/** Measures the synthesis time and the template size of one pipeline for each compute type. */
export async function synthComputes(
  { work, say }: Bench,
  library: string,
): Promise<{ readonly table: Table; readonly figures: Readonly<Record<string, number>> }> {
  const script = await buildScript(work, join(ROOT, 'bench/synth/computes-process.ts'), ['aws-cdk-lib', 'constructs']);
  const run = async <T>(name: string): Promise<T> => {
    const child = fork(script, [name, library], { execArgv: [], stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    return nextMessage<T>(child, name);
  };
  const names = await run<string[]>('names');
  const runs = new Map<string, ComputeSynthesis[]>(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    say(`synth: computes, round ${round + 1} of ${ROUNDS}`);
    for (const [name, list] of runs) {
      list.push(await run<ComputeSynthesis>(name));
    }
  }
  const base = runs.get('lambda')!;
  const figures: Record<string, number> = {};
  const rows = [...runs].map(([name, list]) => {
    const { resources, bytes } = list[0]!;
    const ratio = median(list.map(({ cpu }, index) => cpu / base[index]!.cpu));
    figures[`${name}: resources`] = resources;
    figures[`${name}: template bytes`] = bytes;
    figures[`${name}: CPU / lambda`] = ratio;
    return [
      name,
      resources,
      fixed(bytes / 1000, 1),
      `${fixed((100 * bytes) / MAX_TEMPLATE_BYTES, 1)} %`,
      fixed(median(list.map(({ cpu }) => cpu))),
      times(ratio),
    ];
  });
  return {
    table: {
      title: 'Synthesis of each compute',
      note:
        'A new process synthesizes one pipeline with the default props. Only Fargate creates a VPC; the other computes ' +
        'import their VPC and cluster. Each ratio is the median over all rounds.',
      columns: [
        'compute',
        'resources',
        'template, kB',
        'share of the limit of 1 MB',
        'CPU ms',
        'CPU, relative to lambda',
      ],
      rows,
    },
    figures,
  };
}
