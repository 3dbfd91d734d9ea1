import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  DEFAULT_CACHE_CONTROL,
  DEFAULT_THUMBNAILS,
  DISTRIBUTION_KEY_ID,
  type ThumbnailSettings,
  WEB_VARIABLES,
} from '../lambda/contract';
import { type Claim, claim, claimProblems } from './private/claims';
import { environmentOf, serviceNameOf } from './private/environment';
import { reachSecrets } from './private/isolated-vpcs';
import { limitSettings, maxDurationOf } from './private/limits';
import { METRIC_DIMENSION, METRIC_NAMESPACE } from './private/metrics';
import * as permissions from './private/permissions';
import { pipelineProblems } from './private/pipeline-problems';
import { Problems } from './private/problems';
import { deadLetterQueueOf, warnOfQueue } from './private/queues';
import { isOfAnotherStack } from './private/stacks';
import { defineBucket, defineLogGroup, defineQueue } from './private/storage';
import { allowUploadsOfPages } from './private/upload-origins';
import { bindAccess, type BoundAccess, signingOf, webEnvironmentOf } from './private/web-environment';
import { ThumbnailAccess } from './thumbnail-access';
import { ThumbnailApi } from './thumbnail-api';
import { type ThumbnailBehaviorOptions, ThumbnailBehaviors } from './thumbnail-behaviors';
import type { ThumbnailApiService } from './thumbnail-api-service';
import { ThumbnailCompute, type ThumbnailComputeOptions } from './thumbnail-compute';
import { ThumbnailDistribution, type ThumbnailDistributionOptions } from './thumbnail-distribution';
import type { ThumbnailOrigins } from './thumbnail-origins';
import type { ThumbnailPipelineProps } from './thumbnail-pipeline-props';
import { ThumbnailTrigger } from './thumbnail-trigger';
import type { ThumbnailWorkerService } from './thumbnail-worker-service';

const SYMBOL = Symbol.for('cdk-thumbnails.ThumbnailPipeline');

/**
 * Put an image in a bucket and its thumbnails appear in another; ask the API for one and it is there. Replace the image
 * and they follow, remove it and they are gone.
 *
 * @example
 * const photos = new ThumbnailPipeline(this, 'Photos', {
 *   thumbnails: [Thumbnail.inside('small', 200), Thumbnail.cover('square', 320, 320)],
 * });
 * photos.grantUpload(webServer);
 */
export class ThumbnailPipeline extends Construct implements ec2.IConnectable {
  /**
   * Whether something is a pipeline, of whichever copy of this library.
   *
   * @param x anything
   */
  public static isThumbnailPipeline(x: unknown): x is ThumbnailPipeline {
    return typeof x === 'object' && x !== null && SYMBOL in x;
  }

  /** Where the images are put. */
  public readonly sourceBucket: IBucket;
  /** Where the thumbnails are put. */
  public readonly thumbnailBucket: IBucket;
  /** Carries the keys of images that may have changed. */
  public readonly queue: IQueue;
  /** Takes what failed too often; undefined where the queue is yours and its own is not known. */
  public readonly deadLetterQueue?: IQueue;
  /** Where the program's logs go. */
  public readonly logGroup: logs.ILogGroup;
  /** The API; undefined where there is none. */
  public readonly api?: ThumbnailApi;
  /** The function that makes thumbnails; undefined where the compute is another. */
  public readonly uploadFunction?: lambda.Function;
  /** The function that answers the API; undefined where there is no API, or the compute is another. */
  public readonly apiFunction?: lambda.Function;
  /** The service that makes thumbnails; undefined where the compute is another. */
  public readonly workerService?: ThumbnailWorkerService;
  /** The service that answers the API; undefined where there is no API, or the compute is another. */
  public readonly apiService?: ThumbnailApiService;
  /** Holds the keys of signed links; undefined where nothing is signed. */
  public readonly signingKeys?: ISecret;
  /** What this pipeline is called in logs and metrics: the name of its stack and its path there. */
  public readonly serviceName: string;

  private readonly source: permissions.BucketPart;
  private readonly settings: readonly ThumbnailSettings[];
  private readonly isOpen: boolean;
  private readonly hasOutputs: boolean;
  private apiGrantee?: iam.IGrantable;
  private originSecret?: ISecret;
  private readonly thumbnails: permissions.BucketPart;
  private readonly inVpc: ec2.Connections[] = [];

  public constructor(scope: Construct, id: string, props: ThumbnailPipelineProps = {}) {
    super(scope, id);
    Object.defineProperty(this, SYMBOL, { value: true });

    const compute = props.compute ?? ThumbnailCompute.lambda();
    const apiCompute = props.api?.compute ?? compute;
    const trigger = props.trigger ?? this.defaultTrigger(props.sourceBucket);
    const maxDuration = maxDurationOf(props.limits ?? {});
    const wanted: Claim = {
      path: this.node.path,
      stack: Stack.of(this),
      sourceBucket: props.sourceBucket,
      sourcePrefix: props.sourcePrefix ?? '',
      sourceSuffixes: props.sourceSuffixes ?? [],
      exclusive: trigger._exclusive,
      thumbnailBucket: props.thumbnailBucket,
      thumbnailPrefix: props.thumbnailPrefix ?? '',
      queue: props.queue,
    };
    const problems = new Problems();
    problems.add(pipelineProblems(props));
    problems.add(compute.validate({ maxDuration, queue: props.queue }), 'compute');
    if (apiCompute !== compute) problems.add(apiCompute.validate({ maxDuration }), 'api.compute');
    if (props.sourceBucket) problems.add(trigger.validate(this, props.sourceBucket));
    problems.add(claimProblems(this, wanted));
    problems.throwIfAny(this);

    this.sourceBucket = props.sourceBucket ?? defineBucket(this, 'SourceBucket', props);
    this.thumbnailBucket = props.thumbnailBucket ?? defineBucket(this, 'ThumbnailBucket', props);
    this.source = { bucket: this.sourceBucket, prefix: wanted.sourcePrefix };
    this.thumbnails = { bucket: this.thumbnailBucket, prefix: wanted.thumbnailPrefix };
    const visibilityTimeout = compute.visibilityTimeout(maxDuration);
    this.queue = props.queue ?? defineQueue(this, 'Queue', { ...props, visibilityTimeout });
    this.deadLetterQueue = deadLetterQueueOf(this.queue);
    if (props.queue) warnOfQueue(this, props.queue, visibilityTimeout);
    claim(this, {
      ...wanted,
      sourceBucket: this.sourceBucket,
      thumbnailBucket: this.thumbnailBucket,
      queue: this.queue,
    });
    this.logGroup = props.logGroup ?? defineLogGroup(this, 'LogGroup', props.removalPolicy);
    this.serviceName = serviceNameOf(this);

    this.settings = props.thumbnails?.map((thumbnail) => thumbnail._settings()) ?? DEFAULT_THUMBNAILS;
    this.isOpen = props.api?.access?._isPublic ?? false;
    const options: ThumbnailComputeOptions = {
      environment: environmentOf(this, {
        sourceBucketName: this.sourceBucket.bucketName,
        sourcePrefix: this.source.prefix,
        sourceSuffixes: wanted.sourceSuffixes,
        thumbnailBucketName: this.thumbnailBucket.bucketName,
        thumbnailPrefix: this.thumbnails.prefix,
        thumbnails: this.settings,
        limits: limitSettings(props.limits ?? {}),
        allowSvg: props.allowSvg ?? false,
        cacheControl: props.cacheControl ?? DEFAULT_CACHE_CONTROL,
        serviceName: this.serviceName,
      }),
      logGroup: this.logGroup,
      maxDuration,
    };
    const worker = compute.bindWorker(this, { ...options, queue: this.queue });
    this.grantStores(worker.grantee);
    this.uploadFunction = worker.lambdaFunction;
    this.workerService = worker.workerService;
    if (worker.connections) this.inVpc.push(worker.connections);
    trigger.bind(this, {
      bucket: this.sourceBucket,
      prefix: wanted.sourcePrefix,
      suffixes: [...wanted.sourceSuffixes],
      queue: this.queue,
    });

    if (props.apiEnabled ?? true) {
      const api = props.api ?? {};
      const access = bindAccess(this, api);
      const { grantee, integration, lambdaFunction, apiService, connections } = apiCompute.bindApi(this, {
        ...options,
        environment: { ...options.environment, ...webEnvironmentOf(this, access, api) },
      });
      this.grantStores(grantee);
      this.apiGrantee = grantee;
      this.apiFunction = lambdaFunction;
      this.apiService = apiService;
      this.grantApi(grantee, access);
      if (connections) this.inVpc.push(connections);
      this.api = new ThumbnailApi(this, 'Api', {
        ...api,
        access: ThumbnailAccess._bound(access.read),
        writeAccess: access.write && ThumbnailAccess._bound(access.write),
        integration,
        removalPolicy: props.removalPolicy,
      });
      this.signingKeys = signingOf(access)?.keys;
      if (access.write) allowUploadsOfPages(this, this.sourceBucket, props);
    }
    this.hasOutputs = props.outputs ?? true;
    if (this.hasOutputs) this.defineOutputs();
  }

  /**
   * Connections of all tasks, of both services: to let them reach something else in their VPC. The load balancer has its
   * own, see {@link apiService}. Functions are in no VPC, where nothing could be let through: reading this throws then.
   */
  public get connections(): ec2.Connections {
    const securityGroups = this.inVpc.flatMap((connections) => connections.securityGroups);
    if (securityGroups.length === 0) {
      throw new Error(`${this.node.path}: connections: what runs the program is in no VPC: only Fargate's tasks are`);
    }
    return new ec2.Connections({ securityGroups });
  }

  /**
   * Lets a principal put images in: `s3:PutObject` under the source prefix, and the use of the bucket's key.
   *
   * @param grantee who may
   */
  public grantUpload(grantee: iam.IGrantable): iam.Grant {
    return permissions.grantUpload(grantee, this.source);
  }

  /**
   * Lets a principal read thumbnails: `s3:GetObject` under the thumbnail prefix, and the use of the bucket's key.
   *
   * @param grantee who may
   */
  public grantRead(grantee: iam.IGrantable): iam.Grant {
    return permissions.grantReadThumbnails(grantee, this.thumbnails);
  }

  /**
   * Lets a principal read by the API, where `access` is by IAM.
   *
   * @param grantee who may
   */
  public grantInvokeApi(grantee: iam.IGrantable): iam.Grant {
    if (!this.api) throw new Error(`${this.node.path}: grantInvokeApi: there is no API: leave apiEnabled out, or true`);
    return this.api.grantInvoke(grantee);
  }

  /**
   * Lets a principal ask for uploads and delete images by the API, where `writeAccess` is by IAM.
   *
   * @param grantee who may
   */
  public grantWriteApi(grantee: iam.IGrantable): iam.Grant {
    if (!this.api) throw new Error(`${this.node.path}: grantWriteApi: there is no API: leave apiEnabled out, or true`);
    return this.api.grantInvokeWrite(grantee);
  }

  /**
   * Puts a CloudFront distribution in front: thumbnails are read from the bucket, and those that are not there from the
   * API, which makes them.
   *
   * @param options domains, access, logs and more
   */
  public addDistribution(options: ThumbnailDistributionOptions = {}): ThumbnailDistribution {
    const made = new ThumbnailDistribution(this, 'Distribution', {
      ...options,
      origins: this.origins('addDistribution'),
    });
    if (this.hasOutputs) {
      new CfnOutput(this, 'DistributionUrl', { value: made.url, description: 'Address of the distribution' });
    }
    return made;
  }

  /**
   * Serves the thumbnails in a distribution of your own, at `/thumbnails/…` and, where reading is for everyone, `/images/…`;
   * both below `basePath`. The paths of both have to be free there.
   *
   * @param distribution one that the app defines
   * @param options access, headers and more
   */
  public addBehaviorsTo(distribution: Distribution, options: ThumbnailBehaviorOptions = {}): ThumbnailBehaviors {
    const id = `Behaviors${distribution.node.addr.slice(-8)}`;
    const made = new ThumbnailBehaviors(this, id, { ...options, origins: this.origins('addBehaviorsTo') });
    for (const [pattern, { origin, ...behavior }] of Object.entries(made.behaviors)) {
      distribution.addBehavior(pattern, origin, behavior);
    }
    return made;
  }

  /**
   * A metric of the program, in the namespace `cdk-thumbnails`.
   *
   * @param metricName name of the metric
   * @param options statistic, period and more; the sum over five minutes unless they say otherwise
   */
  public metric(metricName: string, options: cloudwatch.MetricOptions = {}): cloudwatch.Metric {
    return new cloudwatch.Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { [METRIC_DIMENSION]: this.serviceName },
      statistic: cloudwatch.Stats.SUM,
      ...options,
    }).attachTo(this);
  }

  /**
   * Images whose thumbnails were made.
   *
   * @param options statistic, period and more; the sum over five minutes unless they say otherwise
   */
  public metricImagesMade(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ImagesMade', options);
  }

  /**
   * Images whose thumbnails were there already.
   *
   * @param options statistic, period and more; the sum over five minutes unless they say otherwise
   */
  public metricImagesUnchanged(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ImagesUnchanged', options);
  }

  /**
   * Images that were refused for good: their manifests say why.
   *
   * @param options statistic, period and more; the sum over five minutes unless they say otherwise
   */
  public metricImagesRejected(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ImagesRejected', options);
  }

  /**
   * Images that were removed, and their thumbnails with them.
   *
   * @param options statistic, period and more; the sum over five minutes unless they say otherwise
   */
  public metricImagesDeleted(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ImagesDeleted', options);
  }

  /**
   * Tries that failed and will be made again, until the dead-letter queue takes the message.
   *
   * @param options statistic, period and more; the sum over five minutes unless they say otherwise
   */
  public metricImagesFailed(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('ImagesFailed', options);
  }

  /**
   * Milliseconds from an image's first byte to its last thumbnail.
   *
   * @param options statistic, period and more; the average over five minutes unless they say otherwise
   */
  public metricRenderTime(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.metric('RenderTime', { statistic: cloudwatch.Stats.AVERAGE, ...options });
  }

  /**
   * Messages that wait in the queue.
   *
   * @param options statistic, period and more; the average over five minutes unless they say otherwise
   */
  public metricQueueDepth(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.queue.metricApproximateNumberOfMessagesVisible(options);
  }

  /**
   * Seconds that the oldest message has waited in the queue.
   *
   * @param options statistic, period and more; the maximum over five minutes unless they say otherwise
   */
  public metricOldestMessageAge(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    return this.queue.metricApproximateAgeOfOldestMessage(options);
  }

  /**
   * Messages in the dead-letter queue: images that failed too often. Anything above zero wants a look.
   *
   * @param options statistic, period and more; the maximum over five minutes unless they say otherwise
   */
  public metricDeadLetters(options?: cloudwatch.MetricOptions): cloudwatch.Metric {
    if (!this.deadLetterQueue) {
      throw new Error(
        `${this.node.path}: metricDeadLetters: the dead-letter queue of ${this.queue.node.path} is not known`,
      );
    }
    return this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({
      statistic: cloudwatch.Stats.MAXIMUM,
      ...options,
    });
  }

  private defaultTrigger(sourceBucket: IBucket | undefined): ThumbnailTrigger {
    return sourceBucket && isOfAnotherStack(this, sourceBucket)
      ? ThumbnailTrigger.eventBridge()
      : ThumbnailTrigger.s3Notification();
  }

  private grantStores(grantee: iam.IGrantable): void {
    permissions.grantReadSources(grantee, this.source);
    permissions.grantManageThumbnails(grantee, this.thumbnails);
  }

  private grantApi(grantee: iam.IGrantable, access: BoundAccess): void {
    const signing = signingOf(access);
    if (signing) this.grantApiSecret(grantee, signing.keys);
    if (access.write) permissions.grantWriteSources(grantee, this.source);
  }

  private grantApiSecret(grantee: iam.IGrantable, secret: ISecret): void {
    permissions.grantReadSecret(grantee, secret);
    if (this.apiService) reachSecrets(this.apiService.vpc);
  }

  private origins(method: string): ThumbnailOrigins {
    if (!this.api) throw new Error(`${this.node.path}: ${method}: there is no API: leave apiEnabled out, or true`);
    this.api._addDistributionRoutes();
    const { region, urlSuffix } = Stack.of(this);
    return {
      formats: Object.fromEntries(this.settings.map(({ name, formats }) => [name, formats.map(({ type }) => type)])),
      thumbnailBucket: this.thumbnailBucket,
      thumbnailPrefix: this.thumbnails.prefix,
      apiDomainName: `${this.api.httpApi.apiId}.execute-api.${region}.${urlSuffix}`,
      originSecret: this.isOpen ? undefined : this.distributionSecret(),
    };
  }

  /** What distributions show the program, where reading is not for everyone. */
  private distributionSecret(): ISecret {
    if (!this.originSecret) {
      const secret = new Secret(this, 'DistributionSecret', {
        description: 'cdk-thumbnails: what the distribution shows the API',
        generateSecretString: {
          secretStringTemplate: '{}',
          generateStringKey: DISTRIBUTION_KEY_ID,
          passwordLength: 64,
          excludePunctuation: true,
        },
      });
      this.originSecret = secret;
      if (this.apiGrantee) this.grantApiSecret(this.apiGrantee, secret);
      this.addApiVariable(WEB_VARIABLES.distributionSecret, secret.secretArn);
    }
    return this.originSecret;
  }

  private addApiVariable(name: string, value: string): void {
    this.apiFunction?.addEnvironment(name, value);
    this.apiService?.taskDefinition.defaultContainer?.addEnvironment(name, value);
  }

  private defineOutputs(): void {
    new CfnOutput(this, 'SourceBucketName', {
      value: this.sourceBucket.bucketName,
      description: 'Where the images are put',
    });
    new CfnOutput(this, 'ThumbnailBucketName', {
      value: this.thumbnailBucket.bucketName,
      description: 'Where the thumbnails are put',
    });
    if (this.api) new CfnOutput(this, 'ApiUrl', { value: this.api.url, description: 'Address of the API' });
  }
}
