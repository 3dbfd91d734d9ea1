import type { Duration } from 'aws-cdk-lib';
import type { HttpRouteIntegration } from 'aws-cdk-lib/aws-apigatewayv2';
import type { Connections } from 'aws-cdk-lib/aws-ec2';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import type { ThumbnailAccess } from '../api/thumbnail-access';
import type { ThumbnailComputeMetrics } from './compute-metrics';
import type { IThumbnailApiService, IThumbnailWorkerService } from './fargate/thumbnail-services';

/** Values that a pipeline passes to a compute, so that the compute can validate its options. */
export interface ThumbnailComputeContext {
  /** Maximum processing time of one image. */
  readonly maxDuration: Duration;
  /**
   * Existing queue of the pipeline.
   *
   * @default - the pipeline creates a queue with the visibility timeout of the compute
   */
  readonly queue?: IQueue;
  /**
   * Whether the compute consumes the queue of the pipeline.
   *
   * @default true
   */
  readonly runsWorker?: boolean;
  /**
   * Access to the HTTP API, if the compute serves the HTTP API.
   *
   * @default - the compute serves no HTTP API
   */
  readonly apiAccess?: ThumbnailApiAccessOptions;
}

/** Access settings of an HTTP API. */
export interface ThumbnailApiAccessOptions {
  /** Access to the read routes. */
  readonly access: ThumbnailAccess;
  /**
   * Access to the routes for uploads and deletion.
   *
   * @default - the API has no routes for uploads and deletion
   */
  readonly writeAccess?: ThumbnailAccess;
  /**
   * Whether the API accepts only requests from distributions. The compute must then create a single endpoint, because a
   * distribution cannot select the endpoint by the HTTP method.
   *
   * @default false
   */
  readonly onlyThroughDistribution?: boolean;
}

/** Settings that a pipeline passes to a compute, for both its workers and its HTTP API. */
export interface ThumbnailComputeBindOptions {
  /** Environment variables of the runtime. Values may be tokens. */
  readonly environment: { readonly [name: string]: string };
  /** Log group of the runtime. The compute grants the runtime permission to write to this log group. */
  readonly logGroup: ILogGroup;
  /** Maximum processing time of one image. */
  readonly maxDuration: Duration;
  /**
   * Memory in MiB that suffices for most images within the limits of the pipeline. Rare types, such as TIFF in one strip, can
   * require up to twice this memory. A compute with less memory per image adds a warning.
   *
   * @default - no warning
   */
  readonly imageMemoryMiB?: number;
  /**
   * Whether the pipeline has `tracing: true`. A compute that supports AWS X-Ray then enables tracing.
   *
   * @default false
   */
  readonly tracing?: boolean;
}

/** Settings that a pipeline passes to the worker of a compute. */
export interface ThumbnailWorkerBindOptions extends ThumbnailComputeBindOptions {
  /** Queue with the events of changed sources. The compute grants the worker permission to consume the queue. */
  readonly queue: IQueue;
}

/** Environment variables of an HTTP API with two processes. Each process has its own routes and environment variables. */
export interface ThumbnailSeparateApiEnvironments {
  /** Environment variables of the process that serves the read routes. */
  readonly read: { readonly [name: string]: string };
  /** Environment variables of the process that serves the routes for uploads and deletion. */
  readonly write: { readonly [name: string]: string };
}

/** Settings that a pipeline passes to the HTTP API of a compute. */
export interface ThumbnailApiBindOptions extends ThumbnailComputeBindOptions {
  /** Access to the HTTP API. A compute with its own endpoint must authorize IAM principals itself. */
  readonly apiAccess: ThumbnailApiAccessOptions;
  /**
   * Environment variables for a compute that creates two endpoints. A compute with one endpoint uses `environment` instead.
   *
   * @default - the API has no routes for uploads and deletion
   */
  readonly separateEnvironments?: ThumbnailSeparateApiEnvironments;
}

/** A worker or an API that a compute has created. */
export interface IThumbnailComputeBinding {
  /**
   * Principal of the runtime. The pipeline grants this principal permission to read sources, and to read, write and delete
   * thumbnails.
   */
  readonly grantee: IGrantable;
  /**
   * Network connections of the runtime; undefined outside a VPC.
   *
   * @default - the compute is not in a VPC
   */
  readonly connections?: Connections;
  /**
   * CloudWatch metrics of the functions or tasks that run the runtime, for alarms and dashboards.
   *
   * @default - neither alarms nor widgets for these metrics
   */
  readonly metrics?: ThumbnailComputeMetrics;

  /**
   * Adds an environment variable to the runtime.
   *
   * @param name name of the variable
   * @param value value of the variable, which may be a token
   */
  addEnvironment(name: string, value: string): void;
}

/** Resources that consume the queue and create thumbnails. */
export interface IThumbnailWorkerBinding extends IThumbnailComputeBinding {
  /**
   * Lambda function of the worker; undefined for other compute types.
   *
   * @default - the compute creates no Lambda function
   */
  readonly lambdaFunction?: lambda.Function;
  /**
   * Event source mapping of the Lambda function; undefined for other compute types.
   *
   * @default - the compute has no event source mapping
   */
  readonly eventSourceMapping?: lambda.EventSourceMapping;
  /**
   * Fargate or ECS service that runs the worker; undefined for other compute types.
   *
   * @default - the compute creates no Fargate or ECS service
   */
  readonly workerService?: IThumbnailWorkerService;
  /**
   * Large worker for images that exceed the memory or the time limit of this worker; undefined if this worker renders every
   * image.
   *
   * @default - the worker forwards no images
   */
  readonly largeWorker?: ThumbnailLargeWorker;
}

/** Large worker: renders images that exceed the memory or the time limit of the small worker. */
export interface ThumbnailLargeWorker {
  /** Resources of the large worker. */
  readonly worker: IThumbnailWorkerBinding;
  /** Queue with the keys of forwarded images. The large worker consumes this queue. */
  readonly queue: IQueue;
  /**
   * Dead-letter queue of `queue`.
   *
   * @default - unknown
   */
  readonly deadLetterQueue?: IQueue;
  /** Environment variables for the small worker, so that its runtime forwards large images to `queue`. */
  readonly forwardingEnvironment: { readonly [name: string]: string };
}

/** Grants for an endpoint that requires IAM authorization. */
export interface IThumbnailEndpointGrants {
  /**
   * Grants permission to send requests to the endpoint.
   *
   * @param grantee principal that receives the permission
   */
  invoke(grantee: IGrantable): Grant;
}

/** Resources that serve only the routes for uploads and deletion. */
export interface IThumbnailWriteApiBinding extends IThumbnailComputeBinding {
  /** Origin of the HTTP endpoint for uploads and deletion. The value may be a token. */
  readonly endpoint: string;
  /**
   * Grants for an endpoint that requires IAM authorization.
   *
   * @default - the endpoint accepts every request
   */
  readonly endpointGrants?: IThumbnailEndpointGrants;
}

/** Resources that serve the HTTP API. A binding has either an `integration` or an `endpoint`. */
export interface IThumbnailApiBinding extends IThumbnailComputeBinding {
  /**
   * Integration for the routes of an API Gateway HTTP API, which the pipeline creates.
   *
   * @default - the compute has its own endpoint
   */
  readonly integration?: HttpRouteIntegration;
  /**
   * Origin of the HTTP endpoint that the compute creates, such as `https://img.example.com`. The value may be a token.
   *
   * With an endpoint, the pipeline creates no API Gateway HTTP API. Without `endpointGrants`, only the runtime authorizes the
   * requests. Therefore, access must be `ThumbnailAccess.publicRead()` or `ThumbnailAccess.signed()`. With `endpointGrants`,
   * access can also be `ThumbnailAccess.iam()`.
   *
   * @default - the compute has an integration
   */
  readonly endpoint?: string;
  /**
   * Grants for an endpoint that requires IAM authorization.
   *
   * @default - the endpoint accepts every request
   */
  readonly endpointGrants?: IThumbnailEndpointGrants;
  /**
   * Resources of a second endpoint, which serves the routes for uploads and deletion. `endpoint` then serves only the read
   * routes. The pipeline grants the principal of these resources only permission to write and delete sources. `metrics` of the
   * API binding also contains the metrics of these resources.
   *
   * @default - one endpoint serves all routes
   */
  readonly writeApi?: IThumbnailWriteApiBinding;
  /**
   * Lambda function of the API; undefined for other compute types.
   *
   * @default - the compute creates no Lambda function
   */
  readonly lambdaFunction?: lambda.Function;
  /**
   * Fargate or ECS service that runs the API; undefined for other compute types.
   *
   * @default - the compute creates no Fargate or ECS service
   */
  readonly apiService?: IThumbnailApiService;
}

/** Compute that runs the workers and the HTTP API of a pipeline. To implement a compute, extend `ThumbnailCompute`. */
export interface IThumbnailCompute {
  /**
   * Memory of a worker for one image in MiB. `ThumbnailCompute.hybrid` compares the values of its small and its large compute.
   *
   * @default - unknown
   */
  readonly imageMemoryMiB?: number;

  /**
   * Validates the options of the compute. The pipeline throws a single error with the returned messages and the validation
   * errors of the pipeline.
   *
   * @param context values of the pipeline with which the options must be compatible
   * @returns messages of the form `prop: finding; fix`; an empty list for valid options
   */
  validate(context: ThumbnailComputeContext): string[];

  /**
   * Returns the visibility timeout for the pipeline's queue.
   *
   * @param maxDuration maximum processing time of one image
   */
  visibilityTimeout(maxDuration: Duration): Duration;

  /**
   * Creates the resources that consume the queue and create thumbnails.
   *
   * @param scope the pipeline
   * @param options environment, log group and queue
   */
  bindWorker(scope: Construct, options: ThumbnailWorkerBindOptions): IThumbnailWorkerBinding;

  /**
   * Creates the resources that serve the HTTP API. The pipeline does not call this method if `apiEnabled` is false.
   *
   * @param scope the pipeline
   * @param options environment, log group and access
   */
  bindApi(scope: Construct, options: ThumbnailApiBindOptions): IThumbnailApiBinding;
}
