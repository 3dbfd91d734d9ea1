import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type {
  ThumbnailBacklogOptions,
  ThumbnailImageOptions,
  ThumbnailLoadOptions,
  ThumbnailServiceOptions,
  ThumbnailTaskOptions,
} from '../ecs/thumbnail-service-options';
import type { FargateNetwork } from './fargate-network';

/** Options for the tasks of the worker service and the API service. */
export interface ThumbnailFargateTaskOptions extends ThumbnailTaskOptions {
  /**
   * Whether tasks in an existing VPC have public IP addresses. Tasks in public subnets require a public IP address for internet
   * access.
   *
   * @default - true in public subnets, false in others
   */
  readonly assignPublicIp?: boolean;
}

/** Options for the size, scaling and deployment of one service. */
export interface ThumbnailFargateServiceOptions extends ThumbnailServiceOptions {
  /**
   * CPU units of a task: 256, 512, 1024 (one vCPU), 2048, 4096, 8192 or 16384.
   *
   * A task renders one image per whole vCPU. With enough memory, the task reads or writes one further image at the same time.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
   * @default - 1024 for workers, 512 for the API
   */
  readonly cpu?: number;

  /**
   * Memory of a task in MiB, one of the values that Fargate supports for `cpu`.
   *
   * The service process uses 192 MiB. The worker processes share the remaining memory. One image may need 512 MiB.
   *
   * @default - twice the CPU units: 2048 for workers, 1024 for the API
   */
  readonly memoryLimitMiB?: number;

  /**
   * Ephemeral storage of a task in GiB, 21 to 200.
   *
   * @default - 20 GiB, free of charge
   */
  readonly ephemeralStorageGiB?: number;

  /**
   * Percentage of the tasks above `onDemandBase` that run on Fargate Spot, 0 to 100.
   *
   * Spot costs up to 70 percent less than on-demand capacity, but may be unavailable. AWS can interrupt a Spot task with two
   * minutes of notice. The task then completes its current work, as during a deployment. An imported cluster must have the
   * capacity providers FARGATE and FARGATE_SPOT.
   *
   * @default - 100 for workers, 0 for the API. 0 for ARM64 in the China regions, where Fargate Spot does not support ARM64.
   */
  readonly spotPercent?: number;

  /**
   * Minimum number of tasks that run on demand. Only further tasks run on Spot. With the value 1, one task runs even without
   * Spot capacity.
   *
   * @default 1
   */
  readonly onDemandBase?: number;
}

/** Options for the service that consumes the queue. */
export interface ThumbnailFargateWorkerOptions extends ThumbnailFargateServiceOptions, ThumbnailBacklogOptions {}

/** Options for the service that serves the HTTP API. */
export interface ThumbnailFargateApiOptions extends ThumbnailFargateServiceOptions, ThumbnailLoadOptions {}

/** Options of `ThumbnailCompute.fargate`. */
export interface ThumbnailFargateOptions extends ThumbnailFargateTaskOptions, ThumbnailImageOptions {
  /**
   * VPC of the tasks. The tasks require network access to S3, SQS, CloudWatch Logs and the registry of their image.
   *
   * @default - the VPC of `cluster`, or else a new VPC with `network`
   */
  readonly vpc?: ec2.IVpc;

  /**
   * Network of the VPC that the compute creates. The default network costs nothing while no tasks are running.
   *
   * @default FargateNetwork.publicSubnets()
   */
  readonly network?: FargateNetwork;

  /**
   * Cluster of the services.
   *
   * @default - a new cluster
   */
  readonly cluster?: ecs.ICluster;

  /**
   * Options for the service that consumes the queue.
   *
   * @default - the default of each option
   */
  readonly worker?: ThumbnailFargateWorkerOptions;

  /**
   * Options for the service that serves the HTTP API.
   *
   * @default - the default of each option
   */
  readonly api?: ThumbnailFargateApiOptions;
}
