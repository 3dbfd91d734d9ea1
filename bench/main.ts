// Measures this project and its alternatives side by side. See docs/explanation/performance.md.
//   npm run bench                                        every part
//   npm run bench -- engine synth --json results.json    some parts, added to existing results
//   npm run bench -- report --json results.json          tables and plots of existing results
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { coldStart } from './cold-start/cold-start';
import { checkCompetitors } from './competitors';
import { engine } from './engine/engine';
import { forms } from './forms/forms';
import { goalsOf } from './goals';
import { growth } from './growth/growth';
import { memory } from './memory/memory';
import { photosOf } from './photos';
import { svgOf } from './plot';
import { machine, markdownOf, readReport, type Findings, type PartReport, type Report } from './report';
import { service } from './service/service';
import { studio } from './studio/studio';
import { synth } from './synth/synth';
import { worker } from './worker/worker';
import { inWorkspace, ROOT, type Bench } from './workspace';

/** The parts in the order in which they run. Each part takes several minutes. */
const PARTS: Readonly<Record<string, (bench: Bench) => Promise<Findings>>> = {
  engine,
  forms,
  service,
  'cold-start': coldStart,
  synth,
  growth,
  memory,
  worker,
  studio,
};
/** Name of the part that only prints existing results. */
const REPORT = 'report';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    photos: { type: 'string', default: process.env['CDK_THUMBNAILS_PHOTOS'] },
    plots: { type: 'string', default: join(ROOT, 'docs/explanation/performance') },
  },
});

async function main(): Promise<void> {
  const parts = positionals.length > 0 ? positionals : Object.keys(PARTS);
  const unknown = parts.filter((part) => part !== REPORT && !(part in PARTS));
  if (unknown.length > 0) {
    const known = [...Object.keys(PARTS), REPORT].join(', ');
    throw new Error(`unknown part: ${unknown.join(', ')}; expected any of ${known}`);
  }
  let report = readReport(values.json);
  if (parts.some((part) => part !== REPORT)) {
    checkCompetitors();
  }
  for (const part of parts) {
    const run = PARTS[part];
    if (!run) {
      continue;
    }
    report = { ...report, [part]: await measure(run) };
    if (values.json !== undefined) {
      writeFileSync(values.json, `${JSON.stringify(report, null, 2)}\n`);
    }
  }
  publish(report, parts.includes(REPORT) ? Object.keys(report) : parts);
}

async function measure(run: (bench: Bench) => Promise<Findings>): Promise<PartReport> {
  const begin = performance.now();
  const say = (line: string): void => console.error(`${((performance.now() - begin) / 1000).toFixed(0)} s  ${line}`);
  const findings = await inWorkspace(async (work) =>
    run({ work, photos: await photosOf(values.photos, work, say), say }),
  );
  const seconds = Math.round((performance.now() - begin) / 1000);
  return { ...findings, machine: machine(), finished: new Date().toISOString(), seconds };
}

/** Prints tables as Markdown and writes plots as SVG files. */
function publish(report: Report, parts: readonly string[]): void {
  for (const [part, { tables, plots, machine: where, finished, seconds }] of Object.entries(report)) {
    if (!parts.includes(part)) {
      continue;
    }
    console.log(`\n## ${part}\n\n${finished.slice(0, 10)}, ${where}; took ${seconds} s.\n`);
    console.log(tables.map(markdownOf).join('\n\n'));
    if (plots.length > 0) {
      mkdirSync(values.plots, { recursive: true });
    }
    for (const plot of plots) {
      writeFileSync(join(values.plots, `${plot.name}.svg`), svgOf(plot));
    }
  }
  console.log(`\n${markdownOf(goalsOf(report))}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
