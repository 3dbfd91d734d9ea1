import {
  backfill,
  DEFAULT_THUMBNAILS,
  DEFAULT_WORKLOAD,
  FUNCTION_MB,
  functionSeconds,
  imageWork,
  pricesOf,
  SPOT_DISCOUNT,
  taskSeconds,
} from '../../cost';
import { LIMITS } from './limits';
import { simulate, type Scenario, type SimulatedCompute, type Simulation } from './simulate';

/** Work for one image with the default thumbnails. */
export const WORK = imageWork(DEFAULT_THUMBNAILS, DEFAULT_WORKLOAD.originals);
const { usd } = pricesOf('us-east-1');
/** Defaults of the worker service. */
const BACKLOG_PER_TASK = 100;
const WORKERS_PER_TASK = 2;
const START_SECONDS = 60;
const SCALE_IN_SECONDS = 300;

/** Returns the compute of a pipeline on Lambda. The event source mapping limits the number of concurrent invocations. */
export function functions(maxConcurrency: number = LIMITS.lambdaConcurrency.value): SimulatedCompute {
  const most = Math.min(maxConcurrency, LIMITS.mappingConcurrency.value);
  return {
    serviceSeconds: functionSeconds(WORK, 'expected'),
    startSeconds: 0,
    scalingSeconds: 1,
    slots: ({ seconds }) =>
      Math.min(most, LIMITS.mappingStart.value + Math.floor((seconds * LIMITS.mappingPerMinute.value) / 60)),
  };
}

/**
 * Returns the compute of a pipeline with worker tasks. Once a minute, ECS scaling adjusts the number of tasks to the number
 * of waiting and running images.
 */
export function tasks(maxCapacity: number): SimulatedCompute {
  return {
    // Two worker processes share a vCPU.
    serviceSeconds: WORKERS_PER_TASK * taskSeconds(WORK, 'expected'),
    startSeconds: START_SECONDS,
    scalingSeconds: 60,
    slots: ({ backlog }) => WORKERS_PER_TASK * Math.min(maxCapacity, Math.ceil(backlog / BACKLOG_PER_TASK)),
  };
}

/** Simulated pipeline. */
export interface Run {
  readonly title: string;
  /** Short title for plots. */
  readonly label: string;
  readonly kind: 'lambda' | 'fargate-spot';
  readonly scenario: Scenario;
}

const BURST = { images: 1e6, arrivalsPerSecond: 1e6 / 600, putsPerImage: WORK.s3Puts, seed: 20261128 };
const partitions = (count: number): number => count * LIMITS.s3Puts.value;

/** Simulated pipelines that receive a million uploads in ten minutes. */
export const BURSTS: readonly Run[] = [
  {
    title: 'Lambda, 1 S3 partition',
    label: 'Lambda, 1 partition',
    kind: 'lambda',
    scenario: { ...BURST, compute: functions(), putsPerSecond: partitions(1) },
  },
  {
    title: 'Lambda, 1 S3 partition, maxConcurrency 280',
    label: 'Lambda, max. 280',
    kind: 'lambda',
    scenario: { ...BURST, compute: functions(280), putsPerSecond: partitions(1) },
  },
  {
    title: 'Lambda, 4 S3 partitions',
    label: 'Lambda, 4 partitions',
    kind: 'lambda',
    scenario: { ...BURST, compute: functions(), putsPerSecond: partitions(4) },
  },
  {
    title: 'Lambda, maxConcurrency 100',
    label: 'Lambda, max. 100',
    kind: 'lambda',
    scenario: { ...BURST, compute: functions(100), putsPerSecond: partitions(4) },
  },
  {
    title: 'Fargate, maxCapacity 100',
    label: 'Fargate, max. 100',
    kind: 'fargate-spot',
    scenario: { ...BURST, compute: tasks(100), putsPerSecond: partitions(4) },
  },
  {
    title: 'Fargate, maxCapacity 10',
    label: 'Fargate, max. 10',
    kind: 'fargate-spot',
    scenario: { ...BURST, compute: tasks(10), putsPerSecond: partitions(4) },
  },
];

const BILLION = { images: 1e9, putsPerImage: WORK.s3Puts, quantum: 10_000, seed: 20261128 };

/** Simulated backfills of a billion objects. A backfill sends as many keys per second as its workers can process. */
export const BACKFILLS: readonly Run[] = [
  { title: 'Lambda, 1,000 functions', kind: 'lambda', compute: functions(), perSecond: 3000 },
  { title: 'Lambda, maxConcurrency 250', kind: 'lambda', compute: functions(250), perSecond: 750 },
  { title: 'Fargate, 250 tasks', kind: 'fargate-spot', compute: tasks(250), perSecond: 800 },
  { title: 'Fargate, 1,000 tasks', kind: 'fargate-spot', compute: tasks(1000), perSecond: 3000 },
].map(({ title, kind, compute, perSecond }) => ({
  title,
  label: title,
  kind: kind as Run['kind'],
  scenario: { ...BILLION, compute, arrivalsPerSecond: perSecond, putsPerSecond: partitions(4) },
}));

/** Runs a scenario. */
export function run({ scenario }: Run): Simulation {
  return simulate(scenario);
}

/** Returns the cost in US dollars of the compute in a simulation. Excludes requests to S3 and SQS. */
export function computeUsd(
  { kind, scenario }: Run,
  { busySeconds, slotSeconds, peakSlots, seconds }: Simulation,
): number {
  if (kind === 'lambda') {
    return busySeconds * (FUNCTION_MB / 1024) * usd.lambdaGbSecond + scenario.images * usd.lambdaRequest;
  }
  const idle = (peakSlots / WORKERS_PER_TASK) * SCALE_IN_SECONDS;
  const hours = (slotSeconds / WORKERS_PER_TASK + idle) / 3600;
  const onDemand = Math.min(hours, seconds / 3600);
  const task = usd.fargateVcpuHour + 2 * usd.fargateGbHour;
  return task * (onDemand + (hours - onDemand) * (1 - SPOT_DISCOUNT)) + hours * usd.addressHour;
}

/** Returns the cost in US dollars of S3, SQS, logs and metrics for a number of images. */
export function requestsUsd(images: number): number {
  const { usd: all } = backfill(images, 'lambda', 1);
  const lambda =
    images * (functionSeconds(WORK, 'expected') * (FUNCTION_MB / 1024) * usd.lambdaGbSecond + usd.lambdaRequest);
  return all.expected - lambda;
}
