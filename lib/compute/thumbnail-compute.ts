import type { Duration } from 'aws-cdk-lib';
import type { HttpRouteIntegration } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Connections } from 'aws-cdk-lib/aws-ec2';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import * as services from './fargate/fargate-compute';
import type { FargateComputeProps } from './fargate/fargate-compute-props';
import { fargateProblems } from './fargate/fargate-validation';
import type { ThumbnailApiService } from './fargate/thumbnail-api-service';
import type { ThumbnailWorkerService } from './fargate/thumbnail-worker-service';
import * as functions from './lambda/lambda-compute';
import type { LambdaComputeProps } from './lambda/lambda-compute-props';

/** What a kind of compute is checked against, before anything is made. */
export interface ThumbnailComputeContext {
  /** Time that one image may take. */
  readonly maxDuration: Duration;
  /**
   * The queue that was passed in.
   *
   * @default - the pipeline makes one that suits the compute
   */
  readonly queue?: IQueue;
}

/** What a pipeline gives to whatever runs its program. */
export interface ThumbnailComputeOptions {
  /** Environment variables that the program reads its settings from. */
  readonly environment: { readonly [name: string]: string };
  /** Where the program's logs go. */
  readonly logGroup: ILogGroup;
  /** Time that one image may take. */
  readonly maxDuration: Duration;
}

/** What a pipeline gives to the compute that makes thumbnails. */
export interface ThumbnailWorkerOptions extends ThumbnailComputeOptions {
  /** Where the keys that may have changed come from. The compute lets itself consume it. */
  readonly queue: IQueue;
}

/** The compute that makes thumbnails. */
export interface ThumbnailWorkerConfig {
  /** Who the pipeline lets read the sources and manage the thumbnails. */
  readonly grantee: IGrantable;
  /**
   * What hands the queue's messages to the function, where it is one.
   *
   * @default - it is none
   */
  readonly eventSourceMapping?: lambda.EventSourceMapping;
  /**
   * The function, where it is one.
   *
   * @default - it is none
   */
  readonly lambdaFunction?: lambda.Function;
  /**
   * The service, where it is one of this library.
   *
   * @default - it is none
   */
  readonly workerService?: ThumbnailWorkerService;
  /**
   * Its connections, where it is in a VPC.
   *
   * @default - it is in none
   */
  readonly connections?: Connections;
}

/** The compute that answers requests. */
export interface ThumbnailApiComputeConfig {
  /** Who the pipeline lets read the sources and manage the thumbnails. */
  readonly grantee: IGrantable;
  /** How the API reaches it. */
  readonly integration: HttpRouteIntegration;
  /**
   * The function, where it is one.
   *
   * @default - it is none
   */
  readonly lambdaFunction?: lambda.Function;
  /**
   * The service, where it is one of this library.
   *
   * @default - it is none
   */
  readonly apiService?: ThumbnailApiService;
  /**
   * Its connections, where it is in a VPC.
   *
   * @default - it is in none
   */
  readonly connections?: Connections;
}

/**
 * What runs a pipeline's program. A new kind is a subclass: it makes what consumes a queue, and what answers an API.
 * Both are asked for apart, because a pipeline may have no API.
 *
 * An object of this class only carries props and may serve several pipelines.
 */
export abstract class ThumbnailCompute {
  /**
   * Lambda functions.
   *
   * @param props memory, time, concurrency and more
   */
  public static lambda(props: LambdaComputeProps = {}): ThumbnailCompute {
    return new LambdaCompute(props);
  }

  /**
   * Services on Fargate: one that makes thumbnails, with as many tasks as its queue has work for and none when it has none,
   * and one that answers the API, behind an internal load balancer.
   *
   * @param props network, cluster, image, and size and number of the tasks
   */
  public static fargate(props: FargateComputeProps = {}): ThumbnailCompute {
    return new FargateCompute(props);
  }

  /**
   * What is wrong with the props, each as `prop: got …, must be …`; empty when nothing is. The pipeline reports it with
   * its own.
   *
   * @param context what they are checked against
   */
  public abstract validate(context: ThumbnailComputeContext): string[];

  /**
   * How long the queue hides a message while it is worked on.
   *
   * @param maxDuration time that one image may take
   */
  public abstract visibilityTimeout(maxDuration: Duration): Duration;

  /**
   * Makes what consumes the queue.
   *
   * @param scope the pipeline
   * @param options what it is to work with
   */
  public abstract bindWorker(scope: Construct, options: ThumbnailWorkerOptions): ThumbnailWorkerConfig;

  /**
   * Makes what answers the API.
   *
   * @param scope the pipeline
   * @param options what it is to work with
   */
  public abstract bindApi(scope: Construct, options: ThumbnailComputeOptions): ThumbnailApiComputeConfig;
}

class LambdaCompute extends ThumbnailCompute {
  public constructor(private readonly props: LambdaComputeProps) {
    super();
  }

  public validate(context: ThumbnailComputeContext): string[] {
    return functions.problemsOf(this.props, context);
  }

  public visibilityTimeout(maxDuration: Duration): Duration {
    return functions.visibilityTimeout(this.props, maxDuration);
  }

  public bindWorker(scope: Construct, options: ThumbnailWorkerOptions): ThumbnailWorkerConfig {
    return functions.uploadFunction(scope, this.props, options);
  }

  public bindApi(scope: Construct, options: ThumbnailComputeOptions): ThumbnailApiComputeConfig {
    return functions.apiFunction(scope, this.props, options);
  }
}

class FargateCompute extends ThumbnailCompute {
  public constructor(private readonly props: FargateComputeProps) {
    super();
  }

  public validate(): string[] {
    return fargateProblems(this.props);
  }

  public visibilityTimeout(): Duration {
    return services.VISIBILITY_TIMEOUT;
  }

  public bindWorker(scope: Construct, options: ThumbnailWorkerOptions): ThumbnailWorkerConfig {
    return services.workerService(scope, this.props, options);
  }

  public bindApi(scope: Construct, options: ThumbnailComputeOptions): ThumbnailApiComputeConfig {
    return services.apiService(scope, this.props, options);
  }
}
