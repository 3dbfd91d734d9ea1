import type { Duration } from 'aws-cdk-lib';
import type { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as ecs from 'aws-cdk-lib/aws-ecs';
import type * as iam from 'aws-cdk-lib/aws-iam';

/** Options for the tasks of the worker service and the API service, for every launch type. */
export interface ThumbnailTaskOptions {
  /**
   * CPU architecture of the tasks. On Fargate, ARM64 costs 20 percent less than X86_64 (list prices of us-east-1, November
   * 2026).
   *
   * @default CpuArchitecture.ARM64
   */
  readonly architecture?: ecs.CpuArchitecture;

  /**
   * Subnets of the tasks, if you pass an existing VPC.
   *
   * @default - the first available subnet type of the VPC, in this order: private with egress, isolated, public
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Task role, whose permissions the runtime uses. The library grants the required permissions to this role.
   *
   * @default - a new role for each service
   */
  readonly taskRole?: iam.IRole;

  /**
   * Task execution role, which ECS uses to pull the image and write logs. The library grants the required permissions to
   * this role.
   *
   * @default - a new role for each service
   */
  readonly executionRole?: iam.IRole;

  /**
   * Time between SIGTERM and SIGKILL when ECS stops a task, 2 to 120 seconds. Messages that the task cannot complete in this
   * time return to the queue.
   *
   * @default - `limits.maxDuration` plus 10 seconds, at least 30 and at most 120 seconds
   */
  readonly stopTimeout?: Duration;

  /**
   * Whether to enable ECS Exec. This option makes the root file system writable, and grants the tasks permission to open
   * sessions.
   *
   * @default false
   */
  readonly enableExecuteCommand?: boolean;
}

/** Options for the container image. */
export interface ThumbnailImageOptions {
  /**
   * Container image of the runtime, for example an image that you build from container/Dockerfile of this package. The image
   * must support `architecture` and declare the volume /tmp.
   *
   * @default - `ThumbnailRuntime.containerImage`, built from `baseImage` when the app is deployed
   */
  readonly image?: ecs.ContainerImage;

  /**
   * Base image for `architecture`, with Node.js 24 and glibc.
   *
   * A digest (`…@sha256:…`) pins the base image. Docker resolves a tag only when it builds the image, after an update of this
   * library or of this value.
   *
   * @default public.ecr.aws/docker/library/node:24-trixie-slim
   */
  readonly baseImage?: string;
}

/** Options for the scaling and deployment of one service, for every launch type. */
export interface ThumbnailServiceOptions {
  /**
   * Number of tasks directly after a deployment, from `minCapacity` to `maxCapacity`.
   *
   * Every update of the service resets the number of tasks to this value.
   *
   * @default - the current number of tasks; 1 for a new service, so that its deployment fails if the container image is faulty
   */
  readonly desiredCount?: number;

  /**
   * Minimum number of tasks. An API with 2 tasks remains available if one availability zone fails.
   *
   * @default - 0 for workers, 1 for the API
   */
  readonly minCapacity?: number;

  /**
   * Maximum number of tasks, up to 5000. This maximum limits the cost. New accounts have a quota of 6 vCPUs on Fargate.
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
   * Minimum number of tasks that run during a deployment, in percent of the desired count, 0 to 100.
   *
   * @default 100
   */
  readonly minHealthyPercent?: number;

  /**
   * Maximum number of tasks that run during a deployment, in percent of the desired count, 100 to 400. The value must exceed
   * `minHealthyPercent`.
   *
   * @default 200
   */
  readonly maxHealthyPercent?: number;
}

/** Options for workers whose number of tasks scales with the backlog of the queue. */
export interface ThumbnailBacklogOptions {
  /**
   * Number of queued messages per running task. The minimum is the number of worker processes of a task. With enough memory, a
   * task has one worker process more than vCPUs.
   *
   * For example, with the value 100, a queue with 400 messages requires 4 tasks. The number of tasks never exceeds
   * `maxCapacity`. With the default value, a task processes its share of photos from phones and cameras in about half a minute.
   * A new task also requires about half a minute to start.
   *
   * @default - 100 per vCPU
   */
  readonly backlogPerTask?: number;

  /**
   * Time for which the queue must be empty before tasks stop, 1 to 60 whole minutes.
   *
   * The queue is not empty while messages are in flight. Therefore, no task stops during its work.
   *
   * @default Duration.minutes(5)
   */
  readonly scaleInDelay?: Duration;

  /**
   * Whether to create a schedule that keeps the metrics of the queue active. The schedule is free of charge.
   *
   * SQS stops the metrics of a queue after six hours without API calls, and requires up to 15 minutes to resume the metrics. If
   * no tasks are running, the next image therefore waits up to 15 minutes. The schedule prevents this delay.
   *
   * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/monitoring-using-cloudwatch.html
   * @default - true if `minCapacity` is 0
   */
  readonly keepQueueActive?: boolean;
}

/** Options for the scaling and the load balancer of an API service. */
export interface ThumbnailLoadOptions {
  /**
   * Target number of requests per minute for each task.
   *
   * @default 3000
   */
  readonly requestsPerTask?: number;

  /**
   * Target CPU utilization in percent, 10 to 90. This target causes scaling if the API renders many thumbnails on demand.
   *
   * @default 60
   */
  readonly targetUtilizationPercent?: number;

  /**
   * Subnets of the internal load balancer and the VPC link, in at least two availability zones.
   *
   * @default - the first available subnet type of the VPC, in this order: private with egress, isolated, public
   */
  readonly loadBalancerSubnets?: ec2.SubnetSelection;

  /**
   * Certificate of the load balancer, for encrypted connections between API Gateway and the load balancer. Requires
   * `loadBalancerDomainName`. Connections between the load balancer and the tasks use HTTP.
   *
   * @default - no certificate; API Gateway sends HTTP requests through the VPC link
   */
  readonly loadBalancerCertificate?: ICertificate;

  /**
   * Domain name in `loadBalancerCertificate`. API Gateway verifies that the certificate contains this name. The name requires
   * no DNS record.
   *
   * @default - no verification, because the connection uses HTTP
   */
  readonly loadBalancerDomainName?: string;
}
