import fc from 'fast-check';
import { readFocalPoint } from '../../../runtime/pipeline/focal-point';

function read(value: string) {
  return readFocalPoint({ 'focal-point': value });
}

test.each([
  ['0.3,0.7', 0.3, 0.7],
  ['0,1', 0, 1],
  ['1.0,0.0', 1, 0],
  ['.5,1.', 0.5, 1],
  [' 0.25 , 0.75 ', 0.25, 0.75],
  ['30%,70%', 0.3, 0.7],
  ['12.5 %,100%', 0.125, 1],
  ['0.5,50%', 0.5, 0.5],
])('readFocalPoint() reads %j', (value, x, y) => {
  expect(read(value)).toEqual({ focalPoint: { x, y } });
});

test('missing metadata results in neither a focal point nor a warning', () => {
  expect(readFocalPoint({ other: '0.1,0.2' })).toEqual({});
});

test.each([
  '',
  ',',
  '0.3',
  '0.3,',
  '0.3 0.7',
  '0.3,0.7,0.1',
  '1.1,0.5',
  '0.5,101%',
  '-0.1,0.5',
  '1e-1,0.5',
  '0x1,0',
  'NaN,0',
  '%,%',
  '.,.',
  'left,top',
])('readFocalPoint() ignores %j with a warning', (value) => {
  const { focalPoint, warning } = read(value);
  expect(focalPoint).toBeUndefined();
  expect(warning?.code).toBe('invalid-focal-point');
  expect(warning?.message).toContain(JSON.stringify(value));
});

test('readFocalPoint() shortens a long value in the warning', () => {
  expect(read('x'.repeat(2000)).warning?.message).toContain(`"${'x'.repeat(80)}…"`);
});

test('every value results in a focal point or a warning', () => {
  const value = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom('0', '1', '.', '5', '%', ',', ' '), { maxLength: 9 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(value, (text) => {
      const { focalPoint, warning } = read(text);
      expect((focalPoint === undefined) !== (warning === undefined)).toBe(true);
      if (focalPoint) {
        expect(Math.min(focalPoint.x, focalPoint.y)).toBeGreaterThanOrEqual(0);
        expect(Math.max(focalPoint.x, focalPoint.y)).toBeLessThanOrEqual(1);
      }
    }),
    { seed: 17, numRuns: 2000 },
  );
});
