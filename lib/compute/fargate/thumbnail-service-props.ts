import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type { ThumbnailComputeOptions, ThumbnailWorkerOptions } from '../thumbnail-compute';
import type { FargateApiOptions, FargateTaskOptions, FargateWorkerOptions } from './fargate-compute-props';

/** Where a service runs, and what. */
export interface ThumbnailServiceProps extends FargateTaskOptions {
  /** Cluster of the service. Its tasks run in the cluster's VPC. */
  readonly cluster: ecs.ICluster;
  /** The program's image. */
  readonly image: ecs.ContainerImage;
}

/** Properties of {@link ThumbnailWorkerService}. */
export interface ThumbnailWorkerServiceProps
  extends ThumbnailServiceProps, FargateWorkerOptions, ThumbnailWorkerOptions {}

/** Properties of {@link ThumbnailApiService}. */
export interface ThumbnailApiServiceProps extends ThumbnailServiceProps, FargateApiOptions, ThumbnailComputeOptions {}
