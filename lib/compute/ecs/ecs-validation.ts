import { Token } from 'aws-cdk-lib';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import { invalidValue, nested, outOfRange, validateInteger, validationError } from '../../private/validation';
import {
  validateBacklog,
  validateCapacity,
  validateDeployment,
  validateImage,
  validateLoad,
  validateScaleInDelay,
  validateTask,
} from './service-validation';
import { DEFAULT_CPU, type ServiceKind, sizeOf } from './task-size';
import type { ThumbnailEcsOptions, ThumbnailEcsServiceOptions } from './thumbnail-ecs-options';

/**
 * Maximum number of capacity providers:
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
 */
const MAX_PROVIDERS = 20;
const WEIGHT = { min: 0, max: 1000 };
const BASE = { min: 0, max: 100_000, unit: 'tasks' };
/** CPU units of a task: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters_ec2.html */
export const CPU = { min: 128, max: 196_608, unit: 'CPU units' };
/**
 * Memory of a task. The maximum is the memory of the largest EC2 instances, 32 TiB:
 * https://aws.amazon.com/ec2/instance-types/high-memory/
 */
export const MEMORY = { min: 512, max: 32 * 1024 * 1024, unit: 'MiB' };

export function validateEcsOptions(options: ThumbnailEcsOptions): string[] {
  const { worker = {}, api = {} } = options;
  return [
    ...validateStrategies(options.capacityProviderStrategies),
    ...validateTask(options),
    ...validateImage(options),
    ...nested('worker', [
      ...validateService(worker, 'worker'),
      ...validateBacklog(worker),
      ...validateScaleInDelay(worker),
    ]),
    ...nested('api', [...validateService(api, 'api'), ...validateLoad(api)]),
  ];
}

function validateService(options: ThumbnailEcsServiceOptions, kind: ServiceKind): string[] {
  const { cpu, memory } = sizeOf(options, DEFAULT_CPU[kind]);
  return [
    ...validateInteger('cpu', cpu, CPU),
    ...validateInteger('memoryLimitMiB', memory, MEMORY),
    ...validateCapacity(options, kind),
    ...validateDeployment(options),
  ];
}

function validateStrategies(strategies: readonly ecs.CapacityProviderStrategy[]): string[] {
  const prop = 'capacityProviderStrategies';
  const count = strategies.length;
  if (count === 0 || count > MAX_PROVIDERS) {
    return [outOfRange(prop, `${count} capacity providers`, `1 to ${MAX_PROVIDERS} capacity providers of the cluster`)];
  }
  const errors = strategies.flatMap(({ capacityProvider, weight, base }, index) =>
    nested(`${prop}[${index}]`, [
      ...(/^FARGATE(_SPOT)?$/.test(capacityProvider)
        ? [
            validationError(
              'capacityProvider',
              `${capacityProvider} is not EC2 capacity`,
              'use ThumbnailCompute.fargate()',
            ),
          ]
        : []),
      ...validateInteger('weight', weight, WEIGHT),
      ...validateInteger('base', base, BASE),
    ]),
  );
  const bases = strategies.filter(({ base }) => base !== undefined && (Token.isUnresolved(base) || base > 0));
  if (bases.length > 1) {
    errors.push(
      invalidValue(prop, `${bases.length} capacity providers with a base`, 'at most one capacity provider with a base'),
    );
  }
  // The default weight of ECS is 0. ECS places no task on a provider if its weight is 0 and its base is 0.
  if (strategies.length > 1 && strategies.every(({ weight }) => !weight)) {
    errors.push(invalidValue(prop, 'the weight 0 of every capacity provider', 'a weight of at least 1'));
  }
  return errors;
}
