import fc from 'fast-check';
import { ObjectStoreError } from '../../../runtime/storage';
import { checkKey, compareKeys, isLegalKey, showKey } from '../../../runtime/storage/object-key';

describe('keys', () => {
  test.each([
    ['a', true],
    ['\u0000', true],
    ['x'.repeat(1024), true],
    ['\u00e9'.repeat(512), true],
    ['\u{1f600}'.repeat(256), true],
    ['', false],
    ['x'.repeat(1025), false],
    [`x${'\u00e9'.repeat(512)}`, false],
    ['\ud83d', false],
    ['\ude00\ud83d', false],
  ])('isLegalKey(%j) returns %j', (key, legal) => {
    expect(isLegalKey(key)).toBe(legal);
    if (legal) {
      expect(() => checkKey(key)).not.toThrow();
    } else {
      expect(() => checkKey(key)).toThrow(ObjectStoreError);
    }
  });

  test('compareKeys() compares UTF-8 bytes', () => {
    const key = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom('a', '/', '\uffee', '\u{10000}', '\ue000') }),
    );
    fc.assert(
      fc.property(key, key, (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
      { seed: 4, numRuns: 2000 },
    );
  });

  test('showKey() returns one line of limited length', () => {
    expect(showKey('a"b\nc')).toBe('"a\\"b\\nc"');
    expect(showKey('\u00e9'.repeat(500))).toBe(`"${'\u00e9'.repeat(100)}"\u2026 (1000 bytes)`);
  });
});
