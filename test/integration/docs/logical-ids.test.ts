import { Thumbnail, ThumbnailAccess, ThumbnailCompute } from '../../../lib';
import { resourcesOf } from './generated-tables';

// generated-tables.test.ts compares docs/reference/logical-ids.md with the construct tree.
test('props that add no resources change no construct path', () => {
  const changed = resourcesOf({
    thumbnails: [Thumbnail.avatar(), Thumbnail.hero()],
    limits: { maxFrames: 3 },
    cacheControl: 'no-store',
    sourcePrefix: 'photos/',
    compute: ThumbnailCompute.lambda({ memorySize: 3008 }),
    api: { access: ThumbnailAccess.publicRead() },
  });
  expect(changed).toEqual(resourcesOf({}));
});
