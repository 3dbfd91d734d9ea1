import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';

/** Returns the text of a procfs file; undefined on systems other than Linux. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

/**
 * Returns the next message of a child process.
 *
 * @param name name of the process in the error message
 * @throws Error if the process exits before it sends a message
 */
export async function nextMessage<Message>(child: ChildProcess, name: string): Promise<Message> {
  const gone = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${name} exited with code ${code}`)));
  const [message] = (await Promise.race([once(child, 'message'), gone])) as [Message];
  gone.catch(() => undefined);
  return message;
}

/** Returns the process ids of a process and its running descendants. */
export function treeOf(pid: number): number[] {
  // Linux lists child processes by thread. The list of the main thread is complete, because it starts all child
  // processes.
  const children = (read(`/proc/${pid}/task/${pid}/children`) ?? '').trim().split(' ').filter(Boolean).map(Number);
  return [pid, ...children.flatMap(treeOf)];
}

/** Returns the peak resident memory of a process in MiB. */
export function peakMemory(pid: number): number {
  return kibibytes(pid, 'VmHWM') / 1024;
}

/** Resets the peak resident memory of this process if Linux permits the reset. */
export function forgetPeakMemory(): void {
  try {
    // https://docs.kernel.org/filesystems/proc.html
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    // If Linux denies the reset, the measured peak includes earlier work.
  }
}

/** Returns the resident memory of a process in MiB. */
export function ownMemory(pid: number): number {
  return kibibytes(pid, 'VmRSS') / 1024;
}

/** Returns the resident memory of a process tree in MiB. Counts a shared page once for each process. */
export function treeMemory(pid: number): number {
  return treeOf(pid).reduce((sum, each) => sum + kibibytes(each, 'VmRSS'), 0) / 1024;
}

/** Returns the memory of a process tree in MiB. Counts each shared page once (PSS), which Linux calculates slowly. */
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

/** Clock ticks per second in procfs: USER_HZ, 100 on Linux since 2.6. */
const TICKS = 100;

/** Returns the CPU time in ms of this process's terminated children; NaN on systems other than Linux. */
export function childrenCpu(): number {
  return sumOfStatFields('self', [15, 16]);
}

/** Returns the CPU time in ms of a process tree, including terminated children; NaN on systems other than Linux. */
export function treeCpu(pid: number): number {
  return treeOf(pid).reduce((sum, each) => sum + sumOfStatFields(each, [13, 14, 15, 16]), 0);
}

/**
 * Returns the sum of some fields of `/proc/PID/stat`, converted from clock ticks to ms.
 *
 * @param fields indices of the fields, starting at 0. Field 1 is the name of the process, which can contain spaces.
 */
function sumOfStatFields(pid: number | 'self', fields: readonly number[]): number {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) {
    return Number.NaN;
  }
  const after = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.reduce((sum, field) => sum + Number(after[field - 2]), 0) * (1000 / TICKS);
}
