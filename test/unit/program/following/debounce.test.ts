import { settle, type Debounce } from '../../../../runtime/program/following/debounce';

let told: string[];
let settling: Debounce;
beforeEach(() => {
  jest.useFakeTimers();
  told = [];
  settling = settle(100, (name) => told.push(name));
});
afterEach(() => jest.useRealTimers());

test('tells once what is seen often, when no more is seen', () => {
  for (let time = 0; time < 1000; time += 99) {
    settling.seen('a');
    jest.advanceTimersByTime(99);
  }
  expect(told).toEqual([]);
  jest.advanceTimersByTime(1);
  expect(told).toEqual(['a']);
});

test('tells each name at its own time, and again when it is seen again', () => {
  settling.seen('a');
  jest.advanceTimersByTime(60);
  settling.seen('b');
  jest.advanceTimersByTime(40);
  expect(told).toEqual(['a']);
  settling.seen('a');
  jest.advanceTimersByTime(60);
  expect(told).toEqual(['a', 'b']);
  jest.advanceTimersByTime(40);
  expect(told).toEqual(['a', 'b', 'a']);
});

test('tells nothing after its end', () => {
  settling.seen('a');
  settling.close();
  jest.advanceTimersByTime(1000);
  expect(told).toEqual([]);
});
