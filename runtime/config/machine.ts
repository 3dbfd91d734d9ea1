import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';

/** What this process and its children have to share. */
export interface Machine {
  /** CPUs that they may use at once, 1 or more. */
  readonly cpus: number;
  /** Memory in MiB. */
  readonly memory: number;
}

/** Where Linux tells of the limits that a container has. */
const CGROUP = '/sys/fs/cgroup';

/**
 * The machine as far as this container may use it. Node.js knows of a memory limit, but before version 24 not of a quota
 * of CPUs: on a host with 64 of them it would start 64 children in a container that has two.
 */
export function readMachine(cgroup = CGROUP): Machine {
  const quota = cpuQuota(cgroup) ?? Infinity;
  const limit = process.constrainedMemory();
  const bytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return {
    cpus: Math.max(1, Math.floor(Math.min(availableParallelism(), quota))),
    memory: Math.floor(bytes / 2 ** 20),
  };
}

/** CPUs that a container's quota comes to, in version 2 of cgroups and in version 1; undefined where there is none. */
function cpuQuota(cgroup: string): number | undefined {
  const [quota, period] =
    read(join(cgroup, 'cpu.max'))?.split(' ') ??
    ['cpu.cfs_quota_us', 'cpu.cfs_period_us'].map((name) => read(join(cgroup, 'cpu', name)));
  const cpus = Number(quota) / Number(period);
  // «max» in version 2, -1 in version 1: no quota.
  return cpus > 0 && Number.isFinite(cpus) ? cpus : undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
