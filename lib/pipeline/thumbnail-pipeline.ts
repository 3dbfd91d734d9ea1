import { CfnOutput, type Duration } from 'aws-cdk-lib';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { DEFAULT_THUMBNAILS, MONITORING_VARIABLES, type ThumbnailSettings } from '../../runtime/contract';
import type { ThumbnailApi } from '../api/thumbnail-api';
import { allowBrowserUploads } from '../api/upload-cors';
import type { DistributionSource } from '../cdn/distribution-source';
import type { ThumbnailBehaviorOptions } from '../cdn/thumbnail-behavior-options';
import { ThumbnailBehaviors } from '../cdn/thumbnail-behaviors';
import { ThumbnailDistribution, type ThumbnailDistributionOptions } from '../cdn/thumbnail-distribution';
import type { ThumbnailComputeMetrics } from '../compute/compute-metrics';
import type { IThumbnailWorkerBinding, ThumbnailComputeBindOptions } from '../compute/compute-protocol';
import type { IThumbnailApiService, IThumbnailWorkerService } from '../compute/fargate/thumbnail-services';
import { ThumbnailCompute } from '../compute/thumbnail-compute';
import type { PipelineEvents } from '../events/event-rule';
import { enableEventPublishing } from '../events/pipeline-event-publishing';
import type { MonitoredDistribution, MonitoringSource } from '../monitoring/monitoring-source';
import type { ThumbnailAlarmsOptions } from '../monitoring/thumbnail-alarm-options';
import { ThumbnailAlarms } from '../monitoring/thumbnail-alarms';
import { ThumbnailDashboard, type ThumbnailDashboardOptions } from '../monitoring/thumbnail-dashboard';
import { ThumbnailQueries } from '../monitoring/thumbnail-queries';
import { type BucketPart, grantReconcile } from '../private/permissions';
import { injectedProps } from '../private/property-injection';
import { isInOtherStack } from '../private/stacks';
import { maxDurationOf } from '../thumbnail/limit-validation';
import { ThumbnailTrigger } from '../trigger/thumbnail-trigger';
import { clientConfigOf } from './client-config';
import { ImportedPipeline } from './imported-pipeline';
import { type PipelineUsage, registerUsage } from './overlaps';
import { PipelineApi } from './pipeline-api';
import { PipelineBase } from './pipeline-base';
import { pipelineEnvironment, serviceNameOf } from './pipeline-environment';
import { createBucket, createLogGroup, createQueue } from './pipeline-resources';
import { validatePipeline } from './pipeline-validation';
import { deadLetterQueueOf, warnAboutQueue } from './queues';
import type { ThumbnailPipelineAttributes } from './thumbnail-pipeline-attributes';
import type { IThumbnailPipeline } from './thumbnail-pipeline-interface';
import type { ThumbnailPipelineProps } from './thumbnail-pipeline-props';

/**
 * Creates thumbnails of the images in a bucket, keeps them up to date and serves them through an HTTP API.
 *
 * The pipeline creates every resource that the props do not pass in, and exposes all resources as properties.
 *
 * @example
 * const photos = new ThumbnailPipeline(this, 'Photos', {
 *   thumbnails: [Thumbnail.inside('small', 200), Thumbnail.cover('square', 320, 320)],
 * });
 * photos.grantUpload(webServer);
 */
export class ThumbnailPipeline extends PipelineBase implements ec2.IConnectable {
  /** Id of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-thumbnails.ThumbnailPipeline';

  /**
   * Imports a pipeline of another app or stack, for its grants and metrics.
   *
   * @param scope parent construct
   * @param id construct id
   * @param attributes attributes of the pipeline; members that need an absent attribute throw an error
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
  /** Queue with the messages that exceeded `maxReceiveCount`; undefined if `queue` is an imported queue. */
  public readonly deadLetterQueue?: IQueue;
  /** EventBridge rule of the trigger; undefined for S3 event notifications. */
  public readonly rule?: events.Rule;
  /** Log group of the runtime. */
  public readonly logGroup: logs.ILogGroup;
  /** API Gateway HTTP API; undefined if `apiEnabled` is false or the compute has an endpoint of its own. */
  public readonly api?: ThumbnailApi;
  /** URL of the HTTP API with a trailing slash; undefined if `apiEnabled` is false. */
  public readonly apiUrl?: string;
  /** Lambda function of the worker; undefined for other kinds of compute. */
  public readonly uploadFunction?: lambda.Function;
  /** Event source mapping of `uploadFunction`; undefined for other kinds of compute. */
  public readonly eventSourceMapping?: lambda.EventSourceMapping;
  /** Lambda function of the API; undefined if `apiEnabled` is false, and for other kinds of compute. */
  public readonly apiFunction?: lambda.Function;
  /** Fargate service of the worker; undefined for other kinds of compute. */
  public readonly workerService?: IThumbnailWorkerService;
  /** Fargate service of the API; undefined if `apiEnabled` is false, and for other kinds of compute. */
  public readonly apiService?: IThumbnailApiService;
  /** Secret with the keys of signed links; undefined without signed access. */
  public readonly signingKeys?: ISecret;
  /** Service name in metrics and logs: the name of the stack and the path in the stack. */
  public readonly serviceName: string;

  /** @internal */
  protected readonly _source: BucketPart;
  /** @internal */
  protected readonly _thumbnails: BucketPart;
  private readonly thumbnails: readonly ThumbnailSettings[];
  private readonly worker: IThumbnailWorkerBinding;
  private readonly pipelineApi?: PipelineApi;
  private readonly hasOutputs: boolean;
  private readonly distributions: MonitoredDistribution[] = [];
  private readonly eventBus?: events.IEventBus;
  private readonly eventsEnabled?: boolean;
  private publishesEvents = false;

  /**
   * Creates the pipeline.
   *
   * @param scope parent construct
   * @param id construct id
   * @param props thumbnails, compute, buckets and other settings
   * @throws Error if props are invalid; the message lists all of them
   */
  public constructor(scope: Construct, id: string, props: ThumbnailPipelineProps = {}) {
    super(scope, id);
    props = injectedProps(scope, id, ThumbnailPipeline.PROPERTY_INJECTION_ID, props);

    const compute = props.compute ?? ThumbnailCompute.lambda();
    const apiCompute = props.api?.compute ?? compute;
    const trigger = props.trigger ?? this.defaultTrigger(props.sourceBucket);
    const usage = usageOf(props, trigger);
    validatePipeline(this, props, { compute, apiCompute, trigger, usage });

    const maxDuration = maxDurationOf(props.limits ?? {});
    this.sourceBucket = props.sourceBucket ?? createBucket(this, 'SourceBucket', props, props.sourceBucketOptions);
    this.thumbnailBucket =
      props.thumbnailBucket ?? createBucket(this, 'ThumbnailBucket', props, props.thumbnailBucketOptions);
    this._source = { bucket: this.sourceBucket, prefix: usage.sourcePrefix };
    this._thumbnails = { bucket: this.thumbnailBucket, prefix: usage.thumbnailPrefix };
    this.queue = this.findOrCreateQueue(props, compute.visibilityTimeout(maxDuration));
    this.deadLetterQueue = deadLetterQueueOf(this.queue);
    this.logGroup = props.logGroup ?? createLogGroup(this, 'LogGroup', props.removalPolicy);
    this.serviceName = serviceNameOf(this);
    this.thumbnails = props.thumbnails?.map((thumbnail) => thumbnail._settings()) ?? DEFAULT_THUMBNAILS;
    const { sourceBucket, thumbnailBucket, queue } = this;
    registerUsage(this, { ...usage, sourceBucket, thumbnailBucket, queue });

    const bindOptions: ThumbnailComputeBindOptions = {
      environment: pipelineEnvironment(this, props, {
        source: this._source,
        destination: this._thumbnails,
        thumbnails: this.thumbnails,
        serviceName: this.serviceName,
      }),
      logGroup: this.logGroup,
      maxDuration,
      tracing: props.tracing,
    };
    this.worker = compute.bindWorker(this, { ...bindOptions, queue });
    this.uploadFunction = this.worker.lambdaFunction;
    this.eventSourceMapping = this.worker.eventSourceMapping;
    this.workerService = this.worker.workerService;
    grantReconcile(this.worker.grantee, this._source, this._thumbnails);
    this.rule = trigger.bind(this, {
      bucket: sourceBucket,
      prefix: usage.sourcePrefix,
      suffixes: [...usage.sourceSuffixes],
      queue,
    }).rule;

    if (props.apiEnabled ?? true) {
      const options = props.api ?? {};
      this.pipelineApi = new PipelineApi(this, {
        options,
        compute: apiCompute,
        bindOptions,
        source: this._source,
        thumbnails: this._thumbnails,
        removalPolicy: props.removalPolicy,
      });
      this.api = this.pipelineApi.httpApi;
      this.apiUrl = this.pipelineApi.url;
      this.apiFunction = this.pipelineApi.binding.lambdaFunction;
      this.apiService = this.pipelineApi.binding.apiService;
      this.signingKeys = this.pipelineApi.signingKeys;
      if (options.writeAccess) {
        allowBrowserUploads(this, sourceBucket, !props.sourceBucket, options);
      }
    }
    this.eventBus = props.eventBus;
    this.eventsEnabled = props.eventsEnabled;
    if (props.eventsEnabled ?? props.eventBus !== undefined) {
      this._events();
    }
    this.hasOutputs = props.createOutputs ?? true;
    this.createOutputs();
  }

  /** Secret with the key that distributions send to the API; undefined without a distribution or with public access. */
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
   * The URL is that of the first distribution from `addDistribution()`, or of the API without a distribution. Pass the text to
   * a `CfnOutput` or deploy it as a file. It contains no secrets.
   *
   * @throws Error if the pipeline has no API
   */
  public get clientConfig(): string {
    this.requireApi('clientConfig');
    const distributions = this.node.children.filter((child) => child instanceof ThumbnailDistribution);
    return clientConfigOf(this, {
      apiUrl: this.apiUrl!,
      distributionUrl: distributions[0]?.url,
      thumbnails: this.thumbnails,
    });
  }

  /**
   * Connections of the Lambda functions or Fargate tasks in a VPC. The load balancer of {@link apiService} has its own.
   *
   * @throws Error if neither functions nor tasks run in a VPC
   */
  public get connections(): ec2.Connections {
    const bindings = [this.worker, this.pipelineApi?.binding];
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
  public grantApiRead(grantee: iam.IGrantable): iam.Grant {
    return this.requireApi('grantApiRead').requireHttpApi('grantApiRead').grantRead(grantee);
  }

  /** Grants permission to create uploads and delete images through the API. */
  public grantApiWrite(grantee: iam.IGrantable): iam.Grant {
    return this.requireApi('grantApiWrite').requireHttpApi('grantApiWrite').grantWrite(grantee);
  }

  /**
   * Adds CloudWatch alarms for backlog, failures, rejections, errors of the compute and the API, and a composite alarm.
   *
   * For several sets of alarms, create `ThumbnailAlarms`.
   *
   * @param options actions of the alarms, thresholds and alarms to omit
   * @throws Error if options are invalid or the pipeline already has alarms
   */
  public addAlarms(options: ThumbnailAlarmsOptions = {}): ThumbnailAlarms {
    if (this.node.tryFindChild('Alarms')) {
      throw new Error(
        `${this.node.path}: addAlarms: the pipeline has alarms; create further ones with new ThumbnailAlarms()`,
      );
    }
    return new ThumbnailAlarms(this, 'Alarms', { ...options, pipeline: this });
  }

  /**
   * Adds a CloudWatch dashboard with one row for each part of the pipeline.
   *
   * The dashboard contains the alarms of an earlier call of `addAlarms()`. The runtime emits the detailed metrics.
   *
   * @param id construct id in this pipeline, `Dashboard` by default
   * @param options name, interval and metrics of the dashboard
   * @throws Error if the id is in use
   */
  public addDashboard(id?: string, options: ThumbnailDashboardOptions = {}): ThumbnailDashboard {
    const alarms = this.node.tryFindChild('Alarms');
    return new ThumbnailDashboard(this, this.freeId('addDashboard', id ?? 'Dashboard'), {
      ...(alarms instanceof ThumbnailAlarms && { alarms }),
      ...options,
      pipeline: this,
    });
  }

  /**
   * Adds saved queries of CloudWatch Logs Insights for the logs of the runtime and the API.
   *
   * @param id construct id in this pipeline, `Queries` by default
   * @throws Error if the id is in use
   */
  public addSavedQueries(id?: string): ThumbnailQueries {
    return new ThumbnailQueries(this, this.freeId('addSavedQueries', id ?? 'Queries'), { pipeline: this });
  }

  /**
   * Adds a CloudFront distribution, which reads stored thumbnails from the bucket and requests missing ones from the API.
   *
   * @param id construct id in this pipeline, `Distribution` by default; further distributions need ids of their own
   * @param options domain names, access and other settings of the distribution
   * @throws Error if the pipeline has no API, options are invalid or the id is in use
   */
  public addDistribution(id?: string, options: ThumbnailDistributionOptions = {}): ThumbnailDistribution {
    const distributionId = this.freeId('addDistribution', id ?? 'Distribution');
    const distribution = new ThumbnailDistribution(this, distributionId, { ...options, pipeline: this });
    if (this.hasOutputs) {
      new CfnOutput(this, `${distributionId}Url`, {
        value: distribution.url,
        description: 'URL of the CloudFront distribution',
      });
    }
    return distribution;
  }

  /**
   * Adds cache behaviors for the thumbnails to an existing distribution.
   *
   * The path patterns are `/thumbnails/…` and, for public read access, `/images/…`, both below `basePath`.
   *
   * @param distribution distribution of this app without behaviors for these paths
   * @param id construct id in this pipeline, generated by default; behaviors of further distributions need ids of their own
   * @param options access, response headers and other settings of the behaviors
   * @throws Error if the pipeline has no API, options are invalid, the id is in use, or the distribution has a behavior
   * for one of the paths
   */
  public addBehaviorsTo(
    distribution: Distribution,
    id?: string,
    options: ThumbnailBehaviorOptions = {},
  ): ThumbnailBehaviors {
    const behaviorsId = this.freeId('addBehaviorsTo', id ?? this.defaultBehaviorsId(distribution));
    const behaviors = new ThumbnailBehaviors(this, behaviorsId, { ...options, pipeline: this });
    for (const [pattern, { origin, ...behavior }] of Object.entries(behaviors.behaviors)) {
      distribution.addBehavior(pattern, origin, behavior);
    }
    return behaviors;
  }

  /**
   * Returns the origins for distributions; undefined if `apiEnabled` is false.
   *
   * @internal
   */
  public _distributionSource(): DistributionSource | undefined {
    const { pipelineApi } = this;
    return (
      pipelineApi && {
        formats: Object.fromEntries(
          this.thumbnails.map(({ name, formats }) => [name, formats.map(({ type }) => type)]),
        ),
        thumbnails: this._thumbnails,
        isPublic: pipelineApi.isPublic,
        connectApi: () => pipelineApi.connectDistribution(),
        register: (distribution) => this.distributions.push(distribution),
      }
    );
  }

  /** @internal */
  protected _events(): PipelineEvents {
    const { serviceName, eventBus, worker, queue } = this;
    if (this.eventsEnabled === false) {
      throw new Error(
        `${this.node.path}: eventsEnabled: false; set it to true for rules on the events of the pipeline`,
      );
    }
    if (!this.publishesEvents) {
      this.publishesEvents = true;
      enableEventPublishing(this, { worker, api: this.pipelineApi?.binding, queue, eventBus });
    }
    return { serviceName, eventBus };
  }

  /** @internal */
  public _monitoringSource(): MonitoringSource {
    return {
      serviceName: this.serviceName,
      queue: this.queue,
      deadLetterQueue: this.deadLetterQueue,
      worker: this.workerMetrics,
      api: this.apiMetrics,
      logGroup: this.logGroup,
      accessLogGroup: this.api?.accessLogGroup,
      distributions: this.distributions,
      enableDetailedMetrics: () => this.enableDetailedMetrics(),
    };
  }

  private enableDetailedMetrics(): void {
    for (const binding of [this.worker, this.pipelineApi?.binding]) {
      binding?.addEnvironment(MONITORING_VARIABLES.detailedMetrics, 'true');
    }
  }

  private defaultTrigger(sourceBucket: IBucket | undefined): ThumbnailTrigger {
    return sourceBucket && isInOtherStack(this, sourceBucket)
      ? ThumbnailTrigger.eventBridge()
      : ThumbnailTrigger.s3Notification();
  }

  private findOrCreateQueue(props: ThumbnailPipelineProps, visibilityTimeout: Duration): IQueue {
    if (!props.queue) {
      return createQueue(this, 'Queue', props, visibilityTimeout);
    }
    warnAboutQueue(this, props.queue, visibilityTimeout);
    return props.queue;
  }

  /** Stacks of earlier versions contain the hash, so that it stays the id of the first behaviors. */
  private defaultBehaviorsId(distribution: Distribution): string {
    if (this.node.children.some((child) => child instanceof ThumbnailBehaviors)) {
      throw new Error(
        `${this.node.path}: addBehaviorsTo: id: undefined for another distribution; pass a construct id such as 'SiteBehaviors'`,
      );
    }
    return `Behaviors${distribution.node.addr.slice(-8)}`;
  }

  private freeId(method: string, id: string): string {
    if (this.node.tryFindChild(id)) {
      throw new Error(`${this.node.path}: ${method}: id: '${id}' is in use; pass another construct id`);
    }
    return id;
  }

  private requireApi(method: string): PipelineApi {
    if (!this.pipelineApi) {
      throw new Error(`${this.node.path}: ${method}: the pipeline has no API; set apiEnabled to true`);
    }
    return this.pipelineApi;
  }

  private createOutputs(): void {
    if (!this.hasOutputs) {
      return;
    }
    new CfnOutput(this, 'SourceBucketName', {
      value: this.sourceBucket.bucketName,
      description: 'Name of the source bucket',
    });
    new CfnOutput(this, 'ThumbnailBucketName', {
      value: this.thumbnailBucket.bucketName,
      description: 'Name of the thumbnail bucket',
    });
    if (this.apiUrl !== undefined) {
      new CfnOutput(this, 'ApiUrl', { value: this.apiUrl, description: 'URL of the HTTP API' });
    }
  }
}

function usageOf(props: ThumbnailPipelineProps, trigger: ThumbnailTrigger): PipelineUsage {
  return {
    sourceBucket: props.sourceBucket,
    sourcePrefix: props.sourcePrefix ?? '',
    sourceSuffixes: props.sourceSuffixes ?? [],
    exclusiveTrigger: trigger._exclusive,
    thumbnailBucket: props.thumbnailBucket,
    thumbnailPrefix: props.thumbnailPrefix ?? '',
    queue: props.queue,
  };
}
