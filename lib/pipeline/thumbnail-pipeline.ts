import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Distribution } from 'aws-cdk-lib/aws-cloudfront';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import type * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as logs from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import {
  DEFAULT_CACHE_CONTROL,
  DEFAULT_THUMBNAILS,
  DISTRIBUTION_KEY_ID,
  type ThumbnailSettings,
  HTTP_VARIABLES,
} from '../../runtime/contract';
import { bindAccess, type BoundAccess, signingOf, webEnvironmentOf } from '../api/http-environment';
import { ThumbnailAccess } from '../api/thumbnail-access';
import { ThumbnailApi } from '../api/thumbnail-api';
import { allowUploadsOfPages } from '../api/upload-cors';
import { type ThumbnailBehaviorOptions, ThumbnailBehaviors } from '../cdn/thumbnail-behaviors';
import { ThumbnailDistribution, type ThumbnailDistributionOptions } from '../cdn/thumbnail-distribution';
import type { ThumbnailOrigins } from '../cdn/thumbnail-origins';
import { endpointDomain, endpointUrl, validateEndpoint } from '../compute/api-endpoint';
import type { IThumbnailApiBinding, ThumbnailComputeBindOptions } from '../compute/compute-protocol';
import type { IThumbnailApiService, IThumbnailWorkerService } from '../compute/fargate/thumbnail-services';
import { ThumbnailCompute } from '../compute/thumbnail-compute';
import * as permissions from '../private/permissions';
import { injectedProps } from '../private/property-injection';
import { isOfAnotherStack } from '../private/stacks';
import { ValidationErrors } from '../private/validation';
import { limitSettings, maxDurationOf } from '../thumbnail/limit-validation';
import { ThumbnailTrigger } from '../trigger/thumbnail-trigger';
import { ImportedPipeline } from './imported-pipeline';
import { type Claim, claim, claimProblems } from './overlaps';
import { environmentOf, serviceNameOf } from './pipeline-environment';
import { pipelineProblems } from './pipeline-validation';
import { deadLetterQueueOf, warnOfQueue } from './queues';
import { defineBucket, defineLogGroup, defineQueue } from './storage';
import { type IThumbnailPipeline, ThumbnailPipelineBase } from './thumbnail-pipeline-base';
import type {
  ThumbnailPipelineApiOptions,
  ThumbnailPipelineAttributes,
  ThumbnailPipelineProps,
} from './thumbnail-pipeline-props';

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
export class ThumbnailPipeline extends ThumbnailPipelineBase implements ec2.IConnectable {
  /** What a property injector of the app names this class by. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-thumbnails.ThumbnailPipeline';

  /**
   * A pipeline of another app or stack, as far as others use it: to grant reading and uploading, and for its metrics.
   *
   * @param scope where it is used
   * @param id its name there
   * @param attributes what is known of it
   */
  public static fromThumbnailPipelineAttributes(
    scope: Construct,
    id: string,
    attributes: ThumbnailPipelineAttributes,
  ): IThumbnailPipeline {
    return new ImportedPipeline(scope, id, attributes);
  }

  /**
   * Whether something is a pipeline that is made in this app, by whichever copy of this library.
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
  /** Tells the queue of images; undefined where the bucket does it itself. */
  public readonly rule?: events.Rule;
  /** Where the program's logs go. */
  public readonly logGroup: logs.ILogGroup;
  /** API Gateway HTTP API; undefined if `apiEnabled` is false or the compute has an endpoint of its own. */
  public readonly api?: ThumbnailApi;
  /** URL of the HTTP API with a trailing slash; undefined if `apiEnabled` is false. */
  public readonly apiUrl?: string;
  /** The function that makes thumbnails; undefined where the compute is another. */
  public readonly uploadFunction?: lambda.Function;
  /** Hands the queue's messages to the function that makes thumbnails; undefined where the compute is another. */
  public readonly eventSourceMapping?: lambda.EventSourceMapping;
  /** The function that answers the API; undefined where there is no API, or the compute is another. */
  public readonly apiFunction?: lambda.Function;
  /** The service that makes thumbnails; undefined where the compute is another. */
  public readonly workerService?: IThumbnailWorkerService;
  /** The service that answers the API; undefined where there is no API, or the compute is another. */
  public readonly apiService?: IThumbnailApiService;
  /** Holds the keys of signed links; undefined where nothing is signed. */
  public readonly signingKeys?: ISecret;
  /** What this pipeline is called in logs and metrics: the name of its stack and its path there. */
  public readonly serviceName: string;

  /** @internal */
  protected readonly _source: permissions.BucketPart;
  /** @internal */
  protected readonly _thumbnails: permissions.BucketPart;
  private readonly settings: readonly ThumbnailSettings[];
  private readonly isOpen: boolean;
  private readonly hasOutputs: boolean;
  private readonly apiBinding?: IThumbnailApiBinding;
  private secretOfDistributions?: ISecret;
  private readonly inVpc: ec2.Connections[] = [];

  /**
   * Makes the pipeline: what it is not given, it makes.
   *
   * @param scope where it belongs: a stack, or a construct in one
   * @param id its name there, a part of the logical ids of everything in it
   * @param props what is made of images, where they are, what runs the program
   * @throws where props are wrong: one error, which names each of them with what it got and what it takes
   */
  public constructor(scope: Construct, id: string, props: ThumbnailPipelineProps = {}) {
    super(scope, id);
    props = injectedProps(scope, id, ThumbnailPipeline.PROPERTY_INJECTION_ID, props);
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
    const problems = new ValidationErrors();
    problems.add(pipelineProblems(props));
    problems.add(compute.validate({ maxDuration, queue: props.queue }), 'compute');
    if (apiCompute !== compute) {
      problems.add(apiCompute.validate({ maxDuration }), 'api.compute');
    }
    if (props.sourceBucket) {
      problems.add(trigger.validate(this, props.sourceBucket));
    }
    problems.add(claimProblems(this, wanted));
    problems.throwIfAny(this);

    this.sourceBucket = props.sourceBucket ?? defineBucket(this, 'SourceBucket', props, props.sourceBucketOptions);
    this.thumbnailBucket =
      props.thumbnailBucket ?? defineBucket(this, 'ThumbnailBucket', props, props.thumbnailBucketOptions);
    this._source = { bucket: this.sourceBucket, prefix: wanted.sourcePrefix };
    this._thumbnails = { bucket: this.thumbnailBucket, prefix: wanted.thumbnailPrefix };
    const visibilityTimeout = compute.visibilityTimeout(maxDuration);
    this.queue = props.queue ?? defineQueue(this, 'Queue', { ...props, visibilityTimeout });
    this.deadLetterQueue = deadLetterQueueOf(this.queue);
    if (props.queue) {
      warnOfQueue(this, props.queue, visibilityTimeout);
    }
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
    const options: ThumbnailComputeBindOptions = {
      environment: environmentOf(this, {
        sourceBucketName: this.sourceBucket.bucketName,
        sourcePrefix: this._source.prefix,
        sourceSuffixes: wanted.sourceSuffixes,
        thumbnailBucketName: this.thumbnailBucket.bucketName,
        thumbnailPrefix: this._thumbnails.prefix,
        thumbnails: this.settings,
        limits: limitSettings(props.limits ?? {}),
        allowSvg: props.allowSvg ?? false,
        detectJpegCorruption: props.detectJpegCorruption ?? false,
        cacheControl: props.cacheControl ?? DEFAULT_CACHE_CONTROL,
        serviceName: this.serviceName,
      }),
      logGroup: this.logGroup,
      maxDuration,
    };
    const worker = compute.bindWorker(this, { ...options, queue: this.queue });
    this.grantStores(worker.grantee);
    this.uploadFunction = worker.lambdaFunction;
    this.eventSourceMapping = worker.eventSourceMapping;
    this.workerService = worker.workerService;
    if (worker.connections) {
      this.inVpc.push(worker.connections);
    }
    const { rule } = trigger.bind(this, {
      bucket: this.sourceBucket,
      prefix: wanted.sourcePrefix,
      suffixes: [...wanted.sourceSuffixes],
      queue: this.queue,
    });
    this.rule = rule;

    if (props.apiEnabled ?? true) {
      const api = props.api ?? {};
      const access = bindAccess(this, api);
      const binding = apiCompute.bindApi(this, {
        ...options,
        environment: { ...options.environment, ...webEnvironmentOf(this, access, api) },
      });
      this.apiBinding = binding;
      this.apiFunction = binding.lambdaFunction;
      this.apiService = binding.apiService;
      this.grantStores(binding.grantee);
      this.grantApi(binding.grantee, access);
      if (binding.connections) {
        this.inVpc.push(binding.connections);
      }
      if (binding.endpoint === undefined) {
        this.api = this.createApi(binding, access, props);
        this.apiUrl = this.api.url;
      } else {
        this.useEndpoint(binding, binding.endpoint, api);
        this.apiUrl = endpointUrl(binding.endpoint);
      }
      this.signingKeys = signingOf(access)?.keys;
      if (access.write) {
        allowUploadsOfPages(this, this.sourceBucket, props);
      }
    }
    this.hasOutputs = props.outputs ?? true;
    if (this.hasOutputs) {
      this.defineOutputs();
    }
  }

  /** Holds what distributions show the API to be let in; undefined where there is none, or reading is for everyone. */
  public get distributionSecret(): ISecret | undefined {
    return this.secretOfDistributions;
  }

  /**
   * Connections of all functions or tasks: to let them reach something else in their VPC. The load balancer has its
   * own, see {@link apiService}. Functions have some where they are given a `vpc`; reading this throws where they are not.
   *
   * @throws where what runs the program is in no VPC
   */
  public get connections(): ec2.Connections {
    const securityGroups = this.inVpc.flatMap((connections) => connections.securityGroups);
    if (securityGroups.length === 0) {
      throw new Error(
        `${this.node.path}: connections: what runs the program is in no VPC: give the functions one, or take Fargate`,
      );
    }
    return new ec2.Connections({ securityGroups });
  }

  /**
   * Lets a principal read by the API, where `access` is by IAM.
   *
   * @param grantee who may
   * @throws where there is no API, or `access` is another
   */
  public grantInvokeApi(grantee: iam.IGrantable): iam.Grant {
    return this.requireHttpApi('grantInvokeApi').grantInvoke(grantee);
  }

  /**
   * Lets a principal ask for uploads and delete images by the API, where `writeAccess` is by IAM.
   *
   * @param grantee who may
   * @throws where there is no API, or `writeAccess` is another, or left out
   */
  public grantWriteApi(grantee: iam.IGrantable): iam.Grant {
    return this.requireHttpApi('grantWriteApi').grantInvokeWrite(grantee);
  }

  /**
   * Puts a CloudFront distribution in front: thumbnails are read from the bucket, and those that are not there from the
   * API, which makes them.
   *
   * @param options domains, access, logs and more
   * @throws where there is no API, or options are wrong
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
   * @throws where there is no API, options are wrong, or the distribution has behaviours for these paths
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
   * @throws where the queue is yours and its dead-letter queue is not known
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
    permissions.grantReadSources(grantee, this._source);
    permissions.grantManageThumbnails(grantee, this._thumbnails);
  }

  private grantApi(grantee: iam.IGrantable, access: BoundAccess): void {
    const signing = signingOf(access);
    if (signing) {
      permissions.grantReadSecret(grantee, signing.keys);
    }
    if (access.write) {
      permissions.grantWriteSources(grantee, this._source);
    }
  }

  private createApi(binding: IThumbnailApiBinding, access: BoundAccess, props: ThumbnailPipelineProps): ThumbnailApi {
    const { integration } = binding;
    if (!integration) {
      throw new Error(
        `${this.node.path}: compute: bindApi returned no integration and no endpoint; return one of them`,
      );
    }
    return new ThumbnailApi(this, 'Api', {
      ...props.api,
      access: ThumbnailAccess._bound(access.read),
      writeAccess: access.write && ThumbnailAccess._bound(access.write),
      integration,
      removalPolicy: props.removalPolicy,
    });
  }

  private useEndpoint(binding: IThumbnailApiBinding, endpoint: string, api: ThumbnailPipelineApiOptions): void {
    if (binding.integration) {
      throw new Error(
        `${this.node.path}: compute: bindApi returned an integration and an endpoint; return one of them`,
      );
    }
    const problems = new ValidationErrors();
    problems.add(validateEndpoint(endpoint, api));
    problems.throwIfAny(this);
    if (api.cors?.allowOrigins) {
      binding.addEnvironment(HTTP_VARIABLES.corsOrigins, Stack.of(this).toJsonString(api.cors.allowOrigins));
    }
  }

  private requireApi(method: string): IThumbnailApiBinding {
    if (!this.apiBinding) {
      throw new Error(`${this.node.path}: ${method}: the pipeline has no API; set apiEnabled to true`);
    }
    return this.apiBinding;
  }

  private requireHttpApi(method: string): ThumbnailApi {
    this.requireApi(method);
    if (!this.api) {
      throw new Error(
        `${this.node.path}: ${method}: the compute has an endpoint without IAM authorization; ` +
          'use signed links or a compute with an integration',
      );
    }
    return this.api;
  }

  private origins(method: string): ThumbnailOrigins {
    const { endpoint } = this.requireApi(method);
    this.api?._addDistributionRoutes();
    const { region, urlSuffix } = Stack.of(this);
    return {
      formats: Object.fromEntries(this.settings.map(({ name, formats }) => [name, formats.map(({ type }) => type)])),
      thumbnailBucket: this.thumbnailBucket,
      thumbnailPrefix: this._thumbnails.prefix,
      apiDomainName:
        endpoint === undefined
          ? `${this.api!.httpApi.apiId}.execute-api.${region}.${urlSuffix}`
          : endpointDomain(endpoint),
      originSecret: this.isOpen ? undefined : this.makeDistributionSecret(),
    };
  }

  /** What distributions show the program, where reading is not for everyone. */
  private makeDistributionSecret(): ISecret {
    if (!this.secretOfDistributions) {
      const secret = new Secret(this, 'DistributionSecret', {
        description: 'cdk-thumbnails: what the distribution shows the API',
        generateSecretString: {
          secretStringTemplate: '{}',
          generateStringKey: DISTRIBUTION_KEY_ID,
          passwordLength: 64,
          excludePunctuation: true,
        },
      });
      this.secretOfDistributions = secret;
      if (this.apiBinding) {
        permissions.grantReadSecret(this.apiBinding.grantee, secret);
        this.apiBinding.addEnvironment(HTTP_VARIABLES.distributionSecret, secret.secretArn);
      }
    }
    return this.secretOfDistributions;
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
    if (this.apiUrl !== undefined) {
      new CfnOutput(this, 'ApiUrl', { value: this.apiUrl, description: 'Address of the API' });
    }
  }
}
