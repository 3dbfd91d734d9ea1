import { ThumbnailCompute } from '../../lib';
import { testUpload } from './upload-test';

testUpload('Hybrid', () => ({ compute: ThumbnailCompute.hybrid() }));
