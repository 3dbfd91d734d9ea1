import { join } from 'node:path';
import { describeUploadFunction } from './upload-function-contract';

describe('upload-function', () => {
  describeUploadFunction(join(__dirname, '../../../lambda'));
});
