import fc from 'fast-check';
import { limitConcurrency } from '../../../../cli/studio/limit-concurrency';
import { DEFAULT_LIMITS } from '../../../../runtime/contract';
import { createHttpApi, Problem } from '../../../../runtime/http';
import type { PipelineReader, Reconcile } from '../../../../runtime/pipeline';
import { EVERY_SOURCE } from '../../http/fake-pipeline';

/** Creates a pipeline. A job completes when the test calls `finish`. */
function manual(): PipelineReader & {
  readonly reconcile: Reconcile;
  readonly begun: string[];
  readonly most: () => number;
  finish(error?: Error): void;
} {
  const under: { readonly key: string; readonly end: (error?: Error) => void }[] = [];
  const begun: string[] = [];
  let most = 0;
  return {
    begun,
    most: () => most,
    finish: (error) => under.shift()?.end(error),
    manifest: () => Promise.resolve(undefined),
    isCurrent: () => false,
    thumbnail: () => Promise.resolve(undefined),
    serves: () => true,
    settingsOf: () => ({
      thumbnails: [{ name: 'small', fit: 'inside', width: 1, height: 1, formats: [{ type: 'webp' }] }],
      limits: DEFAULT_LIMITS,
    }),
    reconcile: (key) =>
      new Promise((resolve, reject) => {
        begun.push(key);
        const end = (error?: Error): void => (error ? reject(error) : resolve({ status: 'ignored', key }));
        most = Math.max(most, under.push({ key, end }));
      }),
  };
}

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('limitConcurrency() runs and queues requests up to the limits and rejects further requests', async () => {
  const pipeline = manual();
  const reconcile = limitConcurrency(pipeline.reconcile, { maxRunning: 2, maxQueued: 1 });
  const [a, b, c] = ['a', 'b', 'c'].map((key) => reconcile(key));
  await expect(reconcile('d')).rejects.toMatchObject({ code: 'too-many-requests', status: 429 });
  await settled();
  expect(pipeline.begun).toEqual(['a', 'b']);
  pipeline.finish();
  await expect(a).resolves.toEqual({ status: 'ignored', key: 'a' });
  await settled();
  expect(pipeline.begun).toEqual(['a', 'b', 'c']);
  pipeline.finish(new Error('broken'));
  await expect(b).rejects.toThrow('broken');
  pipeline.finish();
  await c;
  // All slots are free again.
  const [e, f] = ['e', 'f'].map((key) => reconcile(key));
  await settled();
  expect(pipeline.begun.slice(3)).toEqual(['e', 'f']);
  pipeline.finish();
  pipeline.finish();
  await Promise.all([e, f]);
});

test('limitConcurrency() respects the limits and frees the slot of each completed request in any sequence', async () => {
  const step = fc.constantFrom('come', 'come', 'end', 'fail');
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 0, max: 4 }),
      async (steps, running, waiting) => {
        const pipeline = manual();
        const reconcile = limitConcurrency(pipeline.reconcile, { maxRunning: running, maxQueued: waiting });
        const outcomes: Promise<string>[] = [];
        for (const what of steps) {
          if (what === 'come') {
            const told = reconcile('key').then(
              () => 'made',
              (error: unknown) => (error instanceof Problem ? error.code : 'broken'),
            );
            outcomes.push(told);
          } else {
            pipeline.finish(what === 'fail' ? new Error('broken') : undefined);
          }
          await settled();
          expect(pipeline.most()).toBeLessThanOrEqual(running);
        }
        for (let left = 0; left < outcomes.length; left++) {
          pipeline.finish();
          await settled();
        }
        const all = await Promise.all(outcomes);
        const turnedAway = all.filter((outcome) => outcome === 'too-many-requests').length;
        expect(pipeline.begun).toHaveLength(all.length - turnedAway);
        const again = reconcile('again');
        await settled();
        expect(pipeline.begun.at(-1)).toBe('again');
        pipeline.finish();
        await again;
      },
    ),
    { numRuns: 100, seed: 1 },
  );
});

test('a rejected request receives 429 with Retry-After', async () => {
  const pipeline = manual();
  const app = createHttpApi({
    pipeline,
    reconcile: limitConcurrency(pipeline.reconcile, { maxRunning: 1, maxQueued: 0 }),
    source: EVERY_SOURCE,
    cacheControl: 'no-cache',
    version: '1',
  });
  const first = app.request('/thumbnails/small/a.jpg');
  await settled();
  const second = await app.request('/thumbnails/small/b.jpg');
  expect([second.status, second.headers.get('Retry-After')]).toEqual([429, '2']);
  expect(second.headers.get('Content-Type')).toBe('application/problem+json');
  pipeline.finish();
  await first;
});
