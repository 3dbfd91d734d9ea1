import { inspectKey, Pipeline } from '../../../runtime/pipeline';
import { MemoryObjectStore } from '../../support/aws/memory-store';
import { fakeRender, settingsWith } from './fakes';

const KEY = 'a/cat.jpg';

function setUp() {
  const source = new MemoryObjectStore();
  const thumbnails = new MemoryObjectStore();
  const settings = settingsWith({});
  const pipeline = new Pipeline({ source, thumbnails, settings, render: fakeRender });
  const upload = (body: string) => source.put(KEY, Buffer.from(body), { contentType: 'image/jpeg' });
  const stateOf = async (key = KEY, changes = {}) =>
    (await inspectKey({ source, thumbnails }, settingsWith(changes), key)).state;
  return { source, thumbnails, pipeline, upload, stateOf };
}

test('inspectKey() reports every state of a thumbnail set', async () => {
  const { source, pipeline, upload, stateOf } = setUp();
  expect(await stateOf()).toBe('absent');
  await upload('v1');
  expect(await stateOf()).toBe('missing');
  await pipeline.reconcile(KEY);
  expect(await stateOf()).toBe('current');
  await upload('v2');
  expect(await stateOf()).toBe('outdated');
  await pipeline.reconcile(KEY);
  await source.delete([KEY]);
  expect(await stateOf()).toBe('leftover');
  await pipeline.reconcile(KEY);
  expect(await stateOf()).toBe('absent');
});

test('a thumbnail set with other settings, a changed file or a missing file is outdated', async () => {
  const { thumbnails, pipeline, upload, stateOf } = setUp();
  await upload('v1');
  await pipeline.reconcile(KEY);
  expect(await stateOf(KEY, { thumbnails: [] })).toBe('outdated');
  const file = thumbnails.keys.find((key) => key.endsWith('.webp'))!;
  await thumbnails.put(file, Buffer.from('other'), { contentType: 'image/webp' });
  expect(await stateOf()).toBe('outdated');
  await thumbnails.delete([file]);
  expect(await stateOf()).toBe('outdated');
});

test('a rejected source is current, and its manifest has the code', async () => {
  const { source, thumbnails, pipeline, upload, stateOf } = setUp();
  await upload('bad');
  await pipeline.reconcile(KEY);
  expect(await stateOf()).toBe('current');
  const { manifest, files } = await inspectKey({ source, thumbnails }, settingsWith({}), KEY);
  expect(manifest).toMatchObject({ status: 'rejected', rejection: { code: 'corrupt' } });
  expect(Object.keys(files)).toEqual(['manifest.json']);
});

test('a key that the pipeline does not serve has the state ignored', async () => {
  const { stateOf } = setUp();
  expect(await stateOf('folder/')).toBe('ignored');
});
