import fc from 'fast-check';
import { settingsWith, thumbnail } from '../../unit/pipeline/fakes';
import { chosenBy } from './interleaver';
import { storedSet, wantedSet, World, type Change, type Mishap } from './simulation';

/** Source keys. The second key is in the folder of the first key's thumbnail set. */
const KEYS = ['a.jpg', 'a.jpg/small.webp', 'ü +.png'];
const SETTINGS = settingsWith();
const OLDER_SETTINGS = settingsWith({ thumbnails: [thumbnail('small', 90, 'webp'), thumbnail('gone', 50, 'png')] });
/** Objects of other applications in the object store of the thumbnails. Some names are names that this library uses. */
const FOREIGN = [
  'a.jpg',
  'a.jpg/notes.txt',
  'a.jpg/cut.webp',
  'a.jpg/x/small.webp',
  'b.jpg/small.webp',
  'b.jpg/manifest.json',
];

/** A generated test case: changes, their order, and faults. */
interface Story {
  readonly changes: readonly Change[];
  /** Source keys whose thumbnail sets were created with other settings before the test. */
  readonly older: readonly string[];
  readonly choices: Uint8Array;
  readonly loyalty: number;
  readonly mishaps: readonly { readonly step: number; readonly what: ReturnType<Mishap> }[];
  readonly etags: 'content' | 'unique';
}

function changeOf(keys: readonly string[]): fc.Arbitrary<Change> {
  return fc.record({
    key: fc.constantFrom(...keys),
    source: fc.option(
      fc.record({
        body: fc.constantFrom('v1', 'v2', 'bad'),
        focalPoint: fc.constantFrom(undefined, undefined, '0.1,0.9', 'nonsense'),
      }),
      { nil: undefined, freq: 3 },
    ),
    hints: fc.integer({ min: 1, max: 2 }),
  });
}

function storyOf(keys: readonly string[]): fc.Arbitrary<Story> {
  return fc.record({
    changes: fc.array(changeOf(keys), { minLength: 1, maxLength: 5, size: 'max' }),
    older: fc.subarray([...keys]),
    choices: fc.uint8Array({ maxLength: 300, size: 'max' }),
    loyalty: fc.constantFrom(0, 128, 220, 245),
    mishaps: fc.array(
      fc.record({
        step: fc.nat(80 * keys.length),
        what: fc.constantFrom('dies', 'fails before', 'fails after'),
      }),
      { maxLength: 6 },
    ),
    etags: fc.constantFrom('content', 'unique'),
  });
}

/** Most test cases have one key, because concurrent workers write to the same objects more often with fewer keys. */
const story = fc.oneof({ weight: 1, arbitrary: storyOf(KEYS) }, { weight: 4, arbitrary: storyOf(KEYS.slice(0, 1)) });

async function tell({ changes, older, choices, loyalty, mishaps, etags }: Story): Promise<World> {
  const world = new World({
    settings: SETTINGS,
    choose: chosenBy(choices, loyalty),
    mishap: (step) => mishaps.find((mishap) => mishap.step === step)?.what,
    etags,
  });
  for (const key of FOREIGN) {
    await world.thumbnails.put(key, Buffer.from('foreign'), { contentType: 'text/plain' });
  }
  for (const key of older) {
    await world.set(key, { body: 'v0' });
    await world.pipeline(OLDER_SETTINGS).reconcile(key);
  }
  await world.run(KEYS, changes);
  return world;
}

test('every thumbnail set matches its source after reordered and duplicate events, crashes and failures', async () => {
  await fc.assert(
    fc.asyncProperty(story, async (told) => {
      const world = await tell(told);
      for (const key of KEYS) {
        expect(storedSet(world.thumbnails, key, SETTINGS, FOREIGN)).toEqual(wantedSet(world.source, key, SETTINGS));
      }
      for (const key of FOREIGN) {
        expect(world.thumbnails.objects.get(key)?.body.toString()).toBe('foreign');
      }

      const outcomes = await Promise.all(KEYS.map((key) => world.pipeline().reconcile(key)));
      expect(outcomes.map(({ status }) => status)).toEqual(
        KEYS.map((key) => (world.source.objects.has(key) ? 'unchanged' : 'deleted')),
      );
    }),
    { seed: 20260501, numRuns: 1500 },
  );
});
