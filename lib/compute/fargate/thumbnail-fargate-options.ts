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

/** Options for the tasks of both services. */
export interface ThumbnailFargateTaskOptions extends ThumbnailTaskOptions {
  /**
   * Whether tasks in an existing VPC have public IP addresses. Tasks in public subnets have no internet access without one.
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
   * A task processes one image per whole vCPU. With enough memory, it reads and writes another image at the same time.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
   * @default - 1024 for workers, 512 for the API
   */
  readonly cpu?: number;

  /**
   * Memory of a task in MiB, one of the values that Fargate supports for `cpu`.
   *
   * The service process uses 192 MiB, and the worker processes share the rest. One image may need 512 MiB.
   *
   * @default - twice the CPU units: 2048 for workers, 1024 for the API
   */
  readonly memoryLimitMiB?: number;

  /**
   * Ephemeral storage of a task in GiB, 21 to 200.
   *
   * @default - 20 GiB, which are free of charge
   */
  readonly ephemeralStorageGiB?: number;

  /**
   * Percentage of the tasks above `onDemandBase` that run on Fargate Spot, 0 to 100.
   *
   * Spot costs about a third, and may be unavailable. A Spot interruption stops a task with two minutes of notice, like a
   * deployment. An imported cluster must have the capacity providers FARGATE and FARGATE_SPOT.
   *
   * @default - 100 for workers, 0 for the API. 0 for ARM64 in the China regions, where Spot does not support it.
   */
  readonly spotPercent?: number;

  /**
   * Number of tasks that run on demand before tasks run on Spot. With 1, the service makes progress without Spot capacity.
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
   * VPC of the tasks. They require access to S3, SQS, CloudWatch Logs and the registry of their image.
   *
   * @default - the VPC of `cluster`, or else a new VPC with `network`
   */
  readonly vpc?: ec2.IVpc;

  /**
   * Network of a new VPC. The default network costs nothing while no tasks are running.
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
