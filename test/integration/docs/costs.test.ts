import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_THUMBNAILS } from '../../../runtime/contract';
import { Pipeline } from '../../../runtime/pipeline';
import {
  costTables,
  fargateWorkCost,
  IMAGE,
  viewCosts,
  makingCosts,
  PAGES,
  PLACE,
  storageCost,
} from '../../../scripts/costs';
import { quadrants } from '../../support/images';
import { MemoryObjectStore, type StoreRequest } from '../../support/memory-store';
import { settingsWith } from '../../unit/pipeline/fakes';

const root = join(__dirname, '../../..');
const read = (page: string): string => readFileSync(join(root, page), 'utf8');
/** Removes the padding that Prettier adds to a table. */
const unpadded = (table: string): string => table.replace(/ +/g, ' ').replace(/-+/g, '-').trim();

test('the tables are current; npx ts-node -T scripts/costs.ts && npm run format updates them', () => {
  const tables = costTables();
  const shown: string[] = [];
  for (const page of PAGES) {
    for (const [whole, , name] of read(page).matchAll(PLACE)) {
      const table = whole.split('\n').slice(1, -1).join('\n');
      expect([page, name, unpadded(table)]).toEqual([page, name, unpadded(tables.get(name!)!)]);
      shown.push(name!);
    }
  }
  expect(shown.toSorted()).toEqual([...tables.keys()].toSorted());
});

test('one image needs the calculated number of S3 requests', async () => {
  const requests: StoreRequest[] = [];
  const hook = (request: StoreRequest, moment: 'sent' | 'answered'): void => {
    if (moment === 'sent') {
      requests.push(request);
    }
  };
  const [source, thumbnails] = [new MemoryObjectStore({ hook }), new MemoryObjectStore({ hook })];
  await source.put('cat.jpg', await quadrants({ width: 80, height: 60 }), { contentType: 'image/jpeg' });
  requests.length = 0;
  const settings = settingsWith({ thumbnails: [...DEFAULT_THUMBNAILS] });
  expect((await new Pipeline({ source, thumbnails, settings }).reconcile('cat.jpg')).status).toBe('made');
  const counted = (...operations: StoreRequest['operation'][]): number =>
    requests.filter(({ operation }) => operations.includes(operation)).length;
  expect([counted('put'), counted('list'), counted('get', 'head')]).toEqual([IMAGE.puts, IMAGE.lists, IMAGE.gets]);
});

test('README and costs page contain the same figures', () => {
  const readme = read('README.md');
  const compute = makingCosts(1e6)['Lambda: the upload function']!;
  const views = Object.values(viewCosts()).reduce((sum, cost) => sum + cost, 0);
  for (const cost of [compute, fargateWorkCost(1e6), views]) {
    expect(readme).toContain(`$${cost.toFixed(2)}`);
  }
  for (const fixed of ['$0.40', '$35.30']) {
    expect(readme).toContain(fixed);
    expect(read('docs/costs.md')).toContain(`**${fixed}**`);
  }
});

test('the text of the costs page contains the figures of the calculation', () => {
  const text = read('docs/costs.md');
  const [, cpu] = /16 camera photos of 4 to 16 megapixels\s*\| 16 rendered\s*\| [\d.]+ s\s*\| ([\d.]+) s/.exec(
    read('docs/performance.md'),
  )!;
  expect(text).toContain(`measured: ${(Number(cpu) / 16).toFixed(2)} s of CPU`);
  expect(text).toContain(`| ${IMAGE.seconds} s `);
  expect(text).toContain(`${IMAGE.functionMb.toLocaleString('en-US')} MB of a function`);
  expect(text).toContain(`${IMAGE.puts} \`PUT\`, ${IMAGE.lists} \`LIST\`, ${IMAGE.gets} \`GET\` or \`HEAD\``);
  expect(text).toContain(`$${storageCost(1e6).toFixed(2)} a month for a million images`);
  const all = Object.values(makingCosts(1e6)).reduce((sum, cost) => sum + cost, 0);
  expect(makingCosts(1e6)['S3: requests']! / all).toBeGreaterThan(0.5);
  expect(fargateWorkCost(1e6)).toBeLessThan(makingCosts(1e6)['Lambda: the upload function']!);
});
