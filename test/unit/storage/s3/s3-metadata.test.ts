import fc from 'fast-check';
import { decodeMetadata, encodeMetadata } from '../../../../runtime/storage/s3/s3-metadata';

describe('metadata in S3 headers', () => {
  const decode = (value: string): string | undefined => decodeMetadata({ x: value })['x'];

  test('metadata is not encoded if HTTP headers preserve its value', () => {
    for (const value of ['0.5,0.25', 'two words', '%20', 'a=b?c', '{"a":1}']) {
      expect(encodeMetadata({ x: value })).toEqual({ x: value });
    }
  });

  test.each([
    ['\u00fc', '=?UTF-8?B?w7w=?='],
    ['', '=?UTF-8?B??='],
    [' ', '=?UTF-8?B?IA==?='],
    ['a  b', '=?UTF-8?B?YSAgYg==?='],
    ['=?x', '=?UTF-8?B?PT94?='],
  ])('the metadata encodes %j as %j', (value, written) => {
    expect(encodeMetadata({ x: value })).toEqual({ x: written });
  });

  test.each([
    ['=?UTF-8?B?w7w=?=', '\u00fc'],
    ['=?utf-8?q?K=C3=A4se_und_Brot?=', 'K\u00e4se und Brot'],
    ['=?UTF-8?Q?a?= =?UTF-8?B?Yg==?=', 'ab'],
    ['a =?UTF-8?Q?b?= c', 'a b c'],
    ['=?UTF-8?B?ww==?= =?UTF-8?B?vA==?=', '\u00fc'],
    ['=?UTF-8?Q?=C3?= =?UTF-8?Q?=BC?=', '\u00fc'],
    ['=?US-ASCII?Q?a=3Db?=', 'a=b'],
    ['=?ISO-8859-1?Q?=FC?=', '=?ISO-8859-1?Q?=FC?='],
    ['=?broken', '=?broken'],
    ['a=?b?c', 'a=?b?c'],
  ])('the metadata decodes %j as %j', (written, value) => {
    expect(decode(written)).toBe(value);
  });

  test('any metadata is decoded to its original value, and encoded words have at most 75 characters', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 200 })), (value) => {
        const written = encodeMetadata({ x: value })['x'] ?? '';
        expect(written).toMatch(/^[\x20-\x7e]+$/);
        expect(written).toBe(written.trim());
        if (written !== value) {
          for (const word of written.split(' ')) {
            expect(word.length).toBeLessThanOrEqual(75);
          }
        }
        expect(decode(written)).toBe(value);
      }),
      { seed: 3, numRuns: 500 },
    );
  });

  test('the names of decoded metadata are in lower case', () => {
    expect(decodeMetadata({ 'Focal-Point': 'x', __proto__x: 'y' })).toEqual({ 'focal-point': 'x', __proto__x: 'y' });
  });
});
