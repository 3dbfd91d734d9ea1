import { explore, KEY, type Scenario } from './exploration';
import { ANALYSIS_SCENARIOS, API_SCENARIOS, FORWARDING_SCENARIOS, WORKER_SCENARIOS } from './scenarios';

/** Maximum number of schedules per scenario. `npm run explore` runs all schedules. */
const MAX_SCHEDULES = 160;

test.each(WORKER_SCENARIOS.map((scenario): [string, Scenario] => [scenario.name, scenario]))(
  'a thumbnail set matches its source during concurrent work: %s',
  async (_, scenario) => {
    const { schedules, violations } = await explore(scenario, { maxSchedules: MAX_SCHEDULES });
    expect(violations).toEqual([]);
    expect(schedules).toBeGreaterThan(100);
  },
);

test.each(FORWARDING_SCENARIOS.map((scenario): [string, Scenario] => [scenario.name, scenario]))(
  'a thumbnail set matches its source while workers forward images to larger workers: %s',
  async (_, scenario) => {
    const { schedules, violations } = await explore(scenario, { maxSchedules: MAX_SCHEDULES });
    expect(violations).toEqual([]);
    expect(schedules).toBeGreaterThan(50);
  },
);

test.each(ANALYSIS_SCENARIOS.map((scenario): [string, Scenario] => [scenario.name, scenario]))(
  'a thumbnail set matches its source and the result of the analysis: %s',
  async (_, scenario) => {
    const { schedules, violations } = await explore(scenario, { maxSchedules: MAX_SCHEDULES });
    expect(violations).toEqual([]);
    expect(schedules).toBeGreaterThan(50);
  },
);

test.each(API_SCENARIOS.map((scenario): [string, Scenario] => [scenario.name, scenario]))(
  'a thumbnail set matches its source if API calls are interrupted: %s',
  async (_, scenario) => {
    const { schedules, deadCalls, violations } = await explore(scenario, { maxSchedules: MAX_SCHEDULES });
    expect(violations).toEqual([]);
    expect(schedules).toBeGreaterThan(100);
    expect(deadCalls).toBeGreaterThan(10);
  },
);

test('the explorer finds incorrect thumbnail sets if interrupted API calls lose their messages', async () => {
  const scenario: Scenario = {
    name: 'a source is rendered on demand and removed, without messages',
    before: { body: 'v1' },
    made: false,
    hint: false,
    changes: [undefined],
    apiCalls: [{ operation: 'render', key: KEY }],
    losesMessages: true,
    interruptions: 3,
  };
  expect((await explore(scenario, { maxSchedules: 600 })).violations.length).toBeGreaterThan(0);
});
