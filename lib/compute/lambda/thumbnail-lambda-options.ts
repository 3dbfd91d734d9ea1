import type { Duration } from 'aws-cdk-lib';
import type * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';

/** Range of the event pollers that Lambda provisions for the queue. */
export interface ThumbnailProvisionedPollers {
  /**
   * Number of pollers that always run, 2 to 200.
   *
   * @default 2
   */
  readonly minimum?: number;

  /**
   * Maximum number of pollers, 2 to 2000. Each poller invokes the function up to 10 times at a time.
   *
   * @default - 10, or `minimum` if `minimum` is larger
   */
  readonly maximum?: number;
}

/** Options of `ThumbnailCompute.lambda`. The upload function consumes the queue. The API function serves the HTTP API. */
export interface ThumbnailLambdaOptions {
  /**
   * Instruction set architecture of the functions.
   *
   * @default Architecture.ARM_64
   */
  readonly architecture?: lambda.Architecture;

  /**
   * Memory of each function in MiB, 128 to 10240. Lambda allocates CPU in proportion: one vCPU at 1769 MiB.
   *
   * With `capacityProvider`, the memory is at least 2048 MiB, and the invocations of an execution environment share this
   * memory.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
   * @default - 1769, or 4096 with `capacityProvider`
   */
  readonly memorySize?: number;

  /**
   * Timeout of the upload function, at most 15 minutes.
   *
   * The timeout must be longer than `limits.maxDuration`. For a slow image, the runtime then reports an error with the code
   * `timeout`, before Lambda stops the function.
   *
   * @default - `limits.maxDuration` for each image of a batch plus 40 seconds, at most 15 minutes. With the default
   * limits and batch size, 60 seconds.
   */
  readonly timeout?: Duration;

  /**
   * Maximum number of images in one invocation, 1 to 10000. More than 10 images require a `maxBatchingWindow`.
   *
   * If an invocation processes only one image, an image that exhausts the memory does not affect other images.
   *
   * @default 1
   */
  readonly batchSize?: number;

  /**
   * Maximum time for which Lambda collects messages for a batch, up to 5 minutes.
   *
   * @default Duration.seconds(0)
   */
  readonly maxBatchingWindow?: Duration;

  /**
   * Maximum number of concurrent invocations of the upload function for messages in the queue, 2 to 1000. Further messages
   * remain in the queue.
   *
   * The default is a tenth of the default quota of an account. The rest of the quota is available for other functions during a
   * burst of uploads.
   *
   * @default - 100, or `reservedConcurrentExecutions` if it is set; no maximum with `provisionedPollers`
   */
  readonly maxConcurrency?: number;

  /**
   * Reserved concurrency of the upload function, at least `maxConcurrency`. Lambda also uses this value as the maximum
   * concurrency.
   *
   * @default - no reserved concurrency
   */
  readonly reservedConcurrentExecutions?: number;

  /**
   * Reserved concurrency of the API function. Lambda also uses this value as the maximum concurrency. Further requests receive
   * status 503.
   *
   * @default - no reserved concurrency
   */
  readonly apiReservedConcurrentExecutions?: number;

  /**
   * Event pollers that Lambda provisions for the queue (provisioned mode). During a burst, the number of invocations grows
   * three times faster than without provisioned pollers. The minimum number of pollers incurs costs while the queue is empty.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
   * @default - Lambda scales the pollers free of charge
   */
  readonly provisionedPollers?: ThumbnailProvisionedPollers;

  /**
   * Capacity provider with EC2 instances for both functions (Lambda Managed Instances).
   *
   * Lambda keeps at least three execution environments of each function running. To avoid this for the API, set `api.compute:
   * ThumbnailCompute.lambda()`, which uses default capacity. The capacity provider must have the architecture of the functions.
   * The functions use the VPC of the capacity provider instead of `vpc`. Lambda cannot remove a capacity provider from a function.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances.html
   * @default - default capacity of Lambda
   */
  readonly capacityProvider?: lambda.CapacityProvider;

  /**
   * Maximum number of invocations at a time in an execution environment on `capacityProvider`, 1 to 1600. The memory semaphore
   * of the runtime limits the number of concurrent renders.
   *
   * @default 4
   */
  readonly perEnvironmentConcurrency?: number;

  /**
   * Lambda runtime of the functions, a version of Node.js.
   *
   * @default Runtime.NODEJS_24_X
   */
  readonly runtime?: lambda.Runtime;

  /**
   * Execution role of the upload function and the API function. The library grants the permissions for both functions to this
   * role.
   *
   * @default - a new role for each function
   */
  readonly role?: iam.IRole;

  /**
   * AWS X-Ray tracing mode.
   *
   * @default - Tracing.ACTIVE if the pipeline has `tracing: true`, otherwise Tracing.DISABLED
   */
  readonly tracing?: lambda.Tracing;

  /**
   * VPC of the functions.
   *
   * The functions require network access to these services:
   *
   * - S3. A gateway endpoint is free of charge.
   * - SQS, for the API function.
   * - Secrets Manager, for an API function that reads a secret.
   * - EventBridge, for an upload function that publishes events.
   * - X-Ray, with tracing.
   *
   * The event source mapping and CloudWatch Logs require no access from the VPC.
   *
   * @default - no VPC
   */
  readonly vpc?: ec2.IVpc;

  /**
   * Subnets of the functions in `vpc`. Public subnets are invalid, because functions have no public IP addresses.
   *
   * @default - private subnets with egress, or else isolated subnets
   */
  readonly vpcSubnets?: ec2.SubnetSelection;

  /**
   * Security groups of the functions in `vpc`.
   *
   * @default - a new security group for each function, which allows outbound HTTPS only
   */
  readonly securityGroups?: ec2.ISecurityGroup[];
}
