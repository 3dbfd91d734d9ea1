import { join } from 'node:path';
import { describeApiFunction } from './api-function-contract';

describe('api-function', () => {
  describeApiFunction(join(__dirname, '../../../lambda'));
});
