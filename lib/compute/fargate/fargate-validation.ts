import { nested, validateInteger, validationError } from '../../private/validation';
import {
  MAX_TASKS,
  validateBacklog,
  validateCapacity,
  validateDeployment,
  validateImage,
  validateLoad,
  validateScaleInDelay,
  validateTask,
} from '../ecs/service-validation';
import { DEFAULT_CPU, type ServiceKind } from '../ecs/task-size';
import { validateSize } from './fargate-sizes';
import type {
  ThumbnailFargateApiOptions,
  ThumbnailFargateOptions,
  ThumbnailFargateServiceOptions,
  ThumbnailFargateWorkerOptions,
} from './thumbnail-fargate-options';

export function validateFargateOptions(options: ThumbnailFargateOptions): string[] {
  return [
    ...validateTask(options),
    ...validateNetwork(options),
    ...validateImage(options),
    ...nested('network', options.network?._validate() ?? []),
    ...nested('worker', validateWorker(options.worker ?? {})),
    ...nested('api', validateApi(options.api ?? {})),
  ];
}

function validateWorker(options: ThumbnailFargateWorkerOptions): string[] {
  return [...validateService(options, 'worker'), ...validateBacklog(options), ...validateScaleInDelay(options)];
}

function validateApi(options: ThumbnailFargateApiOptions): string[] {
  return [...validateService(options, 'api'), ...validateLoad(options)];
}

function validateService(options: ThumbnailFargateServiceOptions, kind: ServiceKind): string[] {
  return [
    ...validateSize(options, DEFAULT_CPU[kind]),
    ...validateInteger('ephemeralStorageGiB', options.ephemeralStorageGiB, { min: 21, max: 200, unit: 'GiB' }),
    ...validateCapacity(options, kind),
    ...validateInteger('spotPercent', options.spotPercent, { min: 0, max: 100, unit: 'percent' }),
    ...validateInteger('onDemandBase', options.onDemandBase, { min: 0, max: MAX_TASKS, unit: 'tasks' }),
    ...validateDeployment(options),
  ];
}

function validateNetwork({ vpc, cluster, network, vpcSubnets, assignPublicIp }: ThumbnailFargateOptions): string[] {
  if (vpc || cluster) {
    return network
      ? [validationError('network', `it conflicts with ${vpc ? 'vpc' : 'cluster'}`, 'remove one of them')]
      : [];
  }
  const [finding, fix] = ['it requires vpc or cluster', 'set one of them, or use network for a new VPC'] as const;
  return [
    ...(vpcSubnets ? [validationError('vpcSubnets', finding, fix)] : []),
    ...(assignPublicIp === undefined ? [] : [validationError('assignPublicIp', finding, fix)]),
  ];
}
