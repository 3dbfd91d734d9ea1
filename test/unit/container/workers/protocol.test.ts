import fc from 'fast-check';
import { receiveError, sendError } from '../../../../container/workers/protocol';
import { ImageRejection, REJECTION_CODES } from '../../../../runtime/engine';
import { SourceChangingError } from '../../../../runtime/pipeline';
import { OBJECT_STORE_ERROR_CODES, ObjectStoreError } from '../../../../runtime/storage';

const travel = (thrown: unknown, key = 'a.jpg'): Error =>
  receiveError(JSON.parse(JSON.stringify(sendError(thrown))) as ReturnType<typeof sendError>, key);

test('errors that others know by their class arrive as what they were', () => {
  const errors = fc.oneof(
    fc.tuple(fc.constantFrom(...REJECTION_CODES), fc.string()).map((of) => new ImageRejection(...of)),
    fc.tuple(fc.constantFrom(...OBJECT_STORE_ERROR_CODES), fc.string()).map((of) => new ObjectStoreError(...of)),
    fc.string().map((key) => new SourceChangingError(key)),
  );
  fc.assert(
    fc.property(errors, (error) => {
      const key = error instanceof SourceChangingError ? error.message.split(' was replaced')[0]! : 'a.jpg';
      const arrived = travel(error, key);
      expect(arrived.constructor).toBe(error.constructor);
      expect(arrived).toMatchObject({ message: error.message, retryable: error.retryable });
      expect((arrived as { code?: unknown }).code).toBe((error as { code?: unknown }).code);
      expect(arrived.stack).toBe(error.stack);
    }),
    { seed: 1 },
  );
});

test.each([
  ['an error of another kind', new TypeError('x is undefined'), { name: 'TypeError', message: 'x is undefined' }],
  [
    'one that tells whether another try helps',
    Object.assign(new Error('no'), { code: 'ENOSPC', retryable: true }),
    { code: 'ENOSPC', retryable: true },
  ],
  [
    'a rejection of a code that is not known here',
    Object.assign(new Error('no'), { name: 'ImageRejection', code: 'odd' }),
    { name: 'ImageRejection', code: 'odd' },
  ],
  ['what is no error', 'text', { message: 'text' }],
  ['nothing', undefined, { message: 'undefined' }],
])('%s keeps what it tells', (_, thrown, expected) => {
  const arrived = travel(thrown);
  expect(arrived).toBeInstanceOf(Error);
  expect(arrived).toMatchObject(expected);
});
