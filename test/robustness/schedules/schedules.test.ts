import { settingsWith, thumbnail } from '../../unit/pipeline/fakes';
import { uninterrupted, type Choice } from './interleaver';
import { storedSet, USER, wantedSet, World, type Source } from './simulation';

const KEY = 'cat.jpg';
const SETTINGS = settingsWith({ thumbnails: [thumbnail('small', 100, 'webp'), thumbnail('large', 400, 'webp')] });

/** A source, whether its set is made, and what happens to it while a worker has a hint of it. */
interface Scenario {
  readonly before: Source | undefined;
  /** The set of `before` is there. */
  readonly made: boolean;
  readonly changes: readonly (Source | undefined)[];
  /** Interruptions in one run: a task takes the turn of another that could have gone on, or a worker dies. */
  readonly interruptions: number;
}

/** Where a run leaves the usual order: at a step, a task gets the turn, or ({@link DEATH}) the worker whose turn it is dies. */
interface Interruption {
  readonly step: number;
  readonly turn: string;
}
const DEATH = 'death';

/** Runs a scenario once and tells every choice there was. */
async function play(scenario: Scenario, interruptions: readonly Interruption[]): Promise<Choice[]> {
  const turns = new Map(interruptions.filter(({ turn }) => turn !== DEATH).map(({ step, turn }) => [step, turn]));
  const deaths = new Set(interruptions.filter(({ turn }) => turn === DEATH).map(({ step }) => step));
  const choices: Choice[] = [];
  let worker: string | undefined;
  const world = new World({
    settings: SETTINGS,
    choose: (choice) => {
      // The user changes one thing and lets the worker go on.
      const polite = { ...choice, last: choice.last === USER ? worker : choice.last };
      choices.push(polite);
      const index = uninterrupted(turns)(polite);
      worker = choice.waiting[index] === USER ? worker : choice.waiting[index];
      return index;
    },
    mishap: (step) => (deaths.has(step) ? 'dies' : undefined),
  });
  await world.set(KEY, scenario.before);
  if (scenario.made) {
    await world.pipeline().reconcile(KEY);
  }
  await world.run(
    [KEY],
    scenario.changes.map((source) => ({ key: KEY, source, hints: 1 })),
  );
  try {
    expect(storedSet(world.thumbnails, KEY, SETTINGS)).toEqual(wantedSet(world.source, KEY, SETTINGS));
    const { status } = await world.pipeline().reconcile(KEY);
    expect(status).toBe(scenario.changes.at(-1) ? 'unchanged' : 'deleted');
  } catch (error) {
    throw new Error(`after ${JSON.stringify(interruptions)}`, { cause: error });
  }
  return choices;
}

/** Runs a scenario in every order with at most `interruptions` interruptions, and returns the number of orders. */
async function explore(scenario: Scenario, interruptions: readonly Interruption[] = []): Promise<number> {
  const choices = await play(scenario, interruptions);
  if (interruptions.length === scenario.interruptions) {
    return 1;
  }
  let runs = 1;
  for (const choice of choices.slice((interruptions.at(-1)?.step ?? -1) + 1)) {
    const usual = choice.waiting[uninterrupted()(choice)];
    const others = new Set(choice.waiting);
    others.delete(usual!);
    if (usual !== USER) {
      others.add(DEATH);
    }
    for (const turn of others) {
      runs += await explore(scenario, [...interruptions, { step: choice.step, turn }]);
    }
  }
  return runs;
}

const v1: Source = { body: 'v1' };
const v2: Source = { body: 'v2' };
const bad: Source = { body: 'bad' };
const moved: Source = { body: 'v1', focalPoint: '0.1,0.9' };
const gone = undefined;

test.each<[string, Scenario]>([
  ['a new source is replaced', { before: v1, made: false, changes: [v2], interruptions: 2 }],
  ['a made source is replaced', { before: v1, made: true, changes: [v2], interruptions: 2 }],
  ['a new source gets a focal point', { before: v1, made: false, changes: [moved], interruptions: 2 }],
  ['a new source is removed', { before: v1, made: false, changes: [gone], interruptions: 2 }],
  ['a made source is removed', { before: v1, made: true, changes: [gone], interruptions: 2 }],
  ['a source comes back', { before: gone, made: false, changes: [v2], interruptions: 2 }],
  ['a made source goes and comes back', { before: v1, made: true, changes: [gone, v1], interruptions: 2 }],
  ['a made source goes and another comes', { before: v1, made: true, changes: [gone, v2], interruptions: 2 }],
  ['a source comes and goes', { before: gone, made: false, changes: [v1, gone], interruptions: 2 }],
  ['a source is replaced and put back', { before: v1, made: false, changes: [v2, v1], interruptions: 2 }],
  ['a made source is replaced and put back', { before: v1, made: true, changes: [v2, v1], interruptions: 2 }],
  ['a new source is damaged', { before: v1, made: false, changes: [bad], interruptions: 3 }],
  ['a damaged source is repaired', { before: bad, made: true, changes: [v1], interruptions: 3 }],
  ['a damaged source is repaired and goes', { before: bad, made: true, changes: [v1, gone], interruptions: 2 }],
])('%s during concurrent work', async (_, scenario) => {
  expect(await explore(scenario)).toBeGreaterThan(100);
});
