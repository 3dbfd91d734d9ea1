// A process whose capacity is below the limits does not render large sources. The process does not write to their
// thumbnail sets.
import { DEFAULT_LIMITS } from '../../../runtime/contract';
import { CapacityError, Pipeline, type Capacity, type Render } from '../../../runtime/pipeline';
import { MemoryObjectStore, type StoreRequest } from '../../support/aws/memory-store';
import { fakeRender, settingsWith } from './fakes';

const KEY = 'cat.jpg';

async function open(body: string | undefined, capacity: Capacity | undefined, render: Render = fakeRender) {
  const reads: string[] = [];
  const source = new MemoryObjectStore();
  const thumbnails = new MemoryObjectStore();
  const noted = source.client(({ operation }: StoreRequest, moment: string) => {
    if (moment === 'sent') {
      reads.push(operation);
    }
  });
  const settings = settingsWith({ limits: { ...DEFAULT_LIMITS, maxFileSizeBytes: 100, maxDurationSeconds: 20 } });
  if (body !== undefined) {
    await source.put(KEY, Buffer.from(body), { contentType: 'image/jpeg', metadata: {} });
  }
  const pipelineWith = (other: Capacity | undefined) =>
    new Pipeline({ source: noted, thumbnails, settings, render, capacity: other });
  return { source, thumbnails, reads, pipeline: pipelineWith(capacity), pipelineWith };
}

test('the pipeline reports a file above the capacity and below the limit, and writes no objects', async () => {
  const { pipeline, thumbnails } = await open('x'.repeat(60), { maxFileBytes: 50 });
  await expect(pipeline.reconcile(KEY)).rejects.toMatchObject({ code: 'out-of-memory', retryable: true });
  await expect(pipeline.reconcile(KEY)).rejects.toBeInstanceOf(CapacityError);
  expect(thumbnails.keys).toEqual([]);
});

test('the pipeline renders a file whose size equals the capacity', async () => {
  const { pipeline } = await open('x'.repeat(50), { maxFileBytes: 50 });
  expect((await pipeline.reconcile(KEY)).status).toBe('made');
});

test('the pipeline rejects a file above the limit, which no other process may render', async () => {
  const { pipeline } = await open('x'.repeat(101), { maxFileBytes: 50 });
  expect(await pipeline.reconcile(KEY)).toMatchObject({
    status: 'rejected',
    manifest: { rejection: { code: 'file-too-large' } },
  });
});

test('a pipeline without rendering deletes the thumbnail set of a removed source', async () => {
  const { pipeline, pipelineWith, source, thumbnails } = await open('x'.repeat(60), { maxFileBytes: 50 });
  await pipelineWith(undefined).reconcile(KEY);
  await source.delete([KEY]);
  expect(await pipeline.reconcile(KEY, { renders: false })).toMatchObject({ status: 'deleted' });
  expect(thumbnails.keys).toEqual([]);
});

test('a pipeline with less capacity accepts the thumbnail set of a pipeline with more capacity as current', async () => {
  const { pipeline, pipelineWith } = await open('x'.repeat(60), { maxFileBytes: 50, maxDurationSeconds: 5 });
  await pipelineWith(undefined).reconcile(KEY);
  expect((await pipeline.reconcile(KEY)).status).toBe('unchanged');
  expect((await pipelineWith({ maxFileBytes: 99 }).reconcile(KEY, { renders: false })).status).toBe('unchanged');
});

test('the pipeline without rendering reports missing thumbnails and does not read the file', async () => {
  const { pipeline, reads, thumbnails } = await open('cat', undefined);
  await expect(pipeline.reconcile(KEY, { renders: false })).rejects.toBeInstanceOf(CapacityError);
  expect([reads, thumbnails.keys]).toEqual([['head'], []]);
});

test('a rendering ends after the shorter duration of limits and capacity', async () => {
  const durations: number[] = [];
  const render: Render = (body, options) => {
    durations.push(options.limits.maxDurationSeconds);
    return fakeRender(body, options);
  };
  const { pipelineWith } = await open('cat', undefined, render);
  for (const maxDurationSeconds of [undefined, 5, 60]) {
    await pipelineWith({ maxFileBytes: 99, maxDurationSeconds }).reconcile(KEY, { force: true });
  }
  expect(durations).toEqual([20, 5, 20]);
});
