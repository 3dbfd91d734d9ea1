import { compareSnapshots } from '../../../scripts/upgrade/compare-snapshots';

const BEFORE = {
  resources: { SourceBucket: 'photos', Queue: 'https://sqs/queue' },
  objects: { 'a.jpg/small.webp': 'e1', 'a.jpg/manifest.json': 'e2' },
  responses: { 'thumbnails/small/a.jpg': '200 image/webp 9 bytes h1' },
};

test('the comparison reports no loss if an update only adds resources and objects', () => {
  const after = {
    resources: { ...BEFORE.resources, Extra: 'x' },
    objects: { ...BEFORE.objects, 'b.jpg/small.webp': 'e3' },
    responses: BEFORE.responses,
  };
  expect(compareSnapshots(BEFORE, after)).toEqual([]);
});

test('replaced resources, missing objects, changed objects and changed responses are losses', () => {
  const after = {
    resources: { ...BEFORE.resources, Queue: 'https://sqs/other' },
    objects: { 'a.jpg/small.webp': 'e9' },
    responses: { 'thumbnails/small/a.jpg': '200 image/webp 9 bytes h2' },
  };
  expect(compareSnapshots(BEFORE, after)).toEqual([
    'resource Queue: was https://sqs/queue, is https://sqs/other',
    'object a.jpg/small.webp: was e1, is e9',
    'object a.jpg/manifest.json: was e2, is missing',
    'response thumbnails/small/a.jpg: was 200 image/webp 9 bytes h1, is 200 image/webp 9 bytes h2',
  ]);
});
