import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { AnalysisError, type Analyze } from '../../../runtime/analysis';
import type { CoreSettings } from '../../../runtime/contract';
import { Random } from '../../support/random';
import { settingsWith, thumbnail } from '../../unit/pipeline/fakes';
import { uninterrupted, type Choice } from './interleaver';
import { API, storedSet, USER, wantedSet, World, type ApiCall, type Source } from './simulation';

export const KEY = 'cat.jpg';
const SETTINGS = settingsWith({ thumbnails: [thumbnail('small', 100, 'webp'), thumbnail('large', 400, 'webp')] });

/** Settings of scenarios with an analysis. */
const ANALYZING_SETTINGS: CoreSettings = {
  ...SETTINGS,
  analysis: {
    provider: 'http',
    url: 'https://check.example.com/',
    animationFrames: 1,
    timeoutSeconds: 10,
    failure: 'retry',
    retries: 0,
  },
};

/** Initial state of a source and its thumbnail set, and the concurrent operations on them. */
export interface Scenario {
  readonly name: string;
  /** Source before the operations. */
  readonly before: Source | undefined;
  /** Whether the thumbnail set of `before` is complete. */
  readonly made: boolean;
  /** Whether a worker receives a message about `before`. @default true */
  readonly hint?: boolean;
  /** Changes of the source by the user, one after the other. */
  readonly changes: readonly (Source | undefined)[];
  /** API calls, which all start at once. @default - none */
  readonly apiCalls?: readonly ApiCall[];
  /** Whether the messages of API calls are lost. @default false */
  readonly losesMessages?: boolean;
  /** Whether sources whose bodies start with `big` need a larger worker. @default false */
  readonly forwards?: boolean;
  /** Whether sources are analysed, see {@link fakeAnalysis}. @default false */
  readonly analyzes?: boolean;
  /** Maximum number of interruptions of one schedule. */
  readonly interruptions: number;
}

/** A step at which the scheduler selects another task or ends the selected task ({@link DEATH}). */
interface Interruption {
  readonly step: number;
  readonly turn: string;
}
const DEATH = 'death';

/** Result of {@link explore}. */
export interface Exploration {
  /** Number of schedules that were run. */
  readonly schedules: number;
  /** Number of schedules in which an API call ends early. */
  readonly deadCalls: number;
  /** Schedules after which the thumbnail set does not match its source. */
  readonly violations: readonly string[];
}

/** Limits of {@link explore}. */
export interface ExplorationLimits {
  /** Maximum number of schedules. @default - all schedules */
  readonly maxSchedules?: number;
  /** Seed for the choice of schedules if their number exceeds `maxSchedules`. @default 1 */
  readonly seed?: number;
}

/**
 * Runs a scenario in all orders with up to `interruptions` interruptions: first without interruptions, then with one, then
 * with two. Each number of interruptions has an equal part of `maxSchedules`. If more schedules are possible, `explore` selects
 * evenly distributed schedules.
 */
export async function explore(
  scenario: Scenario,
  { maxSchedules = Infinity, seed = 1 }: ExplorationLimits = {},
): Promise<Exploration> {
  const random = new Random(seed);
  const violations: string[] = [];
  let schedules = 0;
  let deadCalls = 0;
  let level: (readonly Interruption[])[] = [[]];
  for (let count = 0; count <= scenario.interruptions; count++) {
    const next: (readonly Interruption[])[] = [];
    const share = Math.ceil((maxSchedules - schedules) / (scenario.interruptions - count + 1));
    for (const interruptions of sampled(level, share, random)) {
      const { choices, violation, hasDeadCall } = await play(scenario, interruptions);
      schedules += 1;
      deadCalls += hasDeadCall ? 1 : 0;
      if (violation !== undefined) {
        violations.push(`${scenario.name}: ${JSON.stringify(interruptions)}: ${violation}`);
      }
      if (count < scenario.interruptions) {
        next.push(...extensionsOf(interruptions, choices));
      }
    }
    level = next;
  }
  return { schedules, deadCalls, violations };
}

/** Returns all possible lists that extend the given interruptions by one further interruption. */
function extensionsOf(interruptions: readonly Interruption[], choices: readonly Choice[]): (readonly Interruption[])[] {
  return choices.slice((interruptions.at(-1)?.step ?? -1) + 1).flatMap((choice) => {
    const usual = choice.waiting[uninterrupted()(choice)];
    const others = new Set(choice.waiting);
    others.delete(usual!);
    if (usual !== USER) {
      others.add(DEATH);
    }
    return Array.from(others, (turn) => [...interruptions, { step: choice.step, turn }]);
  });
}

/** Divides the items into `count` equal parts and returns a random item of each part. */
function sampled<T>(items: readonly T[], count: number, random: Random): readonly T[] {
  if (items.length <= count) {
    return items;
  }
  const part = items.length / count;
  return Array.from({ length: count }, (_, index) => items[Math.floor(index * part) + random.below(Math.floor(part))]!);
}

/**
 * Returns an analysis that decides by the body of a source:
 *
 * - `explicit`: rejects the source
 * - `disputed`: alternately accepts and rejects the source
 * - `flaky`: accepts the source after two failures
 * - others: accepts the source
 */
function fakeAnalysis(): Analyze {
  const counts = new Map<string, number>();
  return ({ body: bytes }) => {
    const body = bytes.toString();
    const count = counts.get(body) ?? 0;
    counts.set(body, count + 1);
    if (body.startsWith('flaky') && count < 2) {
      return Promise.reject(new AnalysisError('analysis-unavailable', 'no response'));
    }
    const isRejected = body.startsWith('explicit') || (body.startsWith('disputed') && count % 2 === 1);
    return Promise.resolve({ analysis: { verdict: isRejected ? 'reject' : 'allow' }, remainingSeconds: 10 });
  };
}

interface Play {
  readonly choices: readonly Choice[];
  readonly violation: string | undefined;
  readonly hasDeadCall: boolean;
}

/** Runs a scenario once. Returns all choices and the violation, if any. */
async function play(scenario: Scenario, interruptions: readonly Interruption[]): Promise<Play> {
  const turns = new Map(interruptions.filter(({ turn }) => turn !== DEATH).map(({ step, turn }) => [step, turn]));
  const deaths = new Set(interruptions.filter(({ turn }) => turn === DEATH).map(({ step }) => step));
  const choices: Choice[] = [];
  let hasDeadCall = false;
  let worker: string | undefined;
  const settings = scenario.analyzes ? ANALYZING_SETTINGS : SETTINGS;
  const world = new World({
    settings,
    analyze: scenario.analyzes ? fakeAnalysis() : undefined,
    losesMessages: scenario.losesMessages ?? false,
    isLarge: scenario.forwards ? (body) => body.startsWith('big') : undefined,
    choose: (choice) => {
      // After one change by the user task, the interrupted task continues.
      const polite = { ...choice, last: choice.last === USER ? worker : choice.last };
      choices.push(polite);
      const index = uninterrupted(turns)(polite);
      const task = choice.waiting[index]!;
      worker = task === USER ? worker : task;
      hasDeadCall ||= deaths.has(choice.step) && task.startsWith(API);
      return index;
    },
    mishap: (step) => (deaths.has(step) ? 'dies' : undefined),
  });
  await world.set(KEY, scenario.before);
  if (scenario.made) {
    await world.pipeline().reconcile(KEY);
  }
  const untouched = storedSet(world.thumbnails, KEY, settings);
  let violation: string | undefined;
  try {
    await world.run(
      (scenario.hint ?? true) ? [KEY] : [],
      scenario.changes.map((source) => ({ key: KEY, source, hints: 1 })),
      scenario.apiCalls,
    );
    const stored = storedSet(world.thumbnails, KEY, settings);
    // Each message is forwarded at most once, or once more for each worker that ends. An API call can cause two forwarded
    // messages: it forwards the key, and it sends a message that the first worker forwards.
    const hints = 1 + scenario.changes.length + 2 * (scenario.apiCalls?.length ?? 0);
    ok(world.forwarded <= hints + deaths.size, `${world.forwarded} messages to larger workers`);
    if (world.hasWorked || (scenario.losesMessages ?? false)) {
      const isRejected = (body: string): boolean =>
        body.startsWith('bad') ||
        (scenario.analyzes === true &&
          (body.startsWith('explicit') || (body.startsWith('disputed') && stored.status === 'rejected')));
      deepStrictEqual(stored, wantedSet(world.source, KEY, settings, isRejected));
      const { status } = await world.pipeline().reconcile(KEY);
      strictEqual(status, world.source.objects.has(KEY) ? 'unchanged' : 'deleted');
    } else {
      // All calls have ended before their first write.
      deepStrictEqual(stored, untouched);
    }
  } catch (error) {
    violation = error instanceof Error ? error.message : String(error);
  }
  return { choices, violation, hasDeadCall };
}
