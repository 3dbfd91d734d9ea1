import { ThumbnailCompute } from '../../lib';
import { testUpload } from './upload-test';

testUpload('WebFunction', () => ({ api: { compute: ThumbnailCompute.webFunction() } }));
