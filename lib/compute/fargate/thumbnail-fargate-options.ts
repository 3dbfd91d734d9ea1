import type { Duration } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { FargateNetwork } from './fargate-network';

/** What the tasks of both services have in common. */
export interface ThumbnailFargateTaskOptions {
  /**
   * Processor of the tasks.
   *
   * @default CpuArchitecture.ARM64, which costs a fifth less than X86_64
   */
  readonly architecture?: ecs.CpuArchitecture;

  /**
   * Subnets of the tasks, in a VPC of your own.
   *
   * @default - the first kind that the VPC has: private with a way out, isolated, public
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Whether tasks have public addresses, in a VPC of your own.
   *
   * @default - where their subnets are public: without one a task there would reach nothing
   */
  readonly assignPublicIp?: boolean;

  /**
   * Role of the program, which gets the permissions that it needs.
   *
   * @default - a new role for each service
   */
  readonly taskRole?: iam.IRole;

  /**
   * Role by which Fargate pulls the image and writes the logs, which gets the permissions for that.
   *
   * @default - a new role for each service
   */
  readonly executionRole?: iam.IRole;

  /**
   * Time that a task has to end, 2 to 120 seconds. What it cannot finish by then goes back to the queue.
   *
   * @default - `limits.maxDuration` and 10 seconds, from 30 to 120: an image that was begun is finished
   */
  readonly stopTimeout?: Duration;

  /**
   * Let people run commands in the containers (ECS Exec). It needs a root file system that can be written to, and gives
   * the tasks permission to open sessions.
   *
   * @default false
   */
  readonly enableExecuteCommand?: boolean;
}

/** Size, number and deployment of one service's tasks. */
export interface ThumbnailFargateServiceOptions {
  /**
   * CPU units of a task: 256, 512, 1024 (one vCPU), 2048, 4096, 8192 or 16384. A task works on one image for each whole
   * vCPU at a time, and reads and writes another one meanwhile where there is memory for it.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
   * @default - 1024 for the workers, 512 for the API
   */
  readonly cpu?: number;

  /**
   * Memory of a task in MiB, of those that go with its CPU. The service takes 192 of them and its workers share the rest;
   * an image may need 512.
   *
   * @default - twice the CPU units: 2048 for the workers, 1024 for the API
   */
  readonly memoryLimitMiB?: number;

  /**
   * Disk of a task in GiB, 21 to 200.
   *
   * @default - the 20 GiB that cost nothing
   */
  readonly ephemeralStorageGiB?: number;

  /**
   * Tasks after a deployment of the service, from `minCapacity` to `maxCapacity`. Given, it sets the number back each time
   * the service changes.
   *
   * @default - as many as there are; one when the service is new, so that a container that does not start is noticed then
   */
  readonly desiredCount?: number;

  /**
   * The fewest tasks.
   *
   * @default - 0 for the workers, 1 for the API; 2 let the API survive the loss of a zone
   */
  readonly minCapacity?: number;

  /**
   * The most tasks, up to 5000, which bounds the cost. New accounts may run 6 vCPUs at once until AWS lets them run more.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
   * @default 10
   */
  readonly maxCapacity?: number;

  /**
   * Share of the tasks beyond `onDemandBase` that run on Spot capacity, 0 to 100. It costs about a third, may be lacking
   * for a while, and is taken back with a warning of two minutes, in which tasks end as they do in a deployment. A cluster
   * that is imported must have the capacity providers FARGATE and FARGATE_SPOT.
   *
   * @default - 100 for the workers, 0 for the API; 0 in China, which has no Spot capacity for ARM64
   */
  readonly spotPercent?: number;

  /**
   * Tasks that run on demand before any runs on Spot capacity.
   *
   * @default 1, so that images are made when there is no Spot capacity
   */
  readonly onDemandBase?: number;

  /**
   * Security groups of the tasks.
   *
   * @default - a new one that lets out HTTPS, and lets in the load balancer or nobody
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * What happens when new tasks do not start.
   *
   * @default - the deployment is rolled back
   */
  readonly circuitBreaker?: ecs.DeploymentCircuitBreaker;

  /**
   * Share of the desired tasks that run at least during a deployment, 0 to 100.
   *
   * @default 100
   */
  readonly minHealthyPercent?: number;

  /**
   * Share of the desired tasks that run at most during a deployment, 100 to 400, and more than `minHealthyPercent`.
   *
   * @default 200
   */
  readonly maxHealthyPercent?: number;
}

/** The service that makes thumbnails. */
export interface ThumbnailFargateWorkerOptions extends ThumbnailFargateServiceOptions {
  /**
   * Images in the queue for which there is one task: with 4 times as many there are 4 tasks, up to `maxCapacity`. At least
   * the vCPUs of a task.
   *
   * @default - 100 for each vCPU: the half minute's work, of photos from phones and cameras, in which another task would
   * only just have started
   */
  readonly backlogPerTask?: number;

  /**
   * How long the queue is empty before tasks end, 1 to 60 whole minutes. Messages that are being worked on count as in the
   * queue, so that no task ends over its work.
   *
   * @default Duration.minutes(5)
   */
  readonly scaleInDelay?: Duration;

  /**
   * Touch the queue every three hours, by a schedule that costs nothing. SQS stops counting the messages of a queue that
   * nobody touches for six hours, which no task does while there is none, and needs up to 15 minutes to begin again; the
   * first image after a quiet night would wait for that.
   *
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
   * @default - where `minCapacity` is 0
   */
  readonly keepQueueActive?: boolean;
}

/** The service that answers the API. */
export interface ThumbnailFargateApiOptions extends ThumbnailFargateServiceOptions {
  /**
   * Requests a minute for which there is one task.
   *
   * @default 3000, which is 50 a second
   */
  readonly requestsPerTask?: number;

  /**
   * Use of the CPU that the number of tasks is kept at, 10 to 90 percent. It counts where thumbnails are made on request.
   *
   * @default 60
   */
  readonly targetUtilizationPercent?: number;

  /**
   * Subnets of the load balancer and the VPC link, in two zones at least. Both have private addresses only.
   *
   * @default - the first kind that the VPC has: private with a way out, isolated, public
   */
  readonly loadBalancerSubnets?: ec2.SubnetSelection;
}

/** Properties of {@link ThumbnailCompute.fargate}. */
export interface ThumbnailFargateOptions extends ThumbnailFargateTaskOptions {
  /**
   * Where the tasks run. They need S3, SQS, CloudWatch Logs and the registry of their image.
   *
   * @default - that of `cluster`, or else a new one as `network` says
   */
  readonly vpc?: ec2.IVpc;

  /**
   * What a new VPC is like.
   *
   * @default FargateNetwork.publicSubnets(), which costs nothing while no task runs
   */
  readonly network?: FargateNetwork;

  /**
   * Cluster of the services.
   *
   * @default - a new one
   */
  readonly cluster?: ecs.ICluster;

  /**
   * The program's image, such as one that your own pipeline built with this package's container/Dockerfile. It must be made
   * for `architecture` and declare the volume /tmp.
   *
   * @default - built when the app is deployed, from `baseImage` and the folder that Lambda runs
   */
  readonly image?: ecs.ContainerImage;

  /**
   * What the image is built on: one with Node.js 24 and glibc, for `architecture`. By a digest (`…@sha256:…`) it is the
   * same each time; by a tag it is whatever the tag means when the image is built, which is when this library, or this
   * value, changes.
   *
   * @default public.ecr.aws/docker/library/node:24-trixie-slim
   */
  readonly baseImage?: string;

  /**
   * The service that makes thumbnails.
   *
   * @default - the defaults of each
   */
  readonly worker?: ThumbnailFargateWorkerOptions;

  /**
   * The service that answers the API.
   *
   * @default - the defaults of each
   */
  readonly api?: ThumbnailFargateApiOptions;
}
