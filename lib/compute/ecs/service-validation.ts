import { Token } from 'aws-cdk-lib';
import {
  invalidValue,
  secondsOf,
  validateDuration,
  validateInteger,
  validatePattern,
  validationError,
} from '../../private/validation';
import { DEFAULT_CPU, type ServiceKind, sizeOf, workersOf } from './task-size';
import type { ThumbnailEcsWorkerOptions } from './thumbnail-ecs-options';
import type {
  ThumbnailImageOptions,
  ThumbnailLoadOptions,
  ThumbnailServiceOptions,
  ThumbnailTaskOptions,
} from './thumbnail-service-options';

/** Default minimum and maximum number of tasks. */
export const DEFAULT_CAPACITY = { worker: { min: 0, max: 10 }, api: { min: 1, max: 10 } } as const;
/** Maximum number of tasks of a service: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html */
export const MAX_TASKS = 5000;

/** Image reference: registry and port, path, tag and digest. */
export const IMAGE_PATTERN = /^[a-z0-9][\w.-]*(?::\d+)?(?:\/[\w.-]+)*(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/i;

/** Validates the task options, which apply to the worker service and the API service. */
export function validateTask({ architecture, stopTimeout }: ThumbnailTaskOptions): string[] {
  const name = architecture?._cpuArchitecture;
  return [
    ...(name === undefined || name === 'ARM64' || name === 'X86_64'
      ? []
      : [invalidValue('architecture', name, 'CpuArchitecture.ARM64 or CpuArchitecture.X86_64')]),
    ...validateDuration('stopTimeout', stopTimeout, { min: 2, max: 120 }),
  ];
}

/** Validates the number of tasks or pods. */
export function validateCapacity(options: ThumbnailServiceOptions, kind: ServiceKind, unit = 'tasks'): string[] {
  const { desiredCount, minCapacity, maxCapacity } = options;
  const { min, max } = DEFAULT_CAPACITY[kind];
  const most = known(maxCapacity ?? max) ?? MAX_TASKS;
  const fewest = known(minCapacity ?? min) ?? 0;
  const errors = [
    ...validateInteger('maxCapacity', maxCapacity, { min: 1, max: MAX_TASKS, unit }),
    ...validateInteger('minCapacity', minCapacity, { min, max: MAX_TASKS, unit }),
  ];
  if (errors.length > 0) {
    return errors;
  }
  if (fewest > most) {
    return [invalidValue('minCapacity', fewest, `at most maxCapacity (${most})`)];
  }
  return validateInteger('desiredCount', desiredCount, { min: fewest, max: most, unit });
}

/** Validates the deployment options and the security groups of a service. */
export function validateDeployment(options: ThumbnailServiceOptions): string[] {
  const { minHealthyPercent, maxHealthyPercent, securityGroups } = options;
  const errors = [
    ...validateInteger('minHealthyPercent', minHealthyPercent, { min: 0, max: 100, unit: 'percent' }),
    ...validateInteger('maxHealthyPercent', maxHealthyPercent, { min: 100, max: 400, unit: 'percent' }),
  ];
  if (maxHealthyPercent === 100 && (minHealthyPercent ?? 100) === 100) {
    errors.push(
      validationError(
        'maxHealthyPercent',
        '100 with minHealthyPercent 100 blocks every deployment',
        'increase it or decrease minHealthyPercent',
      ),
    );
  }
  if (securityGroups?.length === 0) {
    errors.push(validationError('securityGroups', 'the list is empty', 'add a security group or remove the option'));
  }
  return errors;
}

/** Validates `backlogPerTask`. The minimum is the number of worker processes of a task. Each processes one image at a time. */
export function validateBacklog(options: ThumbnailEcsWorkerOptions): string[] {
  const { backlogPerTask } = options;
  if (backlogPerTask === undefined) {
    return [];
  }
  if (Token.isUnresolved(backlogPerTask)) {
    return [invalidValue('backlogPerTask', 'a token', 'a number, because the scaling steps depend on it')];
  }
  const min = workersOf(sizeOf(options, DEFAULT_CPU.worker)) ?? 1;
  return validateInteger('backlogPerTask', backlogPerTask, { min, max: 100_000, unit: 'images' });
}

/** Validates that `scaleInDelay` is a number of whole minutes, because the alarm has a period of one minute. */
export function validateScaleInDelay({ scaleInDelay }: ThumbnailEcsWorkerOptions): string[] {
  if (scaleInDelay === undefined) {
    return [];
  }
  const seconds = secondsOf(scaleInDelay);
  if (seconds !== undefined && seconds % 60 === 0 && seconds >= 60 && seconds <= 3600) {
    return [];
  }
  return [invalidValue('scaleInDelay', seconds === undefined ? 'a token' : `${seconds} s`, '1 to 60 whole minutes')];
}

/** Validates the scaling of an API. */
export function validateLoad(options: ThumbnailLoadOptions): string[] {
  const { requestsPerTask, targetUtilizationPercent, loadBalancerCertificate, loadBalancerDomainName } = options;
  return [
    ...(loadBalancerCertificate && loadBalancerDomainName === undefined
      ? [
          validationError(
            'loadBalancerDomainName',
            'undefined with loadBalancerCertificate',
            'set a domain name that the certificate contains',
          ),
        ]
      : []),
    ...(loadBalancerDomainName !== undefined && !loadBalancerCertificate
      ? [
          validationError(
            'loadBalancerCertificate',
            `undefined with loadBalancerDomainName ${loadBalancerDomainName}`,
            'pass a certificate for this domain name',
          ),
        ]
      : []),
    ...validateInteger('requestsPerTask', requestsPerTask, { min: 1, max: 1_000_000, unit: 'requests per minute' }),
    ...validateInteger('targetUtilizationPercent', targetUtilizationPercent, { min: 10, max: 90, unit: 'percent' }),
  ];
}

/** Validates the container image. */
export function validateImage({ image, baseImage }: ThumbnailImageOptions): string[] {
  if (baseImage === undefined) {
    return [];
  }
  if (image) {
    return [validationError('baseImage', 'it conflicts with image', 'remove one of them')];
  }
  if (Token.isUnresolved(baseImage)) {
    return [invalidValue('baseImage', 'a token', 'a string, because Docker builds the image before the deployment')];
  }
  return validatePattern(
    'baseImage',
    baseImage,
    IMAGE_PATTERN,
    'an image reference such as node:24-slim, with an optional tag or digest',
  );
}

function known(value: number): number | undefined {
  return Token.isUnresolved(value) ? undefined : value;
}
