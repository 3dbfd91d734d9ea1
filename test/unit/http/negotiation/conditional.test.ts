import { isNotModified } from '../../../../runtime/http/negotiation/conditional';

const lastModified = new Date('2026-05-04T03:02:01.900Z');
const current = { etag: '"abc-1"', lastModified };

describe('isNotModified', () => {
  test.each([
    ['"abc-1"', true],
    ['W/"abc-1"', true],
    ['"other", "abc-1"', true],
    ['"other",W/"abc-1"', true],
    ['*', true],
    [' * ', true],
    ['"a,b", "abc-1"', true],
    ['"other"', false],
    ['abc-1', false],
    ['"abc-1', false],
    ['"ABC-1"', false],
    ['"*"', false],
    ['', false],
  ])('isNotModified() returns for If-None-Match %s: %s', (header, expected) => {
    expect(isNotModified(new Headers({ 'If-None-Match': header }), current)).toBe(expected);
  });

  test.each([
    ['Mon, 04 May 2026 03:02:01 GMT', true],
    ['Mon, 04 May 2026 03:02:02 GMT', true],
    ['Mon, 04 May 2026 03:02:00 GMT', false],
    ['yesterday', false],
  ])('isNotModified() returns for If-Modified-Since %s: %s', (header, expected) => {
    expect(isNotModified(new Headers({ 'If-Modified-Since': header }), current)).toBe(expected);
  });

  test('isNotModified() ignores If-Modified-Since if If-None-Match is present', () => {
    const headers = new Headers({ 'If-None-Match': '"other"', 'If-Modified-Since': 'Mon, 04 May 2026 03:02:02 GMT' });
    expect(isNotModified(headers, current)).toBe(false);
  });

  test('isNotModified() ignores If-Modified-Since if the response has no Last-Modified', () => {
    const headers = new Headers({ 'If-Modified-Since': 'Mon, 04 May 2026 03:02:02 GMT' });
    expect(isNotModified(headers, { etag: '"a"' })).toBe(false);
    expect(isNotModified(new Headers(), current)).toBe(false);
  });
});
