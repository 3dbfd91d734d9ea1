import fc from 'fast-check';
import { deserializeError, serializeError } from '../../../../container/workers/protocol';
import { ANALYSIS_ERROR_CODES, AnalysisError } from '../../../../runtime/analysis';
import { ImageRejection, REJECTION_CODES } from '../../../../runtime/engine';
import { SourceChangingError } from '../../../../runtime/pipeline';
import { OBJECT_STORE_ERROR_CODES, ObjectStoreError } from '../../../../runtime/storage';

const roundTrip = (thrown: unknown, key = 'a.jpg'): Error =>
  deserializeError(JSON.parse(JSON.stringify(serializeError(thrown))) as ReturnType<typeof serializeError>, key);

test('the protocol preserves the classes of errors', () => {
  const errors = fc.oneof(
    fc.tuple(fc.constantFrom(...REJECTION_CODES), fc.string()).map((of) => new ImageRejection(...of)),
    fc.tuple(fc.constantFrom(...OBJECT_STORE_ERROR_CODES), fc.string()).map((of) => new ObjectStoreError(...of)),
    fc.tuple(fc.constantFrom(...ANALYSIS_ERROR_CODES), fc.string()).map((of) => new AnalysisError(...of)),
    fc.string().map((key) => new SourceChangingError(key)),
  );
  fc.assert(
    fc.property(errors, (error) => {
      const key = error instanceof SourceChangingError ? error.message.split(' was replaced')[0]! : 'a.jpg';
      const restored = roundTrip(error, key);
      expect(restored.constructor).toBe(error.constructor);
      expect(restored).toMatchObject({ message: error.message, retryable: error.retryable });
      expect((restored as { code?: unknown }).code).toBe((error as { code?: unknown }).code);
      expect(restored.stack).toBe(error.stack);
    }),
    { seed: 1 },
  );
});

test.each([
  ['an error of another class', new TypeError('x is undefined'), { name: 'TypeError', message: 'x is undefined' }],
  [
    'an error with a retryable flag',
    Object.assign(new Error('no'), { code: 'ENOSPC', retryable: true }),
    { code: 'ENOSPC', retryable: true },
  ],
  [
    'a rejection with an unknown code',
    Object.assign(new Error('no'), { name: 'ImageRejection', code: 'odd' }),
    { name: 'ImageRejection', code: 'odd' },
  ],
  ['a string', 'text', { message: 'text' }],
  ['undefined', undefined, { message: 'undefined' }],
])('%s keeps its fields', (_, thrown, expected) => {
  const restored = roundTrip(thrown);
  expect(restored).toBeInstanceOf(Error);
  expect(restored).toMatchObject(expected);
});
