import { compareSnapshots } from '../../../scripts/upgrade/compare-snapshots';

const BEFORE = {
  resources: { SourceBucket: 'photos', Queue: 'https://sqs/queue' },
  objects: { 'a.jpg/small.webp': 'e1', 'a.jpg/manifest.json': 'e2' },
};

test('the comparison reports no loss if an update only adds resources and objects', () => {
  const after = {
    resources: { ...BEFORE.resources, Extra: 'x' },
    objects: { ...BEFORE.objects, 'b.jpg/small.webp': 'e3' },
  };
  expect(compareSnapshots(BEFORE, after)).toEqual([]);
});

test('replaced resources, missing objects and changed objects are losses', () => {
  const after = {
    resources: { ...BEFORE.resources, Queue: 'https://sqs/other' },
    objects: { 'a.jpg/small.webp': 'e9' },
  };
  expect(compareSnapshots(BEFORE, after)).toEqual([
    'resource Queue: was https://sqs/queue, is https://sqs/other',
    'object a.jpg/small.webp: was e1, is e9',
    'object a.jpg/manifest.json: was e2, is missing',
  ]);
});
