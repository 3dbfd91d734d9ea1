// npm run explore -- [--count 1000] [--seed 1] [--scenario TEXT]
import { parseArgs } from 'node:util';
import { explore } from './exploration';
import { ANALYSIS_SCENARIOS, API_SCENARIOS, FORWARDING_SCENARIOS, WORKER_SCENARIOS } from './scenarios';

const { values } = parseArgs({
  options: {
    /** Maximum number of schedules per scenario; all by default. */
    count: { type: 'string' },
    seed: { type: 'string', default: '1' },
    /** Part of the name of the scenarios to run. */
    scenario: { type: 'string', default: '' },
  },
});

function integerOf(name: string, text: string): number {
  if (!/^\d{1,9}$/.test(text)) {
    throw new Error(`--${name}: received ${text}; expected an integer from 0 to 999,999,999`);
  }
  return Number(text);
}

async function main(): Promise<void> {
  const limits = {
    seed: integerOf('seed', values.seed),
    ...(values.count !== undefined && { maxSchedules: integerOf('count', values.count) }),
  };
  const scenarios = [...WORKER_SCENARIOS, ...API_SCENARIOS, ...FORWARDING_SCENARIOS, ...ANALYSIS_SCENARIOS].filter(
    ({ name }) => name.includes(values.scenario),
  );
  let schedules = 0;
  let deadCalls = 0;
  let violations = 0;
  for (const scenario of scenarios) {
    const result = await explore(scenario, limits);
    schedules += result.schedules;
    deadCalls += result.deadCalls;
    violations += result.violations.length;
    process.stdout.write(`${result.schedules} schedules, ${result.violations.length} violations: ${scenario.name}\n`);
    result.violations.forEach((violation) => process.stdout.write(`  ${violation}\n`));
  }
  process.stdout.write(
    `${schedules} schedules of ${scenarios.length} scenarios, ${deadCalls} with calls that were cut off, ${violations} violations\n`,
  );
  process.exitCode = violations > 0 ? 1 : 0;
}

void main();
