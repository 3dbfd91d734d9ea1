import { Token } from 'aws-cdk-lib';
import { validateDuration, validateInteger, validatePattern, invalidValue, secondsOf } from '../../private/validation';
import { sizeOf, validateSize, workersOf } from './fargate-sizes';
import type {
  ThumbnailFargateApiOptions,
  ThumbnailFargateOptions,
  ThumbnailFargateServiceOptions,
  ThumbnailFargateTaskOptions,
  ThumbnailFargateWorkerOptions,
} from './thumbnail-fargate-options';

/** CPU units of a task unless told otherwise. */
export const DEFAULT_CPU = { worker: 1024, api: 512 } as const;
/** The fewest and the most tasks unless told otherwise. */
export const DEFAULT_CAPACITY = { worker: { min: 0, max: 10 }, api: { min: 1, max: 10 } } as const;
/** Which of the two services is meant. */
export type ServiceKind = keyof typeof DEFAULT_CPU;

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html */
const MAX_TASKS = 5000;
/** A reference to an image: registry and port, path, tag and digest. */
const IMAGE_PATTERN = /^[a-z0-9][\w.-]*(?::\d+)?(?:\/[\w.-]+)*(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?$/i;

/** What is wrong with the props. */
export function validateFargateOptions(props: ThumbnailFargateOptions): string[] {
  return [
    ...validateTask(props),
    ...validateNetwork(props),
    ...validateImage(props),
    ...(props.network?._validate() ?? []).map((text) => `network.${text}`),
    ...validateWorker(props.worker ?? {}).map((text) => `worker.${text}`),
    ...validateApi(props.api ?? {}).map((text) => `api.${text}`),
  ];
}

/** What is wrong with what both services have in common. */
function validateTask({ architecture, stopTimeout }: ThumbnailFargateTaskOptions): string[] {
  const name = architecture?._cpuArchitecture;
  return [
    ...(name === undefined || name === 'ARM64' || name === 'X86_64'
      ? []
      : [invalidValue('architecture', name, 'CpuArchitecture.ARM64 or CpuArchitecture.X86_64')]),
    ...validateDuration('stopTimeout', stopTimeout, { min: 2, max: 120 }),
  ];
}

/** What is wrong with the options of the service that makes thumbnails. */
function validateWorker(options: ThumbnailFargateWorkerOptions): string[] {
  return [...validateService(options, 'worker'), ...validateBacklog(options), ...validateScaleInDelay(options)];
}

/** What is wrong with the options of the service that answers the API. */
function validateApi(options: ThumbnailFargateApiOptions): string[] {
  return [
    ...validateService(options, 'api'),
    ...validateInteger('requestsPerTask', options.requestsPerTask, {
      min: 1,
      max: 1_000_000,
      unit: 'requests a minute',
    }),
    ...validateInteger('targetUtilizationPercent', options.targetUtilizationPercent, {
      min: 10,
      max: 90,
      unit: 'percent',
    }),
  ];
}

function validateService(options: ThumbnailFargateServiceOptions, kind: ServiceKind): string[] {
  return [
    ...validateSize(options, DEFAULT_CPU[kind]),
    ...validateInteger('ephemeralStorageGiB', options.ephemeralStorageGiB, { min: 21, max: 200, unit: 'GiB' }),
    ...validateCapacity(options, kind),
    ...validateInteger('spotPercent', options.spotPercent, { min: 0, max: 100, unit: 'percent' }),
    ...validateInteger('onDemandBase', options.onDemandBase, { min: 0, max: MAX_TASKS, unit: 'tasks' }),
    ...validateDeployment(options),
    ...(options.securityGroups?.length === 0
      ? [invalidValue('securityGroups', 'an empty list', 'left out, or at least one')]
      : []),
  ];
}

function validateCapacity(options: ThumbnailFargateServiceOptions, kind: ServiceKind): string[] {
  const { desiredCount, minCapacity, maxCapacity } = options;
  const { min, max } = DEFAULT_CAPACITY[kind];
  const most = known(maxCapacity ?? max) ?? MAX_TASKS;
  const fewest = known(minCapacity ?? min) ?? 0;
  const problems = [
    ...validateInteger('maxCapacity', maxCapacity, { min: 1, max: MAX_TASKS, unit: 'tasks' }),
    ...validateInteger('minCapacity', minCapacity, { min, max: MAX_TASKS, unit: 'tasks' }),
  ];
  if (problems.length > 0) {
    return problems;
  }
  if (fewest > most) {
    return [invalidValue('minCapacity', fewest, `at most maxCapacity (${most})`)];
  }
  return validateInteger('desiredCount', desiredCount, { min: fewest, max: most, unit: 'tasks' });
}

function validateDeployment({ minHealthyPercent, maxHealthyPercent }: ThumbnailFargateServiceOptions): string[] {
  const problems = [
    ...validateInteger('minHealthyPercent', minHealthyPercent, { min: 0, max: 100, unit: 'percent' }),
    ...validateInteger('maxHealthyPercent', maxHealthyPercent, { min: 100, max: 400, unit: 'percent' }),
  ];
  if (maxHealthyPercent === 100 && (minHealthyPercent ?? 100) === 100) {
    const remedy = 'more than minHealthyPercent (100), or no task could be replaced';
    problems.push(invalidValue('maxHealthyPercent', maxHealthyPercent, remedy));
  }
  return problems;
}

function validateBacklog(options: ThumbnailFargateWorkerOptions): string[] {
  const { backlogPerTask } = options;
  if (backlogPerTask === undefined) {
    return [];
  }
  // The bounds of the steps are calculated with it.
  if (Token.isUnresolved(backlogPerTask)) {
    return [invalidValue('backlogPerTask', 'a value that only the deployment knows', 'a plain number')];
  }
  const min = workersOf(sizeOf(options, DEFAULT_CPU.worker)) ?? 1;
  return validateInteger('backlogPerTask', backlogPerTask, { min, max: 100_000, unit: 'images' });
}

/** Whole minutes: SQS counts once a minute, and an alarm counts its own periods. */
function validateScaleInDelay({ scaleInDelay }: ThumbnailFargateWorkerOptions): string[] {
  if (scaleInDelay === undefined) {
    return [];
  }
  const seconds = secondsOf(scaleInDelay);
  if (seconds !== undefined && seconds % 60 === 0 && seconds >= 60 && seconds <= 3600) {
    return [];
  }
  const got = seconds === undefined ? 'a value that only the deployment knows' : `${seconds} s`;
  return [invalidValue('scaleInDelay', got, 'from 1 to 60 whole minutes')];
}

function validateNetwork({ vpc, cluster, network, vpcSubnets, assignPublicIp }: ThumbnailFargateOptions): string[] {
  if (vpc || cluster) {
    return network
      ? [invalidValue('network', `one beside a ${vpc ? 'vpc' : 'cluster'}`, 'left out: it is for new VPCs')]
      : [];
  }
  const remedy = 'left out without a vpc or cluster of your own: network says what a new VPC is like';
  return [
    ...(vpcSubnets ? [invalidValue('vpcSubnets', 'a selection', remedy)] : []),
    ...(assignPublicIp === undefined ? [] : [invalidValue('assignPublicIp', String(assignPublicIp), remedy)]),
  ];
}

function validateImage({ image, baseImage }: ThumbnailFargateOptions): string[] {
  if (baseImage === undefined) {
    return [];
  }
  if (image) {
    return [invalidValue('baseImage', baseImage, 'left out with an image of your own, which has its base already')];
  }
  if (Token.isUnresolved(baseImage)) {
    return [
      invalidValue('baseImage', 'a value that only the deployment knows', 'plain text: the image is built before'),
    ];
  }
  return validatePattern('baseImage', baseImage, IMAGE_PATTERN, 'the name of an image, with a tag or a digest');
}

function known(value: number): number | undefined {
  return Token.isUnresolved(value) ? undefined : value;
}
