import { reconcileAll } from '../../../runtime/pipeline';
import { EVENTUAL_FAULTS, S3_FAULTS, Soak, type SoakOptions } from './soak';

// To use more events and other seeds: SOAK_EVENTS=100000 SOAK_SEEDS=1,2,3 npx jest test/robustness/faults/soak

const EVENTS = Number(process.env['SOAK_EVENTS'] ?? 2000);
const KEYS = Number(process.env['SOAK_KEYS'] ?? 210);
const SEEDS = (process.env['SOAK_SEEDS'] ?? '20261122').split(',').map(Number);
const TIMEOUT = 600_000;

/** Runs a soak test. Prints a report if an environment variable sets the number of events or the seeds. */
async function soaked(options: Partial<SoakOptions> & Pick<SoakOptions, 'seed'>): Promise<Soak> {
  const soak = new Soak({ events: EVENTS, keys: KEYS, ...options });
  const begin = performance.now();
  await soak.run();
  if (process.env['SOAK_EVENTS'] ?? process.env['SOAK_SEEDS']) {
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    const { counts, queue, faults, time } = soak;
    const report = { ...options, ...counts, queue: queue.counts, dead: queue.dead.length, faults: faults.counts };
    process.stderr.write(`${JSON.stringify({ ...report, virtualHours: time.now / 3.6e6, seconds })}\n`);
  }
  return soak;
}

function deadIds({ queue }: Soak): string[] {
  return queue.dead.map(({ messageId }) => messageId).sort();
}

describe.each(SEEDS)('with seed %i', (seed) => {
  test(
    'every thumbnail set matches its final source and only malformed messages are dead letters',
    async () => {
      const soak = await soaked({ seed });
      expect(soak.differences()).toEqual([]);
      expect(soak.leftovers()).toEqual([]);
      expect(deadIds(soak)).toEqual([...soak.poison].sort());
      // A further reconciliation changes nothing.
      for (const key of soak.keys) {
        const outcome = await soak.pipeline().reconcile(key);
        expect(outcome).toMatchObject(soak.source.objects.has(key) ? { status: 'unchanged' } : { removed: 0 });
      }

      const { counts, queue, faults } = soak;
      // The test is only meaningful if each fault has occurred.
      expect(counts.deadlineExceeded).toBeGreaterThan(EVENTS / 1000);
      for (const count of [counts.deaths, queue.counts.duplicates, queue.counts.ghosts, queue.counts.returned]) {
        expect(count).toBeGreaterThan(EVENTS / 100);
      }
      for (const kind of ['slow', 'error', 'throttled', 'reset', 'lost'] as const) {
        expect([kind, faults.counts[kind] > EVENTS / 200]).toEqual([kind, true]);
      }
      expect(counts.stopped).toBe(0);
    },
    TIMEOUT,
  );

  test(
    'every thumbnail set matches its final source if workers end often and every sixth request fails',
    async () => {
      const faults = { slow: 0.01, error: 0.05, throttled: 0.05, reset: 0.05, lost: 0.1 };
      const soak = await soaked({ seed, events: EVENTS / 5, faults, deaths: 0.02 });
      expect(soak.differences()).toEqual([]);
      expect(soak.leftovers()).toEqual([]);
      expect(deadIds(soak)).toEqual([...soak.poison].sort());
      expect(soak.counts.deaths).toBeGreaterThan(EVENTS / 20);
    },
    TIMEOUT,
  );

  test.each([
    ['workers that end and the failures of S3', S3_FAULTS, 0.0015],
    ['workers that end often', { slow: 0.01, error: 0.05, throttled: 0.05, reset: 0.05, lost: 0.1 }, 0.02],
  ] as const)(
    'the latest event of each key reports its final state after the write of the manifest: %s',
    async (_, faults, deaths) => {
      for (const etags of ['content', 'unique'] as const) {
        const soak = await soaked({ seed, events: EVENTS / 5, faults, deaths, etags, requestProcesses: 8 });
        expect(soak.differences()).toEqual([]);
        expect(soak.events.missing(soak.keys)).toEqual([]);
        expect(soak.events.premature).toEqual([]);
        expect(soak.events.size).toBeGreaterThan(EVENTS / 10);
        expect(soak.counts.publicationsFailed).toBeGreaterThan(0);
        expect(soak.counts.rendersForRequests).toBeGreaterThan(0);
        expect(soak.counts.deaths).toBeGreaterThan(0);
      }
    },
    TIMEOUT,
  );

  test(
    'a redrive after an outage corrects every thumbnail set',
    async () => {
      const soak = await soaked({ seed, events: EVENTS / 10, outage: 5000 });
      expect(soak.queue.dead.length).toBeGreaterThan(EVENTS / 20);
      expect(soak.differences()).not.toEqual([]);
      await soak.mend();
      expect(soak.differences()).toEqual([]);
      expect(soak.leftovers()).toEqual([]);
      expect(deadIds(soak)).toEqual([...soak.poison].sort());
    },
    TIMEOUT,
  );

  test(
    'a comparison of both object stores corrects every thumbnail set of an eventually consistent store',
    async () => {
      const soak = await soaked({ seed, events: EVENTS / 2, faults: EVENTUAL_FAULTS });
      expect(soak.faults.counts.stale).toBeGreaterThan(EVENTS / 100);
      const pipeline = soak.pipeline();
      await reconcileAll(pipeline.changedKeys(), pipeline.reconcile);
      expect(soak.differences()).toEqual([]);
      expect(soak.leftovers()).toEqual([]);
    },
    TIMEOUT,
  );
});
