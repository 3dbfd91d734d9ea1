import fc from 'fast-check';
import { boxesOf, brandsOf, itemTypesOf } from '../../../../runtime/engine/heif/iso-boxes';
import { heic } from '../../../support/heic';

fc.configureGlobal({ seed: 1 });

function box(type: string, content: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(content.length + 8);
  return Buffer.concat([size, Buffer.from(type, 'latin1'), content]);
}

test('the box reader reads consecutive boxes', () => {
  const bytes = Buffer.concat([box('free', Buffer.alloc(3)), box('mdat', Buffer.alloc(0))]);
  expect([...boxesOf(bytes, 0, bytes.length)]).toEqual([
    { type: 'free', start: 8, end: 11 },
    { type: 'mdat', start: 19, end: 19 },
  ]);
});

test('the box reader reads 64-bit sizes, and the size of a box that extends to the end of the file', () => {
  const large = Buffer.from('0000000166726565000000000000001400000000', 'hex');
  const last = Buffer.from('000000006d646174ffff', 'hex');
  const bytes = Buffer.concat([large, last]);
  expect([...boxesOf(bytes, 0, bytes.length)]).toEqual([
    { type: 'free', start: 16, end: 20 },
    { type: 'mdat', start: 28, end: 30 },
  ]);
});

test('the box reader returns the end of a truncated box from its header', () => {
  const bytes = box('mdat', Buffer.alloc(100)).subarray(0, 50);
  expect([...boxesOf(bytes, 0, bytes.length)]).toEqual([{ type: 'mdat', start: 8, end: 108 }]);
});

test('the box reader reads the brands and the items of an image', () => {
  const bytes = heic({ columns: 2, rows: 1, brands: ['mif1', 'heic', 'miaf'] });
  expect(brandsOf(bytes)).toEqual(['mif1', 'mif1', 'heic', 'miaf']);
  expect(itemTypesOf(bytes)).toEqual(['grid', 'hvc1', 'hvc1']);
});

test('the box reader returns no brands without ftyp', () => {
  expect(brandsOf(box('free', Buffer.from('heic')))).toEqual([]);
  expect(brandsOf(Buffer.alloc(0))).toEqual([]);
});

test('the box reader terminates for any bytes and reads only within the bytes', () => {
  const original = heic({ columns: 2, rows: 2 });
  const change = fc.record({ at: fc.nat(original.length - 1), value: fc.nat(255) });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 8 }), fc.nat(original.length), (changes, length) => {
      const bytes = Buffer.from(original);
      for (const { at, value } of changes) {
        bytes[at] = value;
      }
      const part = bytes.subarray(0, length);
      expect(brandsOf(part).length * 4).toBeLessThanOrEqual(length);
      expect(itemTypesOf(part).length * 8).toBeLessThanOrEqual(length);
      for (const { start, end } of boxesOf(part, 0, part.length)) {
        expect(start).toBeLessThanOrEqual(length);
        expect(end).toBeGreaterThanOrEqual(start);
      }
    }),
  );
});
