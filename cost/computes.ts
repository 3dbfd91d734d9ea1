import type { ImageWork } from './image-work';
import { SPOT_DISCOUNT, type RegionPrices } from './prices';
import type { Bound } from './range';
import type { Arrivals } from './workload';

/** Number of hours per month in AWS prices. */
export const MONTH_HOURS = 730;
const HOUR_SECONDS = 3600;

/** Line item of a cost estimate, calculated for one assumption of CPU time: low, expected or high. */
export interface Item {
  /** AWS service. */
  readonly service: string;
  readonly item: string;
  readonly usd: number;
  /** Quantity and unit price in words. */
  readonly explanation: string;
}

/** Monthly load of the workers of one compute type. */
export interface WorkerLoad {
  readonly images: number;
  readonly arrivals: Arrivals;
  readonly work: ImageWork;
}

/** Monthly number of requests to an API on one compute type. */
export interface ApiLoad {
  /** Number of requests for stored thumbnails. */
  readonly stored: number;
  /** Number of requests for which the API creates a thumbnail set. */
  readonly created: number;
  readonly work: ImageWork;
}

/** Cost model of one compute type. To add a compute type, add an entry to {@link COMPUTES}. */
export interface ComputeModel {
  readonly title: string;
  /** Returns the cost of the workers. */
  worker(load: WorkerLoad, prices: RegionPrices, bound: Bound): Item[];
  /** Returns the cost of the functions or tasks that serve the HTTP API. */
  api(load: ApiLoad, prices: RegionPrices, bound: Bound): Item[];
}

/** Memory of the functions in MB: the default of `memorySize`. Lambda allocates one vCPU to a function with this memory. */
export const FUNCTION_MB = 1769;
/** Duration in seconds of an API invocation that reads a stored thumbnail from S3. This value is an assumption. */
const STORED_RESPONSE_SECONDS = 0.035;
/**
 * CPU time in seconds that a task uses to return a stored thumbnail. Two cores return 1,319 responses per second
 * (docs/explanation/performance.md, Service).
 */
const STORED_CPU_SECONDS = 2 / 1319;
/**
 * Number of receive requests per month while the queue is empty. The event source mapping has five pollers with a wait time of
 * 20 seconds.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
export const EMPTY_RECEIVES = (5 * MONTH_HOURS * HOUR_SECONDS) / 20;

/** Memory of the default worker task in GB. The task has 1 vCPU and a public IP address. */
const TASK_GB = 2;
/**
 * Share of the S3 wait time that adds to the duration with two worker processes on a vCPU. In docs/explanation/performance.md,
 * the second process reduces the duration from 0.4 to 0.32 s per image.
 */
const VISIBLE_WAIT = 0.5;
/** Default `scaleInDelay` in seconds. */
const SCALE_IN_SECONDS = 300;
/** Start time of a task in seconds. */
const START_SECONDS = 60;
/** Default `backlogPerTask` for 1 vCPU. */
const BACKLOG_PER_TASK = 100;
/** Default `maxCapacity`. */
const MAX_TASKS = 10;
/** Number of metrics in the alarms of one ECS service: two for scaling out and two for scaling in. */
const ALARM_METRICS = 4;

/** Returns the duration of a function invocation with one vCPU for one image, in seconds. */
export function functionSeconds(work: ImageWork, bound: Bound): number {
  return work.cpuSeconds[bound] + work.waitSeconds;
}

/**
 * Returns the time that one image adds to the run time of a task, in seconds. The task has one vCPU and two worker processes.
 */
export function taskSeconds(work: ImageWork, bound: Bound): number {
  return work.cpuSeconds[bound] + VISIBLE_WAIT * work.waitSeconds;
}

const lambda: ComputeModel = {
  title: 'Lambda',
  worker: ({ images, work }, { usd }, bound) => {
    const seconds = functionSeconds(work, bound);
    return [
      functionTime('upload function', images * seconds, usd.lambdaGbSecond, `${count(images)} × ${figure(seconds)} s`),
      {
        service: 'Lambda',
        item: 'requests',
        usd: images * usd.lambdaRequest,
        explanation: `${count(images)} invocations`,
      },
      {
        service: 'SQS',
        item: 'polling of the empty queue',
        usd: EMPTY_RECEIVES * usd.sqsRequest,
        explanation: `at most ${count(EMPTY_RECEIVES)} empty receives by 5 pollers`,
      },
    ];
  },
  api: ({ stored, created, work }, { usd }, bound) => {
    const seconds = stored * STORED_RESPONSE_SECONDS + created * functionSeconds(work, bound);
    const requests = stored + created;
    return requests === 0
      ? []
      : [
          functionTime('API function', seconds, usd.lambdaGbSecond, `${count(requests)} requests`),
          {
            service: 'Lambda',
            item: 'API requests',
            usd: requests * usd.lambdaRequest,
            explanation: `${count(requests)} invocations`,
          },
        ];
  },
};

/** Returns the cost model of Fargate. With `spot`, all tasks except the first running task use Fargate Spot. */
function fargate(title: string, spot: boolean): ComputeModel {
  return {
    title,
    worker: (load, { usd }, bound) => {
      const { all, first } = workerHours(load, bound);
      const discounted = spot ? all - first : 0;
      const hour = usd.fargateVcpuHour + TASK_GB * usd.fargateGbHour;
      const receives = (all * HOUR_SECONDS) / 20;
      return [
        {
          service: 'Fargate',
          item: 'worker tasks',
          usd: hour * (all - discounted + discounted * (1 - SPOT_DISCOUNT)),
          explanation: `${figure(all)} task-hours${spot ? `, ${figure(discounted)} of them on Spot` : ''}`,
        },
        { service: 'VPC', item: 'public addresses', usd: all * usd.addressHour, explanation: `${figure(all)} hours` },
        {
          service: 'CloudWatch',
          item: 'scaling alarms of the workers',
          usd: ALARM_METRICS * usd.alarmMonth,
          explanation: `${ALARM_METRICS} metrics`,
        },
        {
          service: 'SQS',
          item: 'polling of the empty queue',
          usd: receives * usd.sqsRequest,
          explanation: `at most ${count(receives)} empty receives`,
        },
      ];
    },
    api: ({ stored, created, work }, { usd }, bound) => {
      const busy = created * taskSeconds(work, bound) + stored * STORED_CPU_SECONDS;
      const tasks = Math.max(1, busy / HOUR_SECONDS / MONTH_HOURS / 0.5);
      const hours = tasks * MONTH_HOURS;
      return [
        {
          service: 'Fargate',
          item: 'API tasks',
          usd: hours * (0.5 * usd.fargateVcpuHour + usd.fargateGbHour),
          explanation: `${figure(hours)} task-hours of ½ vCPU and 1 GB`,
        },
        {
          service: 'VPC',
          item: 'public addresses of the API',
          usd: hours * usd.addressHour,
          explanation: `${figure(hours)} hours`,
        },
        {
          service: 'Load balancing',
          item: 'load balancer of the API',
          usd: MONTH_HOURS * usd.loadBalancerHour,
          explanation: `${MONTH_HOURS} hours, without capacity units`,
        },
        {
          service: 'CloudWatch',
          item: 'scaling alarms of the API',
          usd: ALARM_METRICS * usd.alarmMonth,
          explanation: `${ALARM_METRICS} metrics`,
        },
      ];
    },
  };
}

/** All computes of the model. */
export const COMPUTES = {
  lambda,
  fargate: fargate('Fargate on demand', false),
  'fargate-spot': fargate('Fargate Spot', true),
} as const satisfies Readonly<Record<string, ComputeModel>>;

/** Name of a compute. */
export type ComputeName = keyof typeof COMPUTES;
/** All names of computes. */
export const COMPUTE_NAMES = Object.keys(COMPUTES) as readonly ComputeName[];

/**
 * Returns the total hours of all worker tasks, and the hours in which at least one task runs.
 *
 * - Batches: a batch starts one task per {@link BACKLOG_PER_TASK} images. After the last image, each task waits for
 *   `scaleInDelay`.
 * - Spread: uploads arrive at random times. A task stops if no image arrives for `scaleInDelay`. The next image starts a task
 *   again. The gaps between random arrivals have an exponential distribution.
 */
export function workerHours({ images, arrivals, work }: WorkerLoad, bound: Bound): { all: number; first: number } {
  const busy = (images * taskSeconds(work, bound)) / HOUR_SECONDS;
  if (images === 0) {
    return { all: 0, first: 0 };
  }
  if (arrivals.kind === 'batches') {
    const batches = Math.min(arrivals.perMonth, images);
    const tasks = Math.min(MAX_TASKS, Math.max(1, Math.ceil(images / batches / BACKLOG_PER_TASK)));
    const idle = (START_SECONDS + SCALE_IN_SECONDS) / HOUR_SECONDS;
    const all = busy + batches * tasks * idle;
    return { all, first: Math.min(all / tasks, MONTH_HOURS) };
  }
  const gap = Math.exp((-images * SCALE_IN_SECONDS) / (MONTH_HOURS * HOUR_SECONDS));
  const starts = (images * gap * START_SECONDS) / HOUR_SECONDS;
  const up = MONTH_HOURS * (1 - gap) + starts;
  return { all: Math.max(busy, up), first: Math.min(MONTH_HOURS, up) };
}

function functionTime(item: string, seconds: number, gbSecond: number, how: string): Item {
  return {
    service: 'Lambda',
    item,
    usd: seconds * (FUNCTION_MB / 1024) * gbSecond,
    explanation: `${how} with ${count(FUNCTION_MB)} MB`,
  };
}

/** Formats a number with thousands separators. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function figure(value: number): string {
  return value >= 100 ? count(value) : String(Number(value.toPrecision(3)));
}
