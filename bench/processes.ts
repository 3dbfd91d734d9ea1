import { readFileSync, writeFileSync } from 'node:fs';

/** What the system says of processes, where it says it in files (Linux); undefined elsewhere. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/** A process and all that came from it, as far as they run. */
export function treeOf(pid: number): number[] {
  // A process is listed at the thread that started it.
  const children = (read(`/proc/${pid}/task/${pid}/children`) ?? '').trim().split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(treeOf)];
}

/** Largest resident memory that a process has had, in MiB. */
export function peakMemory(pid: number): number {
  return kibibytes(pid, 'VmHWM') / 1024;
}

/** Has the system forget what this process has had at most, as far as it can. */
export function forgetPeakMemory(): void {
  try {
    // https://docs.kernel.org/filesystems/proc.html
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // Then what it had before counts as well.
  }
}

/** Resident memory of a process and of all that came from it, in MiB; what several of them share is counted for each. */
export function treeMemory(pid: number): number {
  return treeOf(pid).reduce((sum, each) => sum + kibibytes(each, 'VmRSS'), 0) / 1024;
}

/** The same, but what several of them share is counted once; it takes the system a while to tell. */
export function treeOwnMemory(pid: number): number {
  return treeOf(pid).reduce((sum, each) => {
    const [, value = 0] = /^Pss:\s*(\d+) kB/m.exec(read(`/proc/${each}/smaps_rollup`) ?? '') ?? [];
    return sum + Number(value) / 1024;
  }, 0);
}

function kibibytes(pid: number, name: 'VmHWM' | 'VmRSS'): number {
  const [, value] = new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(read(`/proc/${pid}/status`) ?? '') ?? [];
  return value === undefined ? 0 : Number(value);
}

/** Hundredths of a second: Linux has counted so, whatever its clock, since 2.6. */
const TICKS = 100;

/** CPU time in ms of the children of this process that have ended. NaN where the system does not tell. */
export function childrenCpu(): number {
  return fieldsOf('self', [15, 16]);
}

/** CPU time in ms of a process that runs, without its children. NaN where the system does not tell. */
export function processCpu(pid: number): number {
  return fieldsOf(pid, [13, 14]);
}

/** Adds up fields of `/proc/…/stat`, counted from 0; the name, which can hold spaces, is the second. */
function fieldsOf(pid: number | 'self', fields: readonly number[]): number {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) {
    return Number.NaN;
  }
  const after = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.reduce((sum, field) => sum + Number(after[field - 2]), 0) * (1000 / TICKS);
}
