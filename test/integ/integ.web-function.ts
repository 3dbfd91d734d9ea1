import { ThumbnailAccess, ThumbnailCompute } from '../../lib';
import { testUpload } from './upload-test';

// Creates two web functions: one for reading, and one for uploads and deletion.
testUpload('WebFunction', () => ({
  api: { compute: ThumbnailCompute.webFunction(), writeAccess: ThumbnailAccess.iam() },
}));
