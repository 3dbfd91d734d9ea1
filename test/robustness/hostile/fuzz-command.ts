// npm run fuzz -- [--count 10000] [--seed 1] [--first 0] [--out DIR] [--json]
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EXPENSIVE_MS, fuzz, type FuzzReport } from './fuzz';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '10000' },
    seed: { type: 'string', default: '1' },
    first: { type: 'string', default: '0' },
    out: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});
const [count, seed, first] = (['count', 'seed', 'first'] as const).map((name) => {
  const text = values[name];
  if (!/^\d{1,9}$/.test(text)) {
    throw new Error(`--${name}: received ${text}; expected an integer from 0 to 999,999,999`);
  }
  return Number(text);
});
const failures = values.out ?? join(tmpdir(), 'cdk-thumbnails-fuzz');

function lines(report: FuzzReport): string {
  const { tried, rendered, warned, rejected, cpuMs, slowest, expensive, largest } = report;
  const codes = Object.entries(rejected).sort(([, one], [, other]) => other - one);
  return [
    `${tried} images from the seed ${report.seed}: ${rendered} rendered, of which ${warned} have warnings`,
    ...codes.map(([code, number]) => `  ${number} ${code}`),
    `CPU: ${(cpuMs / 1000).toFixed(1)} s, on average ${Math.round(cpuMs / Math.max(1, tried))} ms`,
    `most CPU: ${slowest.cpuMs} ms, number ${slowest.index} (${slowest.name})`,
    `more than ${EXPENSIVE_MS / 1000} s of CPU: ${expensive.length} images`,
    ...expensive.map((image) => `  ${image.cpuMs} ms, number ${image.index} (${image.name})`),
    `most memory: ${Math.round(largest.peak / 2 ** 20)} MiB, number ${largest.index} (${largest.name})`,
    ...report.failures.map(
      ({ index, name, message, file }) => `FAILED: number ${index} (${name}), stored in ${file}\n  ${message}`,
    ),
    `${report.failures.length} failures${report.failures.length > 0 ? `; again: --seed ${report.seed} --first N --count 1` : ''}`,
  ].join('\n');
}

void fuzz({
  count: count ?? 0,
  seed: seed ?? 0,
  first: first ?? 0,
  failures,
  onImage: (done) => {
    if (process.stderr.isTTY && done % 50 === 0) {
      process.stderr.write(`\r${done} of ${count}`);
    }
  },
}).then((report) => {
  process.stdout.write(`${values.json ? JSON.stringify(report) : lines(report)}\n`);
  process.exitCode = report.failures.length > 0 ? 1 : 0;
});
