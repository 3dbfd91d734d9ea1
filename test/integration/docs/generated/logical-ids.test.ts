import { Thumbnail, ThumbnailAccess, ThumbnailAnalysis, ThumbnailCompute } from '../../../../lib';
import { resourcesOf } from './logical-id-tables';

// generated-tables.test.ts compares docs/reference/logical-ids.md with the construct tree.
test('props that add no resources change no construct path', () => {
  const changed = resourcesOf({
    thumbnails: [Thumbnail.avatar(), Thumbnail.hero()],
    limits: { maxFrames: 3 },
    cacheControl: 'no-store',
    analysis: ThumbnailAnalysis.rekognition({ moderation: {} }),
    sourcePrefix: 'photos/',
    compute: ThumbnailCompute.lambda({ memorySize: 3008 }),
    api: { access: ThumbnailAccess.publicRead() },
  });
  expect(changed).toEqual(resourcesOf({}));
});
