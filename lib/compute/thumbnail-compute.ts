import type { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { invalidValue } from '../private/validation';
import type {
  IThumbnailApiBinding,
  IThumbnailCompute,
  IThumbnailWorkerBinding,
  ThumbnailApiBindOptions,
  ThumbnailComputeContext,
  ThumbnailWorkerBindOptions,
} from './compute-protocol';
import { VISIBILITY_TIMEOUT } from './container-timeouts';
import { validateEcsOptions } from './ecs/ecs-validation';
import { imageMemoryMiB } from './ecs/task-size';
import type { ThumbnailEcsOptions } from './ecs/thumbnail-ecs-options';
import { bindApiPods, bindWorkerPods } from './eks/eks-compute';
import { validateEksOptions } from './eks/eks-validation';
import type { ThumbnailEksOptions } from './eks/thumbnail-eks-options';
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
import type { ThumbnailWebFunctionOptions } from './web-function/thumbnail-web-function-options';
import { bindWebFunction } from './web-function/web-function-compute';
import { IMAGE_MEMORY_MIB, NO_WORKER } from './web-function/web-function-limits';
import { validateWebFunctionOptions } from './web-function/web-function-validation';

/**
 * Default task of the large worker. Each of its three worker processes has enough memory for images of 400 megapixels in most
 * formats.
 */
const DEFAULT_LARGE_WORKER: ThumbnailFargateWorkerOptions = { cpu: 2048, memoryLimitMiB: 16_384 };

/**
 * Compute that runs the runtime of a pipeline.
 *
 * To implement your own compute, extend this class. `bindWorker` creates the resources that consume the queue. `bindApi`
 * creates the resources that serve the HTTP API. `ThumbnailRuntime` provides the code and the container image.
 *
 * An instance contains only options. Therefore, several pipelines can share an instance.
 */
export abstract class ThumbnailCompute implements IThumbnailCompute {
  /**
   * Returns a compute that runs the workers and the API in Lambda functions.
   *
   * @param options memory, timeouts, concurrency and network of the functions
   */
  public static lambda(options: ThumbnailLambdaOptions = {}): ThumbnailCompute {
    return new LambdaCompute(options);
  }

  /**
   * Returns a compute that runs the workers and the API in two Fargate services.
   *
   * The number of worker tasks scales with the backlog of the queue. By default, no task runs while the queue is empty. The
   * tasks of the API run behind an internal load balancer.
   *
   * @param options network, cluster, image, task size and scaling of the services
   */
  public static fargate(options: ThumbnailFargateOptions = {}): ThumbnailCompute {
    return new FargateCompute(options);
  }

  /**
   * Returns a compute that runs the workers and the API in two ECS services on capacity providers: EC2 instances, Managed
   * Instances or Spot.
   *
   * The services scale like the services of {@link fargate}. The capacity providers add and remove the instances.
   *
   * @param options cluster, capacity providers, image, task size and scaling of the services
   */
  public static ecs(options: ThumbnailEcsOptions): ThumbnailCompute {
    return new EcsCompute(options);
  }

  /**
   * Returns a compute that runs the workers and the API in two Kubernetes Deployments on an Amazon EKS cluster.
   *
   * KEDA scales the workers with the backlog of the queue. By default, no pod runs while the queue is empty. An internal load
   * balancer with a VPC link, or an Ingress, serves the API.
   *
   * @param options cluster, namespace, image, KEDA, pod size and scaling of the Deployments
   */
  public static eks(options: ThumbnailEksOptions): ThumbnailCompute {
    return new EksCompute(options);
  }

  /**
   * Returns a compute with two workers: a small worker, and a large worker for images that exceed the memory or the time limit
   * of the small worker.
   *
   * The small worker consumes the queue of the pipeline. If the small worker cannot render an image, the small worker sends the
   * key of the image to the queue of the large worker. The first key in this queue starts the large worker. The API runs on the
   * small compute. The API responds with 202 to requests for images that only the large worker can render.
   *
   * @param options small compute, large compute, and further conditions for the large compute
   */
  public static hybrid(options: ThumbnailHybridOptions = {}): ThumbnailCompute {
    return new HybridCompute(options);
  }

  /**
   * Returns a compute that serves the HTTP API with AWS Lambda Web Functions, for `api.compute`. Experimental. Requires
   * aws-cdk-lib 2.276 or newer.
   *
   * A web function runs the HTTP server of the container. One execution environment serves many requests at a time and has its
   * own HTTPS endpoint. Therefore, the pipeline creates no API Gateway HTTP API. A web function cannot consume a queue.
   *
   * @param options concurrency, rate limit, timeout, role and code bucket of the web function
   */
  public static webFunction(options: ThumbnailWebFunctionOptions = {}): ThumbnailCompute {
    return new WebFunctionCompute(options);
  }

  /**
   * Memory of a worker for one image in MiB. `ThumbnailCompute.hybrid` compares the values of its small and its large compute.
   *
   * @default - unknown
   */
  public readonly imageMemoryMiB?: number;

  /**
   * Validates the options of the compute. The pipeline throws a single error with the returned messages and the validation
   * errors of the pipeline.
   *
   * @param context values of the pipeline with which the options must be compatible
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
   * @param options environment, log group and access
   */
  public abstract bindApi(scope: Construct, options: ThumbnailApiBindOptions): IThumbnailApiBinding;
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

  public bindApi(scope: Construct, options: ThumbnailApiBindOptions): IThumbnailApiBinding {
    return functions.bindApiFunction(scope, this.options, options);
  }
}

/** Base class of compute types with ECS services. */
abstract class ServiceCompute extends ThumbnailCompute {
  public override readonly imageMemoryMiB?: number;

  protected constructor(private readonly options: services.ServiceComputeOptions) {
    super();
    this.imageMemoryMiB = imageMemoryMiB(options);
  }

  public visibilityTimeout(): Duration {
    return VISIBILITY_TIMEOUT;
  }

  public bindWorker(scope: Construct, options: ThumbnailWorkerBindOptions): IThumbnailWorkerBinding {
    return services.bindWorkerService(scope, this.options, options);
  }

  public bindApi(scope: Construct, options: ThumbnailApiBindOptions): IThumbnailApiBinding {
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

class EksCompute extends ThumbnailCompute {
  public override readonly imageMemoryMiB?: number;

  public constructor(private readonly options: ThumbnailEksOptions) {
    super();
    this.imageMemoryMiB = imageMemoryMiB(options);
  }

  public validate(): string[] {
    return validateEksOptions(this.options);
  }

  public visibilityTimeout(): Duration {
    return VISIBILITY_TIMEOUT;
  }

  public bindWorker(scope: Construct, options: ThumbnailWorkerBindOptions): IThumbnailWorkerBinding {
    return bindWorkerPods(scope, this.options, options);
  }

  public bindApi(scope: Construct, options: ThumbnailApiBindOptions): IThumbnailApiBinding {
    return bindApiPods(scope, this.options, options);
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

  public bindApi(scope: Construct, options: ThumbnailApiBindOptions): IThumbnailApiBinding {
    // Omits `imageMemoryMiB`, which would cause a warning about too little memory. The warning would be wrong, because the API
    // forwards images that exceed its memory.
    return this.parts.small.bindApi(scope, { ...options, imageMemoryMiB: undefined });
  }
}

class WebFunctionCompute extends ThumbnailCompute {
  public override readonly imageMemoryMiB: number = IMAGE_MEMORY_MIB;

  public constructor(private readonly options: ThumbnailWebFunctionOptions) {
    super();
  }

  public validate(context: ThumbnailComputeContext): string[] {
    return validateWebFunctionOptions(this.options, context);
  }

  public visibilityTimeout(maxDuration: Duration): Duration {
    return maxDuration;
  }

  public bindWorker(scope: Construct): IThumbnailWorkerBinding {
    throw new Error(`${scope.node.path}: compute: ${NO_WORKER}`);
  }

  public bindApi(scope: Construct, options: ThumbnailApiBindOptions): IThumbnailApiBinding {
    return bindWebFunction(scope, this.options, options);
  }
}
