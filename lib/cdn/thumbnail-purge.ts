import { Duration } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { EVENT_DETAIL_TYPES, EVENT_SOURCE, PURGE_VARIABLES } from '../../runtime/contract';
import { ThumbnailRuntime } from '../compute/thumbnail-runtime';
import { grantConsume, grantWriteLogs } from '../private/permissions';
import { injectedProps } from '../private/property-injection';
import { secondsOf, validateDuration, validateInteger, ValidationErrors } from '../private/validation';
import { distributionSourceOf } from './distribution-source';
import type { ThumbnailPurgeProps } from './thumbnail-purge-options';

const HANDLER = 'purge-function.handler';
const TIMEOUT_SECONDS = 30;
const MEMORY_MIB = 256;
/**
 * Maximum number of messages per batch. The value is the maximum of Lambda. Lambda also ends a batch early if the batch reaches
 * 6 MB.
 */
const BATCH_SIZE = 10_000;
/** Maximum concurrency of the function. Lambda accepts no lower value for SQS event sources. */
const CONCURRENCY = 2;
/**
 * Maximum number of attempts. CloudFront rejects an invalidation while too many other invalidations are in progress. An
 * invalidation takes minutes, so several attempts in succession can fail.
 */
const MAX_RECEIVE_COUNT = 10;

/**
 * Invalidates cached thumbnails in a CloudFront distribution when their source images are replaced or deleted.
 *
 * A queue collects the events of the pipeline. A Lambda function creates an invalidation for each batch.
 */
export class ThumbnailPurge extends Construct {
  /** Id of this class for property injectors. */
  public static readonly PROPERTY_INJECTION_ID: string = 'cdk-thumbnails.ThumbnailPurge';

  /** Queue with the keys of changed images. */
  public readonly queue: sqs.Queue;
  /** Dead-letter queue with the keys of failed invalidations. */
  public readonly deadLetterQueue: sqs.Queue;
  /** Function that creates invalidations. */
  public readonly lambdaFunction: lambda.Function;
  /** Rule that sends the keys to the queue. */
  public readonly rule: events.Rule;

  /**
   * Creates the queue and the function.
   *
   * @param scope parent construct
   * @param id construct id
   * @param props pipeline, distribution and limits
   * @throws Error if props are invalid; the message lists all errors
   */
  public constructor(scope: Construct, id: string, props: ThumbnailPurgeProps) {
    super(scope, id);
    props = injectedProps(scope, id, ThumbnailPurge.PROPERTY_INJECTION_ID, props);
    const errors = new ValidationErrors();
    errors.add(validateDuration('maxBatchingWindow', props.maxBatchingWindow, { min: 1, max: 300 }));
    errors.add(validateInteger('maxPaths', props.maxPaths, { min: 1, max: 7 }));
    errors.throwIfAny(this);

    const { distribution, maxBatchingWindow = Duration.minutes(1), maxPaths = 5 } = props;
    const source = distributionSourceOf(this, props.pipeline);
    this.deadLetterQueue = new sqs.Queue(this, 'DeadLetterQueue', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    });
    this.queue = new sqs.Queue(this, 'Queue', {
      encryption: sqs.QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      // AWS recommends this timeout: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
      visibilityTimeout: Duration.seconds(6 * TIMEOUT_SECONDS + (secondsOf(maxBatchingWindow) ?? 300)),
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: MAX_RECEIVE_COUNT },
    });

    const role = new iam.Role(this, 'FunctionRole', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    grantWriteLogs(role, source.logGroup);
    this.lambdaFunction = new lambda.Function(this, 'Function', {
      description: 'cdk-thumbnails: invalidates the cached thumbnails of changed images',
      runtime: lambda.Runtime.NODEJS_24_X,
      architecture: lambda.Architecture.ARM_64,
      code: ThumbnailRuntime.functionCode(),
      handler: HANDLER,
      timeout: Duration.seconds(TIMEOUT_SECONDS),
      memorySize: MEMORY_MIB,
      logGroup: source.logGroup,
      role,
      environment: {
        [PURGE_VARIABLES.distributionId]: distribution.distributionId,
        [PURGE_VARIABLES.thumbnailPrefix]: source.thumbnails.prefix,
        [PURGE_VARIABLES.maxPaths]: String(maxPaths),
      },
    });
    grantConsume(role, this.queue, 'lambda');
    distribution.grantCreateInvalidation(role);
    this.lambdaFunction.addEventSourceMapping('Queue', {
      eventSourceArn: this.queue.queueArn,
      batchSize: BATCH_SIZE,
      maxBatchingWindow,
      maxConcurrency: CONCURRENCY,
    });

    const { serviceName, eventBus } = source.enableEvents();
    this.rule = new events.Rule(this, 'Rule', {
      description: `cdk-thumbnails: changed images of ${serviceName} for CloudFront`,
      eventBus,
      eventPattern: {
        source: [EVENT_SOURCE],
        detailType: Object.values(EVENT_DETAIL_TYPES),
        detail: { pipeline: [serviceName] },
      },
      targets: [
        new SqsQueue(this.queue, {
          deadLetterQueue: this.deadLetterQueue,
          // The messages contain only the key, because Lambda limits a batch to 6 MB.
          message: events.RuleTargetInput.fromObject({ key: events.EventField.fromPath('$.detail.source.key') }),
        }),
      ],
    });
  }
}
