import { explore, KEY, type Scenario } from './exploration';
import { API_SCENARIOS, FORWARDING_SCENARIOS, WORKER_SCENARIOS } from './scenarios';

/** Schedules per scenario. `npm run explore` runs all of them. */
const MAX_SCHEDULES = 160;

test.each(WORKER_SCENARIOS.map((scenario): [string, Scenario] => [scenario.name, scenario]))(
  '%s during concurrent work',
  async (_, scenario) => {
    const { schedules, violations } = await explore(scenario, { maxSchedules: MAX_SCHEDULES });
    expect(violations).toEqual([]);
    expect(schedules).toBeGreaterThan(100);
  },
);

test.each(FORWARDING_SCENARIOS.map((scenario): [string, Scenario] => [scenario.name, scenario]))(
  '%s while workers forward to larger workers',
  async (_, scenario) => {
    const { schedules, violations } = await explore(scenario, { maxSchedules: MAX_SCHEDULES });
    expect(violations).toEqual([]);
    expect(schedules).toBeGreaterThan(50);
  },
);

test.each(API_SCENARIOS.map((scenario): [string, Scenario] => [scenario.name, scenario]))(
  '%s, and calls are cut off',
  async (_, scenario) => {
    const { schedules, deadCalls, violations } = await explore(scenario, { maxSchedules: MAX_SCHEDULES });
    expect(violations).toEqual([]);
    expect(schedules).toBeGreaterThan(100);
    expect(deadCalls).toBeGreaterThan(10);
  },
);

test('the explorer finds the wrong sets of interrupted calls whose messages are lost', async () => {
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
