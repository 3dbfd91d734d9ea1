import type { ImageWork } from '../image-work';
import type { PriceName, RegionPrices } from '../prices';
import type { Bound } from '../range';
import type { Arrivals } from '../workload';

/** Number of hours per month in AWS prices. */
export const MONTH_HOURS = 730;
export const HOUR_SECONDS = 3600;

/** Line item of a cost estimate, calculated for one assumption of CPU time: low, expected or high. */
export interface Item {
  /** Name of the AWS service. */
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

/** Cost model of an HTTP API on one compute type. */
export interface ApiModel {
  readonly title: string;
  /** Whether the compute type has its own endpoint. Requests then do not pass through API Gateway. @default false */
  readonly ownEndpoint?: boolean;
  /** Prices that only this compute type uses. @default - no prices */
  readonly prices?: readonly PriceName[];
  /** Returns the monthly cost of the functions, tasks or pods that serve the HTTP API. */
  api(load: ApiLoad, prices: RegionPrices, bound: Bound): Item[];
  /** Returns the fixed monthly cost of resources that workers and API share, such as a cluster. @default - no cost */
  readonly shared?: (prices: RegionPrices) => Item[];
}

/** Cost model of one compute type for workers and API. */
export interface ComputeModel extends ApiModel {
  /** Returns the monthly cost of the workers. */
  worker(load: WorkerLoad, prices: RegionPrices, bound: Bound): Item[];
}

/**
 * CPU time in seconds that a server uses to return a stored thumbnail. Two cores return 1,319 responses per second
 * (docs/explanation/performance.md, Service).
 */
export const STORED_CPU_SECONDS = 2 / 1319;
/** Number of metrics in the alarms of one ECS service: two for scaling out and two for scaling in. */
const ALARM_METRICS = 4;
/**
 * Fraction of the time spent waiting for S3, from 0 to 1, in which a vCPU with two worker processes is idle. During the rest of
 * this time, the other worker process renders.
 *
 * @see docs/explanation/performance.md
 */
const VISIBLE_WAIT = 0.5;

/**
 * Returns the time that one image adds to the run time of a task, in seconds. The task has one vCPU and two worker processes.
 */
export function taskSeconds(work: ImageWork, bound: Bound): number {
  return work.cpuSeconds[bound] + VISIBLE_WAIT * work.waitSeconds;
}

/** Returns the vCPU-hours that an API on Fargate, ECS or EKS consumes. */
export function apiVcpuHours({ created, stored, work }: ApiLoad, bound: Bound): number {
  return (created * taskSeconds(work, bound) + stored * STORED_CPU_SECONDS) / HOUR_SECONDS;
}

/** Returns the monthly cost of the alarms that scale one ECS service. */
export function scalingAlarms(owner: 'workers' | 'API', { usd }: RegionPrices): Item {
  return {
    service: 'CloudWatch',
    item: `scaling alarms of the ${owner}`,
    usd: ALARM_METRICS * usd.alarmMonth,
    explanation: `${ALARM_METRICS} metrics`,
  };
}

/** Returns the monthly cost of the load balancer of an API. */
export function loadBalancer({ usd }: RegionPrices): Item {
  return {
    service: 'Load balancing',
    item: 'load balancer of the API',
    usd: MONTH_HOURS * usd.loadBalancerHour,
    explanation: `${MONTH_HOURS} hours, without capacity units`,
  };
}

/** Returns the cost of polling an empty queue from containers. Each receive request waits for 20 seconds. */
export function containerPolling(hours: number, { usd }: RegionPrices): Item {
  const receives = (hours * HOUR_SECONDS) / 20;
  return {
    service: 'SQS',
    item: 'polling of the empty queue',
    usd: receives * usd.sqsRequest,
    explanation: `at most ${count(receives)} empty receives`,
  };
}

/**
 * Returns the monthly cost of interface endpoints. Tasks and instances without public IP addresses require these endpoints
 * instead of a NAT gateway.
 */
export function endpoints(services: number, zones: number, { usd }: RegionPrices): Item {
  return {
    service: 'VPC',
    item: 'interface endpoints',
    usd: services * zones * MONTH_HOURS * usd.endpointHour,
    explanation: `${services} endpoints in ${zones} Availability Zones, which other workloads can share`,
  };
}

/** Formats a number with thousands separators. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

/** Formats a quantity with three significant digits, and large quantities as whole numbers. */
export function figure(value: number): string {
  return value >= 100 ? count(value) : String(Number(value.toPrecision(3)));
}
