import type { Duration } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';

/** Options for the tasks of both services, for every launch type. */
export interface ThumbnailTaskOptions {
  /**
   * CPU architecture of the tasks. On Fargate, ARM64 costs 20 percent less than X86_64.
   *
   * @default CpuArchitecture.ARM64
   */
  readonly architecture?: ecs.CpuArchitecture;

  /**
   * Subnets of the tasks in an existing VPC.
   *
   * @default - the first type of subnets in the VPC: private with egress, isolated, public
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Task role: the role of the runtime. The library grants it the required permissions.
   *
   * @default - a new role for each service
   */
  readonly taskRole?: iam.IRole;

  /**
   * Task execution role: the role that pulls the image and writes logs. The library grants it the required permissions.
   *
   * @default - a new role for each service
   */
  readonly executionRole?: iam.IRole;

  /**
   * Time between SIGTERM and SIGKILL, 2 to 120 seconds. Unfinished messages return to the queue.
   *
   * @default - `limits.maxDuration` plus 10 seconds, at least 30 and at most 120 seconds
   */
  readonly stopTimeout?: Duration;

  /**
   * Enables ECS Exec. It requires a writable root file system, and grants the tasks permission to open sessions.
   *
   * @default false
   */
  readonly enableExecuteCommand?: boolean;
}

/** Options for the container image. */
export interface ThumbnailImageOptions {
  /**
   * Container image of the runtime for `architecture`, such as one built from this package's container/Dockerfile. It must
   * declare the volume /tmp.
   *
   * @default - `ThumbnailRuntime.containerImage`, built from `baseImage` when the app is deployed
   */
  readonly image?: ecs.ContainerImage;

  /**
   * Base image for `architecture`, with Node.js 24 and glibc.
   *
   * A digest (`…@sha256:…`) pins the base. A tag is resolved when the image is built, which happens after an update of
   * this library or of this value.
   *
   * @default public.ecr.aws/docker/library/node:24-trixie-slim
   */
  readonly baseImage?: string;
}

/** Options for the scaling and deployment of one service, for every launch type. */
export interface ThumbnailServiceOptions {
  /**
   * Number of tasks after a deployment, from `minCapacity` to `maxCapacity`.
   *
   * Every update of the service resets the number of tasks to this value.
   *
   * @default - the current number of tasks. A new service starts one task, so that a faulty image fails the deployment.
   */
  readonly desiredCount?: number;

  /**
   * Minimum number of tasks. An API with 2 tasks survives the loss of an availability zone.
   *
   * @default - 0 for workers, 1 for the API
   */
  readonly minCapacity?: number;

  /**
   * Maximum number of tasks, up to 5000. It limits the cost. New accounts have a quota of 6 vCPUs on Fargate.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
   * @default 10
   */
  readonly maxCapacity?: number;

  /**
   * Security groups of the tasks.
   *
   * @default - a new security group, which allows outbound HTTPS and, for the API, traffic from the load balancer
   */
  readonly securityGroups?: ec2.ISecurityGroup[];

  /**
   * Deployment circuit breaker.
   *
   * @default - enabled, with rollback
   */
  readonly circuitBreaker?: ecs.DeploymentCircuitBreaker;

  /**
   * Minimum percentage of the desired tasks that run during a deployment, 0 to 100.
   *
   * @default 100
   */
  readonly minHealthyPercent?: number;

  /**
   * Maximum percentage of the desired tasks that run during a deployment, 100 to 400. It must exceed `minHealthyPercent`.
   *
   * @default 200
   */
  readonly maxHealthyPercent?: number;
}

/** Options for the scaling of workers with the backlog of the queue. */
export interface ThumbnailBacklogOptions {
  /**
   * Number of messages in the queue per task, at least the vCPUs of a task.
   *
   * With a backlog of 4 times this number, 4 tasks run, up to `maxCapacity`. The default is half a minute of work with
   * photos of phones and cameras, the time that another task takes to start.
   *
   * @default - 100 per vCPU
   */
  readonly backlogPerTask?: number;

  /**
   * Time with an empty queue before tasks stop, 1 to 60 whole minutes.
   *
   * In-flight messages count as messages in the queue, so that no task stops during its work.
   *
   * @default Duration.minutes(5)
   */
  readonly scaleInDelay?: Duration;

  /**
   * Whether a schedule keeps the metrics of the queue active. It is free of charge.
   *
   * SQS stops the metrics of a queue after six hours without API calls, and needs up to 15 minutes to resume them. Without
   * running tasks and without the schedule, the next image waits that long.
   *
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
   * @default - true if `minCapacity` is 0
   */
  readonly keepQueueActive?: boolean;
}

/** Options for the scaling and the load balancer of an API. */
export interface ThumbnailLoadOptions {
  /**
   * Target number of requests per task and minute.
   *
   * @default 3000
   */
  readonly requestsPerTask?: number;

  /**
   * Target CPU utilization in percent, 10 to 90. It matters for thumbnails that are rendered on demand.
   *
   * @default 60
   */
  readonly targetUtilizationPercent?: number;

  /**
   * Subnets of the internal load balancer and the VPC link, in at least two availability zones.
   *
   * @default - the first type of subnets in the VPC: private with egress, isolated, public
   */
  readonly loadBalancerSubnets?: ec2.SubnetSelection;
}
