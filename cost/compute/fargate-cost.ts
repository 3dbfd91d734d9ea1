import { SPOT_DISCOUNT } from '../prices';
import {
  apiVcpuHours,
  containerPolling,
  figure,
  loadBalancer,
  MONTH_HOURS,
  scalingAlarms,
  type ComputeModel,
} from './compute-model';
import { workerHours } from './worker-hours';

/** Size of a worker task: number of vCPUs, and memory in GB. */
interface TaskSize {
  readonly vcpus: number;
  readonly gb: number;
}
/** Default size of a worker task. */
const DEFAULT_SIZE: TaskSize = { vcpus: 1, gb: 2 };

/** Returns the cost model of Fargate. With `spot`, all tasks except the first running task use Fargate Spot. */
export function fargateCost(title: string, spot: boolean, { vcpus, gb } = DEFAULT_SIZE): ComputeModel {
  return {
    title,
    worker: (load, prices, bound) => {
      const { usd } = prices;
      const { all, first } = workerHours(load, bound);
      const discounted = spot ? all - first : 0;
      const hour = vcpus * usd.fargateVcpuHour + gb * usd.fargateGbHour;
      return [
        {
          service: 'Fargate',
          item: 'worker tasks',
          usd: hour * (all - discounted + discounted * (1 - SPOT_DISCOUNT)),
          explanation: `${figure(all)} task-hours${spot ? `, ${figure(discounted)} of them on Spot` : ''}`,
        },
        { service: 'VPC', item: 'public addresses', usd: all * usd.addressHour, explanation: `${figure(all)} hours` },
        scalingAlarms('workers', prices),
        containerPolling(all, prices),
      ];
    },
    api: (load, prices, bound) => {
      const { usd } = prices;
      const hours = Math.max(MONTH_HOURS, apiVcpuHours(load, bound) / 0.5);
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
        loadBalancer(prices),
        scalingAlarms('API', prices),
      ];
    },
  };
}
