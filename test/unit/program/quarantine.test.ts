import { Pipeline, type Outcome } from '../../../runtime/pipeline';
import { quarantineKey, quarantining } from '../../../runtime/program/quarantine';
import type { ObjectHead } from '../../../runtime/storage';
import type { MoveResult, S3Mover } from '../../../runtime/storage/s3/s3-move';
import { MemoryObjectStore } from '../../support/aws/memory-store';
import { fakeRender, settingsWith } from '../pipeline/fakes';

const KEY = 'in/cat.jpg';
const LOG = { info: () => undefined, warn: () => undefined };

/** Creates a pipeline whose source has the given result of a malware scan. */
function setUp(scan: ObjectHead['scan'], bytes = 7) {
  const settings = settingsWith();
  const head = {
    key: KEY,
    bytes,
    etag: 'e1',
    lastModified: new Date(0),
    contentType: 'image/jpeg',
    cacheControl: undefined,
    metadata: {},
    ...(scan && { scan }),
  };
  const source = Object.assign(new MemoryObjectStore(), {
    head: () => Promise.resolve(head),
    get: () => Promise.resolve({ ...head, body: Buffer.from('image') }),
  });
  const thumbnails = new MemoryObjectStore();
  const pipeline = new Pipeline({ source, thumbnails, settings, render: fakeRender });
  const moves: Parameters<S3Mover['move']>[] = [];
  const order: string[] = [];
  const mover = {
    result: 'moved' as MoveResult | Error,
    move: (...move: Parameters<S3Mover['move']>) => {
      order.push('move');
      moves.push(move);
      return mover.result instanceof Error ? Promise.reject(mover.result) : Promise.resolve(mover.result);
    },
  };
  const reconcile = async (key: string): Promise<Outcome> => {
    const outcome = await pipeline.reconcile(key);
    order.push(outcome.status);
    return outcome;
  };
  const options = { bucket: 'infected', prefix: 'q/', settings, mover, log: LOG };
  return { settings, moves, order, mover, reconcile: quarantining(reconcile, options) };
}

test('an infected source is moved after its rejection is complete', async () => {
  const { settings, moves, order, reconcile } = setUp('infected');
  expect(await reconcile(KEY)).toMatchObject({ status: 'rejected', manifest: { rejection: { code: 'infected' } } });
  expect(order).toEqual(['rejected', 'move']);
  expect(moves).toEqual([
    [
      { bucket: settings.sourceLocation.name, key: KEY, etag: 'e1', bytes: 7 },
      { bucket: 'infected', key: `q/${KEY}/e1` },
    ],
  ]);
});

test('a failed move is repeated with the next message, even if the manifest is current', async () => {
  const { mover, order, reconcile } = setUp('infected');
  mover.result = new Error('unavailable');
  await expect(reconcile(KEY)).rejects.toThrow('unavailable');
  mover.result = 'moved';
  expect(await reconcile(KEY)).toMatchObject({ status: 'unchanged' });
  expect(order).toEqual(['rejected', 'move', 'unchanged', 'move']);
});

test.each(['scan-unsupported', 'scan-denied', 'scan-failed', undefined] as const)(
  'a source with the scan result %s remains in the source bucket',
  async (code) => {
    const { moves, reconcile } = setUp(code);
    await reconcile(KEY);
    expect(moves).toEqual([]);
  },
);

test('a source that exceeds the maximum size of a copy remains in the source bucket', async () => {
  const { moves, reconcile } = setUp('infected', 5 * 1024 ** 3 + 1);
  expect(await reconcile(KEY)).toMatchObject({ status: 'rejected' });
  expect(moves).toEqual([]);
});

test('the key in the quarantine has at most 1,024 bytes and differs for each ETag', () => {
  const key = quarantineKey('q/', 'k'.repeat(1024), 'e'.repeat(38));
  expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1024);
  expect(quarantineKey('q/', KEY, 'e1')).not.toBe(quarantineKey('q/', KEY, 'e2'));
});
