import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type {
  ThumbnailBacklogOptions,
  ThumbnailImageOptions,
  ThumbnailLoadOptions,
  ThumbnailServiceOptions,
  ThumbnailTaskOptions,
} from './thumbnail-service-options';

/** Options for the size, scaling and deployment of one service on ECS capacity providers. */
export interface ThumbnailEcsServiceOptions extends ThumbnailServiceOptions {
  /**
   * CPU units of a task, 128 to 196608. One vCPU has 1024 CPU units.
   *
   * A task renders one image per whole vCPU. With enough memory, the task reads or writes one further image at the same time.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters_ec2.html
   * @default - 1024 for workers, 512 for the API
   */
  readonly cpu?: number;

  /**
   * Memory of a task in MiB, at least 512.
   *
   * The service process uses 192 MiB. The worker processes share the remaining memory. One image may need 512 MiB.
   *
   * @default - twice the CPU units: 2048 for workers, 1024 for the API
   */
  readonly memoryLimitMiB?: number;
}

/** Options for the service that consumes the queue. */
export interface ThumbnailEcsWorkerOptions extends ThumbnailEcsServiceOptions, ThumbnailBacklogOptions {}

/** Options for the service that serves the HTTP API. */
export interface ThumbnailEcsApiOptions extends ThumbnailEcsServiceOptions, ThumbnailLoadOptions {}

/** Options of `ThumbnailCompute.ecs`. */
export interface ThumbnailEcsOptions extends ThumbnailTaskOptions, ThumbnailImageOptions {
  /** Cluster of the services. The cluster must have the capacity providers of `capacityProviderStrategies`. */
  readonly cluster: ecs.ICluster;

  /**
   * Capacity providers of the tasks, from 1 to 20: Auto Scaling groups or ECS Managed Instances, on demand or Spot.
   *
   * With managed scaling, the provider adapts the number of instances to the number of tasks. Instances must have the CPU
   * architecture of the tasks.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
   */
  readonly capacityProviderStrategies: ecs.CapacityProviderStrategy[];

  /**
   * VPC of the tasks. The tasks require network access to S3, SQS, CloudWatch Logs and the registry of their image. Tasks on
   * instances have no public IP addresses. Therefore, public subnets provide no internet access.
   *
   * @default - the VPC of `cluster`
   */
  readonly vpc?: ec2.IVpc;

  /**
   * Options for the service that consumes the queue.
   *
   * @default - the default of each option
   */
  readonly worker?: ThumbnailEcsWorkerOptions;

  /**
   * Options for the service that serves the HTTP API.
   *
   * @default - the default of each option
   */
  readonly api?: ThumbnailEcsApiOptions;
}
