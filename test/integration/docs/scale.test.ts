import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIMITS } from '../../../bench/scale/limits';
import { DEFAULT_MAX_CONCURRENCY, PAGE, PEAK, PLACE, scaleFigures } from '../../../bench/scale/scale';
import { functions, WORK } from '../../../bench/scale/scenarios';
import { simulate } from '../../../bench/scale/simulate';
import { FUNCTION_MB, functionSeconds, pricesOf } from '../../../cost';

const root = join(__dirname, '../../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');
/** Removes the padding that Prettier adds to a table. */
const unpadded = (table: string): string => table.replace(/ +/g, ' ').replace(/-+/g, '-').trim();
const text = read(PAGE);

test('the tables and plots are current; npx ts-node -T bench/scale/scale.ts && npm run format updates them', () => {
  const { tables, plots } = scaleFigures();
  const shown = Array.from(text.matchAll(PLACE), ([whole, , name]) => {
    const table = whole.split('\n').slice(1, -1).join('\n');
    return [name, unpadded(table)];
  });
  expect(Object.fromEntries(shown)).toEqual(
    Object.fromEntries([...tables].map(([name, table]) => [name, unpadded(table)])),
  );
  for (const [file, svg] of plots) {
    expect([file, read(file)]).toEqual([file, svg]);
  }
});

test('the page lists every limit of the simulation with its source', () => {
  for (const { value, source } of Object.values(LIMITS)) {
    expect(text).toContain(value.toLocaleString('en-US'));
    expect(text).toContain(source);
  }
});

test('the text of the page contains the maximum rates', () => {
  const sentences = text.replace(/\s+/g, ' ');
  const perSecond = (value: number): string => Math.floor(value).toLocaleString('en-US');
  const images = LIMITS.s3Puts.value / WORK.s3Puts;
  expect(sentences).toContain(`one partition accepts the thumbnails of ${perSecond(images)} images per second`);
  expect(sentences).toContain(
    `${perSecond(images * functionSeconds(WORK, 'expected'))} concurrent functions reach this rate`,
  );
  expect(text).toContain(` ${perSecond(LIMITS.s3Gets.value / WORK.s3Gets)} |`);
  for (const { value } of [LIMITS.lambdaConcurrency, LIMITS.mappingConcurrency]) {
    expect(text).toContain(` ${perSecond(value / functionSeconds(WORK, 'expected'))} |`);
  }
});

test('the page explains the default maximum concurrency', () => {
  const sentences = text.replace(/\s+/g, ' ');
  const images = DEFAULT_MAX_CONCURRENCY / functionSeconds(WORK, 'expected');
  const { usd } = pricesOf('us-east-1');
  expect(DEFAULT_MAX_CONCURRENCY).toBe(LIMITS.lambdaConcurrency.value / 10);
  expect(sentences).toContain(
    `${DEFAULT_MAX_CONCURRENCY} functions create the thumbnails of ${Math.floor(images)} images per second`,
  );
  expect(sentences).toContain(
    `${Math.floor(images * WORK.s3Puts).toLocaleString('en-US')} \`PUT\` requests per second`,
  );
  expect(images * WORK.s3Puts).toBeLessThan(LIMITS.s3Puts.value);
  const dollars = DEFAULT_MAX_CONCURRENCY * 3600 * (FUNCTION_MB / 1024) * usd.lambdaGbSecond;
  expect(sentences).toContain(`cost $${dollars.toFixed(2)} an hour`);
  const millions = (images * 86_400) / PEAK / 1e6;
  expect(sentences).toContain(`Up to ${(Math.floor(millions * 10) / 10).toFixed(1)} million images a day`);
});

test('the default maximum concurrency processes 10,000 uploads within a minute', () => {
  const { seconds, peakSlots } = simulate({
    images: 10_000,
    arrivalsPerSecond: 10_000,
    compute: functions(DEFAULT_MAX_CONCURRENCY),
    putsPerImage: WORK.s3Puts,
    putsPerSecond: LIMITS.s3Puts.value,
    seed: 1,
  });
  expect(peakSlots).toBe(DEFAULT_MAX_CONCURRENCY);
  expect(seconds).toBeLessThan(60);
});
