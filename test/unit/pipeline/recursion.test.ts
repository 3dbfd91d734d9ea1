import { Pipeline, readChangedObjects } from '../../../runtime/pipeline';
import { MemoryObjectStore } from '../../support/aws/memory-store';
import { fakeRender, settingsWith } from './fakes';

/** Creates a bucket that records the messages that S3 would send. */
function noisyBucket() {
  const messages: string[] = [];
  const bucket = new MemoryObjectStore({
    hook: ({ operation, key }, moment) => {
      if (moment === 'answered' && (operation === 'put' || operation === 'delete')) {
        const eventName = operation === 'put' ? 'ObjectCreated:Put' : 'ObjectRemoved:Delete';
        const s3 = { bucket: { name: 'one' }, object: { key: encodeURIComponent(key) } };
        messages.push(JSON.stringify({ Records: [{ eventName, s3 }] }));
      }
    },
  });
  return { bucket, messages };
}

/** Processes messages until the queue is empty, and returns their number. */
async function processAll(messages: string[], pipelines: readonly Pipeline[]): Promise<number> {
  for (let count = 0; count < 1000; count++) {
    const message = messages.shift();
    if (message === undefined) {
      return count;
    }
    for (const pipeline of pipelines) {
      for (const { key } of readChangedObjects(message)) {
        await pipeline.reconcile(key);
      }
    }
  }
  throw new Error('the messages do not end');
}

function pipelineOn(store: MemoryObjectStore, prefix: string, name = 'one'): Pipeline {
  const settings = settingsWith({
    sourceLocation: { name: 'one', prefix: '', suffixes: [] },
    thumbnailLocation: { name, prefix },
  });
  return new Pipeline({ source: store, thumbnails: store, settings, render: fakeRender });
}

async function upload(bucket: MemoryObjectStore): Promise<void> {
  await bucket.put('cat.jpg', Buffer.from('v1'), { contentType: 'image/jpeg' });
}

const SET = ['large.webp', 'manifest.json', 'small.jpg', 'small.webp'];

test('the pipeline renders no thumbnails of thumbnails in one bucket', async () => {
  const { bucket, messages } = noisyBucket();
  const pipeline = pipelineOn(bucket, 'thumbs/');
  await upload(bucket);
  expect(await processAll(messages, [pipeline])).toBe(5);
  expect(bucket.keys).toEqual(['cat.jpg', ...SET.map((file) => `thumbs/cat.jpg/${file}`)]);

  await bucket.delete(['cat.jpg']);
  expect(await processAll(messages, [pipeline])).toBe(5);
  expect(bucket.keys).toEqual([]);
});

test('the pipeline renders no thumbnails of thumbnails if both locations refer to one bucket', async () => {
  const { bucket, messages } = noisyBucket();
  const pipeline = pipelineOn(bucket, '', 'arn:aws:s3:eu-central-1:111122223333:accesspoint/one');
  await upload(bucket);
  expect(await processAll(messages, [pipeline])).toBe(5);
  expect(bucket.keys).toEqual(['cat.jpg', ...SET.map((file) => `cat.jpg/${file}`)]);
  expect(await pipeline.reconcile('cat.jpg/small.webp')).toEqual({ status: 'ignored', key: 'cat.jpg/small.webp' });

  await bucket.delete(['cat.jpg']);
  await processAll(messages, [pipeline]);
  expect(bucket.keys).toEqual([]);
});

test('two pipelines that receive all events of a bucket render no thumbnails of thumbnails', async () => {
  const { bucket, messages } = noisyBucket();
  const pipelines = [pipelineOn(bucket, 'one/'), pipelineOn(bucket, 'two/')];
  await upload(bucket);
  expect(await processAll(messages, pipelines)).toBe(9);
  expect(bucket.keys).toEqual([
    'cat.jpg',
    ...['one', 'two'].flatMap((prefix) => SET.map((file) => `${prefix}/cat.jpg/${file}`)),
  ]);

  await bucket.delete(['cat.jpg']);
  await processAll(messages, pipelines);
  expect(bucket.keys).toEqual([]);
});
