import { Token } from 'aws-cdk-lib';
import { memoryPerWorkerMiB, workerProcessesFor } from '../../../runtime/contract';

/** Default CPU units of a task. */
export const DEFAULT_CPU = { worker: 1024, api: 512 } as const;
/** Kind of a service. */
export type ServiceKind = keyof typeof DEFAULT_CPU;

/** Options for the size of a task. */
export interface SizeOptions {
  readonly cpu?: number;
  readonly memoryLimitMiB?: number;
}

/** Size of a task. */
export interface TaskSize {
  /** CPU units; 1024 are one vCPU. */
  readonly cpu: number;
  /** Memory in MiB. */
  readonly memory: number;
}

/**
 * Returns the CPU units and the memory of a task. The default memory in MiB is twice the number of CPU units. Fargate supports
 * this memory for every `cpu`.
 */
export function sizeOf({ cpu, memoryLimitMiB }: SizeOptions, defaultCpu: number): TaskSize {
  const units = cpu ?? defaultCpu;
  return { cpu: units, memory: memoryLimitMiB ?? 2 * (Token.isUnresolved(units) ? defaultCpu : units) };
}

/** Returns the number of whole vCPUs of a task, at least 1; undefined if `cpu` is a token. */
export function processorsOf({ cpu }: TaskSize): number | undefined {
  return Token.isUnresolved(cpu) ? undefined : Math.max(1, Math.floor(cpu / 1024));
}

/** Returns the number of worker processes of a task; undefined if `cpu` is a token. */
export function workersOf(size: TaskSize): number | undefined {
  const processors = processorsOf(size);
  if (processors === undefined || Token.isUnresolved(size.memory)) {
    return processors;
  }
  return workerProcessesFor(processors, size.memory);
}

/** Returns the memory of a worker process in MiB; undefined for tokens. */
export function imageMemoryMiB({ worker = {} }: { readonly worker?: SizeOptions }): number | undefined {
  const size = sizeOf(worker, DEFAULT_CPU.worker);
  const workerProcesses = workersOf(size);
  return workerProcesses === undefined || Token.isUnresolved(size.memory)
    ? undefined
    : memoryPerWorkerMiB(workerProcesses, size.memory);
}
