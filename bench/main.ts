// Measures this project beside what could be used in its place. See docs/performance.md.
//   npm run bench                                        every part
//   npm run bench -- engine synth --json results.json    some parts, added to the results of others
//   npm run bench -- report --json results.json          the tables and plots of results that are there
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { coldStart } from './cold-start/cold-start';
import { checkPeers } from './competitors';
import { engine } from './engine/engine';
import { goalsOf } from './goals';
import { growth } from './growth/growth';
import { photosOf } from './photos';
import { svgOf } from './plot';
import { machine, markdownOf, readReport, type Findings, type PartReport, type Report } from './report';
import { service } from './service/service';
import { synth } from './synth/synth';
import { worker } from './worker/worker';
import { inWorkshop, ROOT, type Bench } from './workspace';

/** The parts, in the order in which they run; each takes some minutes. */
const PARTS: Readonly<Record<string, (bench: Bench) => Promise<Findings>>> = {
  engine,
  service,
  'cold-start': coldStart,
  synth,
  growth,
  worker,
};
/** Names of the part that measures nothing. */
const REPORT = 'report';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    photos: { type: 'string', default: process.env['CDK_THUMBNAILS_PHOTOS'] },
    plots: { type: 'string', default: join(ROOT, 'docs/performance') },
  },
});

async function main(): Promise<void> {
  const parts = positionals.length > 0 ? positionals : Object.keys(PARTS);
  const unknown = parts.filter((part) => part !== REPORT && !(part in PARTS));
  if (unknown.length > 0) {
    const known = [...Object.keys(PARTS), REPORT].join(', ');
    throw new Error(`there is no part ${unknown.join(', ')} of the bench; there are ${known}`);
  }
  let report = readReport(values.json);
  if (parts.some((part) => part !== REPORT)) {
    checkPeers();
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
  const findings = await inWorkshop(async (work) => run({ work, photos: await photosOf(values.photos, work), say }));
  const seconds = Math.round((performance.now() - begin) / 1000);
  return { ...findings, machine: machine(), finished: new Date().toISOString(), seconds };
}

/** Tables as Markdown to the standard output, plots as SVG into their folder. */
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
