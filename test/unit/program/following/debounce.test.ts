import { debounce, type Debounce } from '../../../../runtime/program/following/debounce';

let reported: string[];
let debounced: Debounce;
beforeEach(() => {
  jest.useFakeTimers();
  reported = [];
  debounced = debounce(100, (name) => reported.push(name));
});
afterEach(() => jest.useRealTimers());

test('debounce() reports a name once after the quiet period', () => {
  for (let time = 0; time < 1000; time += 99) {
    debounced.add('a');
    jest.advanceTimersByTime(99);
  }
  expect(reported).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(reported).toEqual(['a']);
});

test('debounce() has a separate quiet period for each name and reports later events again', () => {
  debounced.add('a');
  jest.advanceTimersByTime(60);
  debounced.add('b');
  jest.advanceTimersByTime(40);
  expect(reported).toEqual(['a']);
  debounced.add('a');
  jest.advanceTimersByTime(60);
  expect(reported).toEqual(['a', 'b']);
  jest.advanceTimersByTime(40);
  expect(reported).toEqual(['a', 'b', 'a']);
});

test('debounce() reports no names after close()', () => {
  debounced.add('a');
  debounced.close();
  jest.advanceTimersByTime(1000);
  expect(reported).toEqual([]);
});
