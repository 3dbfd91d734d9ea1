import { filterOf, readFilters } from '../../../../cli/backfill/filters';

test('the input of an execution omits undefined filters', () => {
  expect(readFilters({}, 'photos/')).toEqual({});
});

test.each([
  ['2026-11-01', '2026-11-01T00:00:00.000Z'],
  ['2026-11-01T12:30:00+02:00', '2026-11-01T10:30:00.000Z'],
])('the input of an execution converts the date %s to UTC', (since, expected) => {
  expect(readFilters({ since }, '')).toEqual({ since: expected });
});

test.each([
  ['a prefix outside the source prefix', { prefix: 'other/' }, '--prefix: got other/'],
  ['a prefix that is shorter than the source prefix', { prefix: 'pho' }, '--prefix: got pho'],
  ['a word as date', { since: 'yesterday' }, '--since: got yesterday'],
  ['a date that does not exist', { since: '2026-13-01' }, '--since: got 2026-13-01'],
])('the input of an execution rejects %s', (_, options, message) => {
  expect(() => readFilters(options, 'photos/')).toThrow(message);
});

test('the input of an execution selects sources by prefix, suffix and time', () => {
  const since = '2026-11-01T00:00:00.000Z';
  const isSelected = filterOf({ prefix: 'a/', suffixes: ['.JPG', ''], since });
  const at = (key: string, lastModified = new Date(since)): boolean => isSelected({ key, lastModified });
  expect(at('a/1.jpg')).toBe(true);
  expect([at('b/1.jpg'), at('a/1.png'), at('a/.jpg/'), at('a/1.jpg', new Date(0))]).toEqual(Array(4).fill(false));
});
