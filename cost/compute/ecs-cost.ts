import type { RegionPrices } from '../prices';
import {
  apiVcpuHours,
  containerPolling,
  endpoints,
  figure,
  loadBalancer,
  MONTH_HOURS,
  scalingAlarms,
  type ComputeModel,
  type Item,
} from './compute-model';
import { workerHours } from './worker-hours';

/**
 * Assumed discount of EC2 Spot Instances, as a fraction of the on-demand price. AWS publishes a discount of up to 90 %. The
 * price varies with the available capacity.
 *
 * @see https://aws.amazon.com/ec2/spot/pricing/
 */
const SPOT_DISCOUNT = 0.6;
/**
 * Number of worker tasks with 1 vCPU on an instance `m7g.large`, which without ENI trunking has network interfaces for two
 * tasks.
 */
const TASKS_PER_INSTANCE = 2;
/** Number of vCPUs of an instance. */
const VCPUS = 2;
/**
 * Time in seconds after which managed scaling terminates an instance without tasks.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-scaling-behavior.html
 */
const INSTANCE_IDLE_SECONDS = 900;
/** Size in GB of the volume of an instance with the ECS-optimized image of Amazon Linux 2023. */
const VOLUME_GB = 30;
/** Interface endpoints: SQS, CloudWatch Logs, two for ECR and three for ECS. */
const ENDPOINTS = 7;
const ZONES = 2;

/** Returns the cost model of ECS on EC2 instances. The Auto Scaling group has no instances while no task runs. */
export function ecsCost(title: string, spot: boolean): ComputeModel {
  return {
    title,
    prices: ['m7gLargeHour', 'gp3GbMonth'],
    shared,
    worker: (load, prices, bound) => {
      const { all, first } = workerHours(load, bound, INSTANCE_IDLE_SECONDS);
      const hours = Math.max(first, all / TASKS_PER_INSTANCE);
      return [
        ...instances('instances of the workers', hours, spot, prices),
        scalingAlarms('workers', prices),
        containerPolling(workerHours(load, bound).all, prices),
      ];
    },
    api: (load, prices, bound) => [
      ...instances('instances of the API', Math.max(MONTH_HOURS, apiVcpuHours(load, bound) / VCPUS), spot, prices),
      loadBalancer(prices),
      scalingAlarms('API', prices),
    ],
  };
}

/**
 * Returns the items that workers and API share. The models with and without Spot use this one function, so that an estimate with
 * both models counts the shared items only once.
 */
function shared(prices: RegionPrices): Item[] {
  return [endpoints(ENDPOINTS, ZONES, prices)];
}

function instances(item: string, hours: number, spot: boolean, { usd }: RegionPrices): Item[] {
  return [
    {
      service: 'EC2',
      item,
      usd: hours * usd.m7gLargeHour * (spot ? 1 - SPOT_DISCOUNT : 1),
      explanation: `${figure(hours)} hours of m7g.large${spot ? ' on Spot' : ''}`,
    },
    {
      service: 'EBS',
      item: `volumes of the ${item}`,
      usd: (hours / MONTH_HOURS) * VOLUME_GB * usd.gp3GbMonth,
      explanation: `${VOLUME_GB} GB for each instance`,
    },
  ];
}
