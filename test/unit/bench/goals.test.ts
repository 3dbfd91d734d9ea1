import { goalsOf } from '../../../bench/goals';
import type { PartReport } from '../../../bench/report';

const part = (figures: Readonly<Record<string, number>>): PartReport => ({
  tables: [],
  plots: [],
  figures,
  machine: '',
  finished: '',
  seconds: 0,
});
const results = (report: Parameters<typeof goalsOf>[0]): Readonly<Record<string, unknown>> =>
  Object.fromEntries(goalsOf(report).rows.map(([, title, measured, , result]) => [title!, [measured, result]]));

test('a goal is met at its limit and missed beyond the limit', () => {
  const stored = (ratio: number) => results({ service: part({ 'stored 100: requests/s of ours / bare': ratio }) });
  const title = 'stored thumbnails, 100 parallel requests: requests/s, relative to node:http';
  expect(stored(0.7)[title]).toEqual([0.7, 'met']);
  expect(stored(0.69)[title]).toEqual([0.69, '**missed**']);
  const synth = (ratio: number) => results({ synth: part({ '1: CPU of ours / by hand': ratio }) });
  expect(Object.values(synth(1.05))).toEqual([[1.05, 'met']]);
  expect(Object.values(synth(1.06))).toEqual([[1.06, '**missed**']]);
});

test('the goal for S3 divides the CPU time of the service by the CPU time of a bare GetObject server', () => {
  const figures = { 'stored service-api: CPU ms': 3, 'stored bare-s3: CPU ms': 2 };
  expect(results({ forms: part(figures) })).toEqual({
    'stored on S3: CPU, relative to a bare GetObject': [1.5, '**missed**'],
  });
});

test('the table omits goals without figures', () => {
  expect(goalsOf({}).rows).toEqual([]);
  expect(Object.keys(results({ memory: part({ 'peak MiB': 400 }) }))).toEqual(['largest accepted files: peak MiB']);
});

test('the goal for failed requests ignores the servers of other projects', () => {
  const figures = { 'new 100: ours errors': 1, 'page: page errors': 2, 'new 100: ipx errors': 4 };
  expect(results({ service: part(figures) })['failed requests']).toEqual([3, '**missed**']);
});
