import { Token } from 'aws-cdk-lib';
import { workerProcessesFor } from '../../../runtime/contract';
import { invalidValue } from '../../private/validation';
import type { ThumbnailFargateServiceOptions } from './thumbnail-fargate-options';

const GIB = 1024;

/**
 * Memory that goes with each number of CPU units, in MiB:
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
  /** CPU units. */
  readonly cpu: number;
  /** MiB. */
  readonly memory: number;
}

/** The size that options come to; twice as many MiB as CPU units go with each of them. */
export function sizeOf({ cpu, memoryLimitMiB }: ThumbnailFargateServiceOptions, defaultCpu: number): TaskSize {
  const units = cpu ?? defaultCpu;
  return { cpu: units, memory: memoryLimitMiB ?? 2 * (Token.isUnresolved(units) ? defaultCpu : units) };
}

/** What is wrong with the size of a task, with the values that would be right. */
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
  return [invalidValue('memoryLimitMiB', memory, `one of ${allowed.join(', ')} MiB with cpu ${cpu}`)];
}

/** Images that a task can decode and encode at once: whole vCPUs, or one; undefined where only the deployment knows. */
export function processorsOf({ cpu }: TaskSize): number | undefined {
  return Token.isUnresolved(cpu) ? undefined : Math.max(1, Math.floor(cpu / 1024));
}

/** Images that a task works on at once, reading and writing included; undefined where only the deployment knows. */
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
