import type { RegionPrices } from '../prices';
import {
  apiVcpuHours,
  containerPolling,
  count,
  endpoints,
  figure,
  HOUR_SECONDS,
  loadBalancer,
  MONTH_HOURS,
  type ComputeModel,
  type Item,
} from './compute-model';
import { workerHours } from './worker-hours';

/**
 * Fee of EKS Auto Mode, as a fraction of the price of the instance. AWS publishes the fee for each instance type. The fee is
 * about 12 %.
 *
 * @see https://aws.amazon.com/eks/pricing/
 */
const FEE = 0.12;
/**
 * Number of worker pods with 1 vCPU on an instance `m7i.xlarge`. A fourth pod does not fit, because the kubelet and the system
 * reserve a part of the four vCPUs.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/auto-reserved-resources.html
 */
const PODS_PER_NODE = 3;
/** Price of an instance `m7i.xlarge` relative to `m7i.large`. */
const XLARGE = 2;
/** Time in seconds until EKS Auto Mode ends a node without pods. This value is an assumption. */
const NODE_IDLE_SECONDS = 60;
/** Number of vCPUs for pods of the API on the first node. */
const API_VCPUS = 0.5;
/** Default size in GB of the volume of a node. */
const VOLUME_GB = 80;
/**
 * Interface endpoints: SQS, EC2, two for ECR, Elastic Load Balancing, CloudWatch Logs, STS, EKS and EKS Pod Identity.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/private-clusters.html
 */
const ENDPOINTS = 9;
const ZONES = 2;
/** Interval in seconds between two reads of the queue length by KEDA: the default `pollingInterval` of a ScaledObject. */
const KEDA_SECONDS = 30;

/**
 * Cost model of a separate EKS cluster in Auto Mode, with nodes for x86_64. The first node runs KEDA, one pod of the API and
 * one worker.
 */
export const eksCost: ComputeModel = {
  title: 'EKS',
  prices: ['eksClusterHour', 'm7iLargeHour', 'gp3GbMonth'],
  shared: (prices) => [
    {
      service: 'EKS',
      item: 'control plane',
      usd: MONTH_HOURS * prices.usd.eksClusterHour,
      explanation: `${MONTH_HOURS} hours, which other workloads can share`,
    },
    ...nodes('first node', 'm7i.large', MONTH_HOURS, prices),
    endpoints(ENDPOINTS, ZONES, prices),
  ],
  worker: (load, prices, bound) => {
    const { all, first } = workerHours(load, bound, NODE_IDLE_SECONDS);
    const reads = (MONTH_HOURS * HOUR_SECONDS) / KEDA_SECONDS;
    return [
      ...nodes('further nodes of the workers', 'm7i.xlarge', (all - first) / PODS_PER_NODE, prices),
      containerPolling(all, prices),
      {
        service: 'SQS',
        item: 'requests of KEDA',
        usd: reads * prices.usd.sqsRequest,
        explanation: `${count(reads)} reads of the queue length`,
      },
    ];
  },
  api: (load, prices, bound) => [
    ...nodes(
      'further nodes of the API',
      'm7i.xlarge',
      Math.max(0, apiVcpuHours(load, bound) - API_VCPUS * MONTH_HOURS) / PODS_PER_NODE,
      prices,
    ),
    loadBalancer(prices),
  ],
};

function nodes(item: string, type: 'm7i.large' | 'm7i.xlarge', hours: number, { usd }: RegionPrices): Item[] {
  const hour = usd.m7iLargeHour * (type === 'm7i.xlarge' ? XLARGE : 1);
  return [
    {
      service: 'EC2',
      item,
      usd: hours * hour * (1 + FEE),
      explanation: `${figure(hours)} hours of ${type}, plus ${100 * FEE} % for EKS Auto Mode`,
    },
    {
      service: 'EBS',
      item: `volumes: ${item}`,
      usd: (hours / MONTH_HOURS) * VOLUME_GB * usd.gp3GbMonth,
      explanation: `${VOLUME_GB} GB for each node`,
    },
  ];
}
