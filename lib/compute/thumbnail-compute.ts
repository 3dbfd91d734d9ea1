import type { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type {
  IThumbnailApiBinding,
  IThumbnailWorkerBinding,
  ThumbnailComputeBindOptions,
  ThumbnailComputeContext,
  ThumbnailWorkerBindOptions,
} from './compute-protocol';
import { validateEcsOptions } from './ecs/ecs-validation';
import type { ThumbnailEcsOptions } from './ecs/thumbnail-ecs-options';
import * as services from './fargate/fargate-compute';
import { validateFargateOptions } from './fargate/fargate-validation';
import type { ThumbnailFargateOptions } from './fargate/thumbnail-fargate-options';
import * as functions from './lambda/lambda-compute';
import { visibilityTimeout } from './lambda/lambda-timeout';
import { validateLambdaOptions } from './lambda/lambda-validation';
import type { ThumbnailLambdaOptions } from './lambda/thumbnail-lambda-options';

/**
 * Compute that runs the runtime of a pipeline.
 *
 * Extend this class for a compute of your own: `bindWorker` creates the resources that consume the queue, and `bindApi`
 * creates the resources that serve the HTTP API. `ThumbnailRuntime` provides the code and the container image.
 *
 * An instance only holds options, so that several pipelines can share it.
 */
export abstract class ThumbnailCompute {
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
  public constructor(private readonly options: ThumbnailLambdaOptions) {
    super();
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
  protected constructor(private readonly options: services.ServiceComputeOptions) {
    super();
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
