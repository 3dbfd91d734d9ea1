import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct, IConstruct } from 'constructs';
import { ANALYSIS_VARIABLES, EVENT_VARIABLES, MONITORING_VARIABLES } from '../../runtime/contract';
import type { ThumbnailApi } from '../api/thumbnail-api';
import type { ThumbnailApiGrantOptions } from '../api/thumbnail-api-options';
import { allowBrowserUploads } from '../api/upload-cors';
import { warnAboutAnyUser, warnAboutMissingCors } from '../api/write-access-warnings';
import type { BackfillSource } from '../backfill/backfill-source';
import { type DistributionSource, formatsByName } from '../cdn/distribution-source';
import type { ThumbnailComputeMetrics } from '../compute/compute-metrics';
import type {
  IThumbnailWorkerBinding,
  ThumbnailComputeBindOptions,
  ThumbnailLargeWorker,
} from '../compute/compute-protocol';
import { connectToQueue } from '../compute/connect-to-queue';
import type { IThumbnailApiService, IThumbnailWorkerService } from '../compute/fargate/thumbnail-services';
import type { PipelineEvents } from '../events/event-rule';
import { EventPublishing } from '../events/pipeline-event-publishing';
import type { MonitoringSource } from '../monitoring/monitoring-source';
import { type BucketPart, grantReconcile } from '../private/permissions';
import { injectedProps } from '../private/property-injection';
import { imageMemoryOf, type ImageProps, maxDurationOfAll, thumbnailSetsOf } from '../thumbnail/image-settings';
import { CLEAN_OBJECT } from '../trigger/malware-scan';
import { clientConfigOf } from './client-config';
import { ImportedPipeline } from './imported-pipeline';
import { PipelineAdditions } from './pipeline-additions';
import { PipelineApi } from './pipeline-api';
import { pipelineEnvironment, renderSettings, serviceNameOf } from './pipeline-environment';
import {
  createBucket,
  createLogGroup,
  createOutputs,
  findOrCreateQueue,
  warnAboutThumbnailKey,
} from './pipeline-resources';
import { imageVariables } from './settings-file';
import type { ThumbnailPipelineAttributes } from './thumbnail-pipeline-attributes';
import type { IThumbnailPipeline } from './thumbnail-pipeline-interface';
import type { ThumbnailPipelineProps } from './thumbnail-pipeline-props';
import { registerUsage, warnAboutSharedNotifications } from './validation/overlaps';
import { validatePipeline } from './validation/pipeline-validation';
import { deadLetterQueueOf } from './validation/queues';

/**
 * Creates and updates thumbnails of the images in a bucket, and serves the thumbnails through an HTTP API.
 *
 * You can pass existing resources in the props. The pipeline creates all other resources, and exposes every resource as a
 * property.
 *
 * @example
 * const photos = new ThumbnailPipeline(this, 'Photos', {
 *   thumbnails: [Thumbnail.inside('small', 200), Thumbnail.cover('square', 320, 320)],
 * });
 * photos.grantUpload(webServer);
 */
export class ThumbnailPipeline extends PipelineAdditions implements ec2.IConnectable {
  /** Id of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-thumbnails.ThumbnailPipeline';

  /**
   * Imports a pipeline of another app or stack, for its grants and metrics.
   *
   * @param scope parent construct
   * @param id construct id
   * @param attributes attributes of the pipeline; properties and methods that require a missing attribute throw an error
   */
  public static fromThumbnailPipelineAttributes(
    scope: Construct,
    id: string,
    attributes: ThumbnailPipelineAttributes,
  ): IThumbnailPipeline {
    return new ImportedPipeline(scope, id, attributes);
  }

  /** Source bucket. */
  public readonly sourceBucket: IBucket;
  /** Thumbnail bucket. */
  public readonly thumbnailBucket: IBucket;
  /** Queue with the events of changed sources. */
  public readonly queue: IQueue;
  /** Queue with the messages that exceed `maxReceiveCount`; undefined if `queue` is an imported queue. */
  public readonly deadLetterQueue?: IQueue;
  /** EventBridge rule of the trigger; undefined for S3 event notifications. */
  public readonly rule?: events.Rule;
  /** Log group of the runtime. */
  public readonly logGroup: logs.ILogGroup;
  /** API Gateway HTTP API; undefined if `apiEnabled` is false or the compute has an endpoint. */
  public readonly api?: ThumbnailApi;
  /** URL of the HTTP API with a trailing slash; undefined if `apiEnabled` is false. */
  public readonly apiUrl?: string;
  /**
   * URL of the routes for uploads and deletion, with a trailing slash. Equals `apiUrl` unless the compute serves these routes at
   * a second endpoint. Undefined without `api.writeAccess`, or if `apiEnabled` is false.
   */
  public readonly apiWriteUrl?: string;
  /** Lambda function of the worker; undefined for other compute types. */
  public readonly uploadFunction?: lambda.Function;
  /** Event source mapping of `uploadFunction`; undefined for other compute types. */
  public readonly eventSourceMapping?: lambda.EventSourceMapping;
  /** Lambda function of the API; undefined if `apiEnabled` is false, and for other compute types. */
  public readonly apiFunction?: lambda.Function;
  /** Fargate or ECS service of the worker; undefined for other compute types. */
  public readonly workerService?: IThumbnailWorkerService;
  /** Large worker with its queue; undefined without `ThumbnailCompute.hybrid()`. */
  public readonly largeWorker?: ThumbnailLargeWorker;
  /** Fargate or ECS service of the API; undefined if `apiEnabled` is false, and for other compute types. */
  public readonly apiService?: IThumbnailApiService;
  /** Secret with the keys of signed links; undefined without signed access. */
  public readonly signingKeys?: ISecret;
  /** Service name in metrics and logs: the stack name and the construct path in the stack. */
  public readonly serviceName: string;

  /** @internal */
  protected readonly _source: BucketPart;
  /** @internal */
  protected readonly _thumbnails: BucketPart;
  /** @internal */
  protected readonly _hasOutputs: boolean;
  private readonly imageProps: ImageProps;
  private readonly worker: IThumbnailWorkerBinding;
  private readonly workerConstructs: readonly IConstruct[];
  private readonly backfillSettings: Pick<BackfillSource, 'suffixes' | 'settings' | 'isQueueCreated'>;
  private readonly pipelineApi?: PipelineApi;
  private readonly publishing: EventPublishing;
  private hasBackfill = false;

  /**
   * Creates the pipeline.
   *
   * @param scope parent construct
   * @param id construct id
   * @param props thumbnails, compute, buckets and other settings
   * @throws Error if props are invalid; the message lists all errors
   */
  public constructor(scope: Construct, id: string, props: ThumbnailPipelineProps = {}) {
    super(scope, id);
    props = injectedProps(scope, id, ThumbnailPipeline.PROPERTY_INJECTION_ID, props);

    const { compute, apiCompute, trigger, usage } = validatePipeline(this, props);
    const { analysis } = props;
    const renderDuration = maxDurationOfAll(props);
    const maxDuration = analysis?._addTimeout(renderDuration) ?? renderDuration;
    warnAboutThumbnailKey(this, props);
    this.sourceBucket = props.sourceBucket ?? createBucket(this, 'SourceBucket', props, props.sourceBucketOptions);
    this.thumbnailBucket =
      props.thumbnailBucket ?? createBucket(this, 'ThumbnailBucket', props, props.thumbnailBucketOptions);
    this._source = {
      bucket: this.sourceBucket,
      prefix: usage.sourcePrefix,
      ...(trigger._requiresScan && { readConditions: { StringEquals: CLEAN_OBJECT } }),
    };
    this._thumbnails = { bucket: this.thumbnailBucket, prefix: usage.thumbnailPrefix };
    this.queue = findOrCreateQueue(this, props, compute.visibilityTimeout(maxDuration));
    this.deadLetterQueue = deadLetterQueueOf(this.queue);
    this.logGroup = props.logGroup ?? createLogGroup(this, 'LogGroup', props.removalPolicy);
    this.serviceName = serviceNameOf(this);
    this.imageProps = props;
    const { sourceBucket, thumbnailBucket, queue } = this;
    warnAboutSharedNotifications(this, usage);
    registerUsage(this, { ...usage, sourceBucket, thumbnailBucket, queue });

    const settings = imageVariables(this, props);
    const bindOptions: ThumbnailComputeBindOptions = {
      environment: pipelineEnvironment(this, props, {
        source: this._source,
        destination: this._thumbnails,
        settings: settings.variables,
        requiresScan: trigger._requiresScan,
        serviceName: this.serviceName,
      }),
      logGroup: this.logGroup,
      maxDuration,
      imageMemoryMiB: imageMemoryOf(props),
      tracing: props.tracing,
    };
    const others = new Set(this.node.children);
    this.worker = compute.bindWorker(this, { ...bindOptions, queue });
    this.workerConstructs = this.node.children.filter((child) => !others.has(child));
    this.backfillSettings = {
      suffixes: usage.sourceSuffixes,
      settings: renderSettings(bindOptions.environment),
      isQueueCreated: !props.queue,
    };
    this.uploadFunction = this.worker.lambdaFunction;
    this.eventSourceMapping = this.worker.eventSourceMapping;
    this.workerService = this.worker.workerService;
    this.largeWorker = this.worker.largeWorker;
    const grantAnalyze = (grantee: iam.IGrantable): void => analysis?._grant(grantee);
    for (const { grantee } of this.workers) {
      grantReconcile(grantee, this._source, this._thumbnails);
      settings.grantRead(grantee);
      grantAnalyze(grantee);
    }
    if (analysis) {
      // If the analysis of an image fails, a worker sends the key with a delay to the queue that this worker consumes.
      // Therefore, the worker requires permission to send messages to this queue.
      connectToQueue(this.worker, queue, { [ANALYSIS_VARIABLES.queueUrl]: queue.queueUrl });
      if (this.largeWorker) {
        const { worker, queue: ownQueue } = this.largeWorker;
        connectToQueue(worker, ownQueue, { [ANALYSIS_VARIABLES.queueUrl]: ownQueue.queueUrl });
      }
    }
    this.rule = trigger.bind(this, {
      bucket: sourceBucket,
      prefix: usage.sourcePrefix,
      suffixes: [...usage.sourceSuffixes],
      queue,
      deadLetterQueue: this.deadLetterQueue,
      workers: [...this.workers],
    }).rule;

    if (props.apiEnabled ?? true) {
      const options = props.api ?? {};
      this.pipelineApi = new PipelineApi(this, {
        options,
        compute: apiCompute,
        bindOptions,
        source: this._source,
        thumbnails: this._thumbnails,
        grantReadSettings: settings.grantRead,
        grantAnalyze,
        removalPolicy: props.removalPolicy,
      });
      // Before each render, the API sends the key to the queue, because a process of the API can end before it has checked the
      // source again. A worker later checks the thumbnail set and publishes the event.
      connectToQueue(this.pipelineApi.binding, queue, { [EVENT_VARIABLES.queueUrl]: queue.queueUrl });
      if (this.largeWorker) {
        const { queue: largeQueue, forwardingEnvironment } = this.largeWorker;
        connectToQueue(this.pipelineApi.binding, largeQueue, forwardingEnvironment);
      }
      this.api = this.pipelineApi.httpApi;
      this.apiUrl = this.pipelineApi.url;
      this.apiWriteUrl = options.writeAccess && this.pipelineApi.writeUrl;
      this.apiFunction = this.pipelineApi.binding.lambdaFunction;
      this.apiService = this.pipelineApi.binding.apiService;
      this.signingKeys = this.pipelineApi.signingKeys;
      warnAboutAnyUser(this, options);
      warnAboutMissingCors(this, options);
      if (options.writeAccess) {
        allowBrowserUploads(this, sourceBucket, !props.sourceBucket, options);
      }
    }
    const { serviceName, workers } = this;
    const { eventBus, eventsEnabled } = props;
    this.publishing = new EventPublishing(this, { serviceName, workers, eventBus, eventsEnabled });
    if (eventsEnabled ?? eventBus !== undefined) {
      this._events();
    }
    this._hasOutputs = props.createOutputs ?? true;
    if (this._hasOutputs) {
      const { apiUrl, pipelineApi } = this;
      const apiWriteUrl = pipelineApi?.binding.writeApi && pipelineApi.writeUrl;
      createOutputs(this, { sourceBucket, thumbnailBucket, apiUrl, apiWriteUrl });
    }
  }

  /**
   * Secret with the key that distributions send to the API. Undefined without a distribution. Also undefined with public read
   * access, unless `api.onlyThroughDistribution` is true.
   */
  public get distributionSecret(): ISecret | undefined {
    return this.pipelineApi?.distributionSecret;
  }

  /** Metrics of the worker; empty for a compute without metrics. */
  public get workerMetrics(): ThumbnailComputeMetrics {
    return this.worker.metrics ?? {};
  }

  /** Metrics of the API; undefined if `apiEnabled` is false. */
  public get apiMetrics(): ThumbnailComputeMetrics | undefined {
    return this.pipelineApi?.metrics;
  }

  /**
   * Configuration of `cdk-thumbnails/client` as JSON text: URLs, and the names, sizes and formats of the thumbnails.
   *
   * The text contains the URL of the first distribution from `addDistribution()`, or the URL of the API if there is no
   * distribution. Clients send uploads to the URL of the API, or to the distribution if `api.onlyThroughDistribution` is set.
   * Pass the text to a `CfnOutput`, or deploy the text as a file. The text contains no secrets.
   *
   * @throws Error if the pipeline has no API
   */
  public get clientConfig(): string {
    const { url, writeUrl, forwardedRoutes } = this.requireApi('clientConfig');
    return clientConfigOf(this, {
      apiUrl: url,
      apiWriteUrl: writeUrl,
      distributionUrl: this._distributionUrl,
      forwardsUploads: forwardedRoutes.writing,
      images: this.imageProps,
    });
  }

  /**
   * Network connections of the Lambda functions or Fargate tasks in a VPC. The load balancer of {@link apiService} has
   * separate connections.
   *
   * @throws Error if neither functions nor tasks run in a VPC
   */
  public get connections(): ec2.Connections {
    const bindings = [...this.workers, this.pipelineApi?.binding];
    const securityGroups = bindings.flatMap((binding) => binding?.connections?.securityGroups ?? []);
    if (securityGroups.length === 0) {
      throw new Error(
        `${this.node.path}: connections: the compute runs outside a VPC; pass vpc to ThumbnailCompute.lambda() or use ` +
          'ThumbnailCompute.fargate()',
      );
    }
    return new ec2.Connections({ securityGroups });
  }

  /** Grants permission to read thumbnails and manifests through the API. */
  public grantApiRead(grantee: iam.IGrantable, options?: ThumbnailApiGrantOptions): iam.Grant {
    return this.requireApi('grantApiRead').grantRead(grantee, thumbnailSetsOf(this.imageProps).flat(), options);
  }

  /** Grants permission to create uploads and delete images through the API. */
  public grantApiWrite(grantee: iam.IGrantable, options?: ThumbnailApiGrantOptions): iam.Grant {
    return this.requireApi('grantApiWrite').grantWrite(grantee, options);
  }

  /**
   * Returns the parts of the pipeline that distributions use; undefined if `apiEnabled` is false.
   *
   * @internal
   */
  public _distributionSource(): DistributionSource | undefined {
    const { pipelineApi } = this;
    return (
      pipelineApi && {
        formats: formatsByName(this, this.imageProps),
        thumbnails: this._thumbnails,
        isPublic: pipelineApi.isPublic,
        forwarded: pipelineApi.forwardedRoutes,
        signLinks: (scope, signing) => pipelineApi.signLinks(scope, signing),
        connectApi: () => pipelineApi.connectDistribution(),
        register: (distribution) => this._distributions.push(distribution),
        logGroup: this.logGroup,
        enableEvents: () => this._events(),
      }
    );
  }

  /** @internal */
  protected _events(): PipelineEvents {
    return this.publishing.enable();
  }

  /** @internal */
  public _backfillSource(): BackfillSource {
    this.hasBackfill = true;
    return {
      ...this.backfillSettings,
      ...this._source,
      serviceName: this.serviceName,
      queue: this.queue,
      logGroup: this.logGroup,
      workers: this.workerConstructs,
    };
  }

  /** @internal */
  public _monitoringSource(): MonitoringSource {
    return {
      serviceName: this.serviceName,
      queue: this.queue,
      hasBackfill: this.hasBackfill,
      deadLetterQueue: this.deadLetterQueue,
      worker: this.workerMetrics,
      large: this.largeWorker && {
        queue: this.largeWorker.queue,
        deadLetterQueue: this.largeWorker.deadLetterQueue,
        worker: this.largeWorker.worker.metrics ?? {},
      },
      api: this.apiMetrics,
      logGroup: this.logGroup,
      accessLogGroup: this.api?.accessLogGroup,
      distributions: this._distributions,
      enableDetailedMetrics: () => this.enableDetailedMetrics(),
    };
  }

  private get workers(): readonly IThumbnailWorkerBinding[] {
    const { largeWorker } = this.worker;
    return largeWorker ? [this.worker, largeWorker.worker] : [this.worker];
  }

  private enableDetailedMetrics(): void {
    for (const binding of [...this.workers, this.pipelineApi?.binding]) {
      binding?.addEnvironment(MONITORING_VARIABLES.detailedMetrics, 'true');
    }
  }

  private requireApi(method: string): PipelineApi {
    if (!this.pipelineApi) {
      throw new Error(`${this.node.path}: ${method}: the pipeline has no API; set apiEnabled to true`);
    }
    return this.pipelineApi;
  }
}
