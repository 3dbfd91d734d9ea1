import type { ApiModel, ComputeModel } from './compute/compute-model';
import { ecsCost } from './compute/ecs-cost';
import { eksCost } from './compute/eks-cost';
import { fargateCost } from './compute/fargate-cost';
import { hybridCost } from './compute/hybrid-cost';
import { lambdaCost } from './compute/lambda-cost';
import { managedInstancesCost } from './compute/managed-instances-cost';
import { webFunctionCost } from './compute/web-function-cost';

export { count, MONTH_HOURS, taskSeconds } from './compute/compute-model';
export type { ApiLoad, ApiModel, ComputeModel, Item, WorkerLoad } from './compute/compute-model';
export { EMPTY_RECEIVES, FUNCTION_MB, functionSeconds } from './compute/lambda-cost';
export { workerHours } from './compute/worker-hours';

/** Cost models of all compute types. */
export const COMPUTES = {
  lambda: lambdaCost,
  'managed-instances': managedInstancesCost,
  hybrid: hybridCost,
  fargate: fargateCost('Fargate on demand', false),
  'fargate-spot': fargateCost('Fargate Spot', true),
  ecs: ecsCost('ECS on EC2', false),
  'ecs-spot': ecsCost('ECS on EC2 Spot', true),
  eks: eksCost,
} as const satisfies Readonly<Record<string, ComputeModel>>;

/** Name of a compute type. */
export type ComputeName = keyof typeof COMPUTES;
/** Names of all compute types. */
export const COMPUTE_NAMES = Object.keys(COMPUTES) as readonly ComputeName[];

/** Name of a compute type that can serve the API. A web function can serve only the API, because it cannot run workers. */
export type ApiComputeName = ComputeName | 'web-function';
/** All compute types that can serve the API. */
export const API_COMPUTES: Readonly<Record<ApiComputeName, ApiModel>> = {
  ...COMPUTES,
  'web-function': webFunctionCost,
};
/** Names of all compute types that can serve the API. */
export const API_COMPUTE_NAMES = Object.keys(API_COMPUTES) as readonly ApiComputeName[];
