import { Token } from 'aws-cdk-lib';
import { workerProcessesFor } from '../../../runtime/contract';
import { invalidValue } from '../../private/validation';
import type { ThumbnailFargateServiceOptions } from './thumbnail-fargate-options';

const GIB = 1024;

/**
 * Supported memory in MiB for each number of CPU units:
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
 */
const MEMORY: ReadonlyMap<number, readonly number[]> = new Map([
  [256, [512, 1 * GIB, 2 * GIB]],
  [512, upTo(4 * GIB, 1 * GIB, 1 * GIB)],
  [1024, upTo(8 * GIB, 2 * GIB, 1 * GIB)],
  [2048, upTo(16 * GIB, 4 * GIB, 1 * GIB)],
  [4096, upTo(30 * GIB, 8 * GIB, 1 * GIB)],
  [8192, upTo(60 * GIB, 16 * GIB, 4 * GIB)],
  [16_384, upTo(120 * GIB, 32 * GIB, 8 * GIB)],
]);

/** Size of a task. */
export interface TaskSize {
  /** CPU units; 1024 are one vCPU. */
  readonly cpu: number;
  /** Memory in MiB. */
  readonly memory: number;
}

/** Returns the size of a task. Fargate supports the default memory, twice the CPU units in MiB, for every `cpu`. */
export function sizeOf({ cpu, memoryLimitMiB }: ThumbnailFargateServiceOptions, defaultCpu: number): TaskSize {
  const units = cpu ?? defaultCpu;
  return { cpu: units, memory: memoryLimitMiB ?? 2 * (Token.isUnresolved(units) ? defaultCpu : units) };
}

/** Validates `cpu` and `memoryLimitMiB`. */
export function validateSize(options: ThumbnailFargateServiceOptions, defaultCpu: number): string[] {
  const { cpu, memory } = sizeOf(options, defaultCpu);
  if (Token.isUnresolved(cpu)) {
    return [];
  }
  const allowed = MEMORY.get(cpu);
  if (!allowed) {
    return [invalidValue('cpu', cpu, `one of ${[...MEMORY.keys()].join(', ')} CPU units`)];
  }
  if (Token.isUnresolved(memory) || allowed.includes(memory)) {
    return [];
  }
  return [invalidValue('memoryLimitMiB', memory, `one of ${allowed.join(', ')} MiB for cpu ${cpu}`)];
}

/** Returns the whole vCPUs of a task, at least 1; undefined if `cpu` is a token. */
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

function upTo(max: number, min: number, step: number): number[] {
  return Array.from({ length: (max - min) / step + 1 }, (_, index) => min + index * step);
}
