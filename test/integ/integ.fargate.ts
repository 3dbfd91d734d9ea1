import { ThumbnailCompute } from '../../lib';
import { testUpload } from './upload-test';

testUpload('Fargate', () => ({ compute: ThumbnailCompute.fargate() }));
