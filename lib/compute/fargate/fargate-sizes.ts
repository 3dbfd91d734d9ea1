import { Token } from 'aws-cdk-lib';
import { invalidValue } from '../../private/validation';
import { sizeOf } from '../ecs/task-size';
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

function upTo(max: number, min: number, step: number): number[] {
  return Array.from({ length: (max - min) / step + 1 }, (_, index) => min + index * step);
}
