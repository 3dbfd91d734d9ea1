import type { RegionPrices } from '../prices';
import {
  apiVcpuHours,
  endpoints,
  figure,
  HOUR_SECONDS,
  MONTH_HOURS,
  taskSeconds,
  type ComputeModel,
  type Item,
} from './compute-model';
import { apiInvocations, uploadInvocations } from './lambda-cost';

/**
 * Minimum number of instances, one in each of three Availability Zones.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-scaling.html
 */
const MIN_INSTANCES = 3;
/** Number of vCPUs of an instance `m7g.large`. */
const VCPUS = 2;
/** Fee in addition to the price of the instance, as a fraction of this price: https://aws.amazon.com/lambda/pricing/ */
const FEE = 0.15;
/**
 * Assumed fraction of the CPU time of the instances, from 0 to 1, that the functions use. The rest is idle, because Lambda
 * reserves capacity for traffic that doubles within five minutes.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-scaling.html
 */
const UTILIZATION = 0.5;
/** Interface endpoints: SQS and CloudWatch Logs. */
const ENDPOINTS = 2;

/** Cost model of Lambda Managed Instances. */
export const managedInstancesCost: ComputeModel = {
  title: 'Lambda Managed Instances',
  prices: ['m7gLargeHour'],
  shared: (prices) => [
    instances('three instances', MIN_INSTANCES * MONTH_HOURS, prices),
    endpoints(ENDPOINTS, MIN_INSTANCES, prices),
  ],
  worker: ({ images, work }, prices, bound) => {
    const vcpuHours = (images * taskSeconds(work, bound)) / HOUR_SECONDS;
    return [
      instances('further instances of the workers', furtherHours(vcpuHours), prices),
      ...uploadInvocations(images, prices),
    ];
  },
  api: (load, prices, bound) => [
    instances('further instances of the API', furtherHours(apiVcpuHours(load, bound)), prices),
    ...apiInvocations(load.stored + load.created, prices),
  ],
};

/** Returns the monthly instance-hours of the instances above the minimum number. */
function furtherHours(vcpuHours: number): number {
  return Math.max(0, vcpuHours / VCPUS / UTILIZATION - MIN_INSTANCES * MONTH_HOURS);
}

function instances(item: string, hours: number, { usd }: RegionPrices): Item {
  return {
    service: 'Lambda',
    item,
    usd: hours * usd.m7gLargeHour * (1 + FEE),
    explanation: `${figure(hours)} hours of m7g.large, plus ${100 * FEE} % for Lambda`,
  };
}
