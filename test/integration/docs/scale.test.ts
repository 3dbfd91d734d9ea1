import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LIMITS } from '../../../bench/scale/limits';
import { PAGE, PLACE, scaleFigures } from '../../../bench/scale/scale';
import { WORK } from '../../../bench/scale/scenarios';
import { functionSeconds } from '../../../cost';

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
  expect(sentences).toContain(`one partition accepts ${perSecond(images)} images`);
  expect(sentences).toContain(
    `${perSecond(images * functionSeconds(WORK, 'expected'))} concurrent functions cause this rate`,
  );
  expect(text).toContain(` ${perSecond(LIMITS.s3Gets.value / WORK.s3Gets)} |`);
  for (const { value } of [LIMITS.lambdaConcurrency, LIMITS.mappingConcurrency]) {
    expect(text).toContain(` ${perSecond(value / functionSeconds(WORK, 'expected'))} |`);
  }
});
