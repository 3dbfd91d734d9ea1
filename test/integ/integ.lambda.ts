import { ThumbnailCompute } from '../../lib';
import { testUpload } from './upload-test';

testUpload('Lambda', () => ({ compute: ThumbnailCompute.lambda() }));
