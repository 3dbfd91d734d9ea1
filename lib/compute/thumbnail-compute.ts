import type { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { invalidValue } from '../private/validation';
import type {
  IThumbnailApiBinding,
  IThumbnailCompute,
  IThumbnailWorkerBinding,
  ThumbnailComputeBindOptions,
  ThumbnailComputeContext,
  ThumbnailWorkerBindOptions,
} from './compute-protocol';
import { validateEcsOptions } from './ecs/ecs-validation';
import type { ThumbnailEcsOptions } from './ecs/thumbnail-ecs-options';
import * as services from './fargate/fargate-compute';
import { validateFargateOptions } from './fargate/fargate-validation';
import type { ThumbnailFargateOptions, ThumbnailFargateWorkerOptions } from './fargate/thumbnail-fargate-options';
import { bindHybridWorker } from './hybrid/hybrid-compute';
import { type HybridParts, validateHybrid } from './hybrid/hybrid-validation';
import type { ThumbnailHybridOptions } from './hybrid/thumbnail-hybrid-options';
import * as functions from './lambda/lambda-compute';
import { visibilityTimeout } from './lambda/lambda-timeout';
import { validateLambdaOptions } from './lambda/lambda-validation';
import type { ThumbnailLambdaOptions } from './lambda/thumbnail-lambda-options';

/** Three worker processes, each with the memory for images of 400 megapixels in most formats. */
const DEFAULT_LARGE_WORKER: ThumbnailFargateWorkerOptions = { cpu: 2048, memoryLimitMiB: 16_384 };

/**
 * Compute that runs the runtime of a pipeline.
 *
 * Extend this class for a compute of your own: `bindWorker` creates the resources that consume the queue, and `bindApi`
 * creates the resources that serve the HTTP API. `ThumbnailRuntime` provides the code and the container image.
 *
 * An instance only holds options, so that several pipelines can share it.
 */
export abstract class ThumbnailCompute implements IThumbnailCompute {
  /**
   * Runs the runtime in Lambda functions.
   *
   * @param options memory, timeouts, concurrency and network of the functions
   */
  public static lambda(options: ThumbnailLambdaOptions = {}): ThumbnailCompute {
    return new LambdaCompute(options);
  }

  /**
   * Runs the runtime in two Fargate services.
   *
   * The number of worker tasks follows the backlog of the queue, down to 0. The tasks of the API run behind an internal
   * load balancer.
   *
   * @param options network, cluster, image, task size and scaling of the services
   */
  public static fargate(options: ThumbnailFargateOptions = {}): ThumbnailCompute {
    return new FargateCompute(options);
  }

  /**
   * Runs the runtime in two ECS services on capacity providers: EC2 instances, Managed Instances or Spot.
   *
   * The services scale like those of {@link fargate}. The capacity providers add and remove the instances.
   *
   * @param options cluster, capacity providers, image, task size and scaling of the services
   */
  public static ecs(options: ThumbnailEcsOptions): ThumbnailCompute {
    return new EcsCompute(options);
  }

  /**
   * Runs the worker on a small compute, and images that exceed its memory or time on a large one.
   *
   * The small worker consumes the queue of the pipeline. It sends the keys of images that it cannot render to the queue of the
   * large worker, which starts with the first of them. The API runs on the small compute, and responds with 202 for such images.
   *
   * @param options both computes, and further conditions for the large one
   */
  public static hybrid(options: ThumbnailHybridOptions = {}): ThumbnailCompute {
    return new HybridCompute(options);
  }

  /**
   * Memory in MiB that a worker has for one image. `ThumbnailCompute.hybrid` compares it.
   *
   * @default - unknown
   */
  public readonly imageMemoryMiB?: number;

  /**
   * Validates the options. The pipeline throws one error with the result and its own validation errors.
   *
   * @param context values of the pipeline that the options must fit
   * @returns messages of the form `prop: finding; fix`; an empty list for valid options
   */
  public abstract validate(context: ThumbnailComputeContext): string[];

  /**
   * Returns the visibility timeout for the pipeline's queue.
   *
   * @param maxDuration maximum processing time of one image
   */
  public abstract visibilityTimeout(maxDuration: Duration): Duration;

  /**
   * Creates the resources that consume the queue and create thumbnails.
   *
   * @param scope the pipeline
   * @param options environment, log group and queue
   */
  public abstract bindWorker(scope: Construct, options: ThumbnailWorkerBindOptions): IThumbnailWorkerBinding;

  /**
   * Creates the resources that serve the HTTP API. The pipeline does not call this method if `apiEnabled` is false.
   *
   * @param scope the pipeline
   * @param options environment and log group
   */
  public abstract bindApi(scope: Construct, options: ThumbnailComputeBindOptions): IThumbnailApiBinding;
}

class LambdaCompute extends ThumbnailCompute {
  public override readonly imageMemoryMiB?: number;

  public constructor(private readonly options: ThumbnailLambdaOptions) {
    super();
    this.imageMemoryMiB = functions.imageMemoryMiB(options);
  }

  public validate(context: ThumbnailComputeContext): string[] {
    return validateLambdaOptions(this.options, context);
  }

  public visibilityTimeout(maxDuration: Duration): Duration {
    return visibilityTimeout(this.options, maxDuration);
  }

  public bindWorker(scope: Construct, options: ThumbnailWorkerBindOptions): IThumbnailWorkerBinding {
    return functions.bindUploadFunction(scope, this.options, options);
  }

  public bindApi(scope: Construct, options: ThumbnailComputeBindOptions): IThumbnailApiBinding {
    return functions.bindApiFunction(scope, this.options, options);
  }
}

/** Base of the computes that run ECS services. */
abstract class ServiceCompute extends ThumbnailCompute {
  public override readonly imageMemoryMiB?: number;

  protected constructor(private readonly options: services.ServiceComputeOptions) {
    super();
    this.imageMemoryMiB = services.imageMemoryMiB(options);
  }

  public visibilityTimeout(): Duration {
    return services.VISIBILITY_TIMEOUT;
  }

  public bindWorker(scope: Construct, options: ThumbnailWorkerBindOptions): IThumbnailWorkerBinding {
    return services.bindWorkerService(scope, this.options, options);
  }

  public bindApi(scope: Construct, options: ThumbnailComputeBindOptions): IThumbnailApiBinding {
    return services.bindApiService(scope, this.options, options);
  }
}

class FargateCompute extends ServiceCompute {
  public constructor(private readonly fargateOptions: ThumbnailFargateOptions) {
    super(fargateOptions);
  }

  public validate(): string[] {
    return validateFargateOptions(this.fargateOptions);
  }
}

class EcsCompute extends ServiceCompute {
  public constructor(private readonly ecsOptions: ThumbnailEcsOptions) {
    super(ecsOptions);
  }

  public validate(): string[] {
    return validateEcsOptions(this.ecsOptions);
  }
}

class HybridCompute extends ThumbnailCompute {
  public override readonly imageMemoryMiB?: number;
  private readonly parts: HybridParts;

  public constructor(private readonly options: ThumbnailHybridOptions) {
    super();
    this.parts = {
      small: options.small ?? ThumbnailCompute.lambda(),
      large: options.large ?? ThumbnailCompute.fargate({ worker: DEFAULT_LARGE_WORKER }),
    };
    this.imageMemoryMiB = this.parts.large.imageMemoryMiB;
  }

  public validate(context: ThumbnailComputeContext): string[] {
    const hybrids = Object.entries(this.parts).filter(([, compute]) => compute instanceof HybridCompute);
    return hybrids.length > 0
      ? hybrids.map(([prop]) => invalidValue(prop, 'ThumbnailCompute.hybrid()', 'a compute that renders every image'))
      : validateHybrid(this.parts, this.options, context);
  }

  public visibilityTimeout(maxDuration: Duration): Duration {
    return this.parts.small.visibilityTimeout(maxDuration);
  }

  public bindWorker(scope: Construct, options: ThumbnailWorkerBindOptions): IThumbnailWorkerBinding {
    return bindHybridWorker(scope, this.parts, this.options, options);
  }

  public bindApi(scope: Construct, options: ThumbnailComputeBindOptions): IThumbnailApiBinding {
    // The API forwards images beyond its memory, so that a warning about them would be wrong.
    return this.parts.small.bindApi(scope, { ...options, imageMemoryMiB: undefined });
  }
}
