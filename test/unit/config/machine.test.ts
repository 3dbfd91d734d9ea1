import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { dirname, join } from 'node:path';
import { readMachine } from '../../../runtime/config/machine';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'cgroup-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function machine(files: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), `${text}\n`);
  }
  return readMachine(folder);
}

const all = availableParallelism();

test.each([
  ['no cgroup', {}, all],
  ['no quota', { 'cpu.max': 'max 100000' }, all],
  ['a quota of one and a half CPUs', { 'cpu.max': '150000 100000' }, 1],
  ['a quota of a quarter of a CPU', { 'cpu.max': '25000 100000' }, 1],
  ['a quota of more CPUs than there are', { 'cpu.max': '100000000 100000' }, all],
  ['no quota, version 1', { 'cpu/cpu.cfs_quota_us': '-1', 'cpu/cpu.cfs_period_us': '100000' }, all],
  ['one CPU, version 1', { 'cpu/cpu.cfs_quota_us': '100000', 'cpu/cpu.cfs_period_us': '100000' }, 1],
  ['something else', { 'cpu.max': 'a lot' }, all],
])('%s', (_, files, cpus) => {
  expect(machine(files).cpus).toBe(cpus);
});

test('the memory is the smaller value of the container limit and the memory of the machine', () => {
  const { memoryMiB } = machine({});
  expect(memoryMiB).toBeGreaterThan(0);
  expect(memoryMiB).toBeLessThanOrEqual(totalmem() / 2 ** 20);
  const limit = jest.spyOn(process, 'constrainedMemory');
  for (const [bytes, expected] of [
    [512 * 2 ** 20, 512],
    [0, memoryMiB],
    [2 ** 63, Math.floor(totalmem() / 2 ** 20)],
  ] as const) {
    limit.mockReturnValue(bytes);
    expect(machine({}).memoryMiB).toBe(expected);
  }
  limit.mockRestore();
});
