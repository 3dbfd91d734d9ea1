import { readFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { SERVICE_VARIABLES } from '../contract';
import type { Environment } from './parse-environment';

/** CPUs and memory that this process and its worker processes share. */
export interface Machine {
  /** Number of CPUs, 1 or more. */
  readonly cpus: number;
  readonly memoryMiB: number;
}

/** Path of the folder with the limits of a container on Linux. */
const CGROUP = '/sys/fs/cgroup';

/**
 * Returns the CPUs and the memory of the container or machine.
 *
 * Node.js before version 24 ignores the CPU quota of a container. Without this function, a container with two CPUs on a host
 * with 64 CPUs would start 64 worker processes.
 */
export function readMachine(cgroup = CGROUP): Machine {
  const quota = cpuQuota(cgroup) ?? Infinity;
  const limit = process.constrainedMemory();
  const bytes = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return {
    cpus: Math.max(1, Math.floor(Math.min(availableParallelism(), quota))),
    memoryMiB: Math.floor(bytes / 2 ** 20),
  };
}

/**
 * Returns the memory in MiB that this process may use. The first value that is available applies:
 * - the variable MEMORY_LIMIT_MIB, which the service sets for its worker processes
 * - the memory of the Lambda function
 * - the memory of the container or machine
 */
export function readProcessMemoryMiB(environment: Environment): number {
  const limits = [environment[SERVICE_VARIABLES.memoryLimitMiB], environment['AWS_LAMBDA_FUNCTION_MEMORY_SIZE']];
  return limits.map(Number).find((mib) => Number.isSafeInteger(mib) && mib > 0) ?? readMachine().memoryMiB;
}

/** Returns the CPU quota of the container as a number of CPUs, from cgroups version 2 or 1. Undefined without a quota. */
function cpuQuota(cgroup: string): number | undefined {
  const [quota, period] =
    read(join(cgroup, 'cpu.max'))?.split(' ') ??
    ['cpu.cfs_quota_us', 'cpu.cfs_period_us'].map((name) => read(join(cgroup, 'cpu', name)));
  const cpus = Number(quota) / Number(period);
  // A container without a quota has the value «max» in version 2 of cgroups and -1 in version 1.
  return cpus > 0 && Number.isFinite(cpus) ? cpus : undefined;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
