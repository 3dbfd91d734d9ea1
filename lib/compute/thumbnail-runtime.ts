import type * as ecs from 'aws-cdk-lib/aws-ecs';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { ALLOCATOR_VARIABLES, DEFAULT_PORT, SERVICE_VARIABLES, type ServiceMode } from '../../runtime/contract';
import { runtimeAsset } from '../private/runtime-assets';
import type { ThumbnailComputeBindOptions, ThumbnailWorkerBindOptions } from './compute-protocol';
import { RuntimeImage } from './runtime-image';

/** Options of `ThumbnailRuntime.containerImage`. */
export interface ThumbnailContainerImageOptions {
  /**
   * CPU architecture of the image.
   *
   * @default CpuArchitecture.ARM64
   */
  readonly architecture?: ecs.CpuArchitecture;

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

/**
 * Maximum size of an HTTP API response in bytes, including headers:
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
const MAX_RESPONSE_BYTES = 10_000_000;
const HEALTH_CHECK_PATH = '/health';

/**
 * Code, container image and environment of the runtime, for subclasses of `ThumbnailCompute`.
 *
 * The container image contains the files of the Lambda code.
 *
 * @example
 * taskDefinition.addContainer('Worker', {
 *   image: ThumbnailRuntime.containerImage(),
 *   environment: ThumbnailRuntime.workerContainerEnvironment(options),
 *   memoryLimitMiB: 2048,
 * });
 */
export class ThumbnailRuntime {
  /** Handler for a Lambda function with an SQS event source. Enable `reportBatchItemFailures` on the event source. */
  public static readonly UPLOAD_HANDLER: string = 'upload-function.handler';

  /** Handler for a Lambda function behind an HTTP API, with payload format version 2.0. */
  public static readonly API_HANDLER: string = 'api-function.handler';

  /** TCP port of the container. */
  public static readonly CONTAINER_PORT: number = DEFAULT_PORT;

  /** Path of the health check on `CONTAINER_PORT`. Containers of workers and APIs serve this path. */
  public static readonly HEALTH_CHECK_PATH: string = HEALTH_CHECK_PATH;

  /**
   * Health check command of the container in exec form, without the prefix `CMD`. A task definition for ECS requires this
   * command, because ECS ignores the `HEALTHCHECK` of the image.
   */
  public static readonly HEALTH_CHECK_COMMAND: string[] = [
    'node',
    '-e',
    `fetch('http://127.0.0.1:' + (process.env.PORT || ${DEFAULT_PORT}) + '${HEALTH_CHECK_PATH}')` +
      '.then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))',
  ];

  /**
   * Returns the code for a Lambda function with a Node.js runtime and one of the handlers of this class.
   *
   * @param architecture architecture of the function; defaults to `Architecture.ARM_64`
   * @throws Error if the package contains no code for the architecture
   */
  public static functionCode(architecture: lambda.Architecture = lambda.Architecture.ARM_64): lambda.Code {
    const { directory, exclude, hash } = runtimeAsset(architecture.name);
    return lambda.Code.fromAsset(directory, { assetHash: hash, exclude });
  }

  /**
   * Returns the environment variables for a Lambda function.
   *
   * @param options options of `bindWorker` or `bindApi`
   */
  public static functionEnvironment(options: ThumbnailComputeBindOptions): { [name: string]: string } {
    return { ...ALLOCATOR_VARIABLES, ...options.environment };
  }

  /**
   * Returns the container image of the runtime. The image runs as the user 1000:1000 and writes only to `/tmp`. The image
   * supports a read-only root file system.
   *
   * Docker builds the image when the app is deployed.
   *
   * @param options architecture and base image
   */
  public static containerImage(options: ThumbnailContainerImageOptions = {}): ecs.ContainerImage {
    return new RuntimeImage(options.architecture, options.baseImage);
  }

  /**
   * Returns the environment variables for a container that consumes the queue.
   *
   * The task role requires `sqs:ReceiveMessage`, `sqs:DeleteMessage` and `sqs:ChangeMessageVisibility`.
   *
   * @param options options of `bindWorker`
   */
  public static workerContainerEnvironment(options: ThumbnailWorkerBindOptions): { [name: string]: string } {
    return {
      ...options.environment,
      [SERVICE_VARIABLES.mode]: 'worker' satisfies ServiceMode,
      [SERVICE_VARIABLES.queueUrl]: options.queue.queueUrl,
    };
  }

  /**
   * Returns the environment variables for a container that serves the HTTP API.
   *
   * The value of the variable `MAX_RESPONSE_BYTES` is the limit of API Gateway. A compute with its own `endpoint` can override
   * this variable.
   *
   * @param options options of `bindApi`
   */
  public static apiContainerEnvironment(options: ThumbnailComputeBindOptions): { [name: string]: string } {
    return {
      ...options.environment,
      [SERVICE_VARIABLES.mode]: 'api' satisfies ServiceMode,
      [SERVICE_VARIABLES.maxResponseBytes]: String(MAX_RESPONSE_BYTES),
    };
  }

  private constructor() {}
}
