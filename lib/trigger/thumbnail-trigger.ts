import * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { SCAN_RESULT_TYPE } from '../../runtime/contract';
import type { IThumbnailComputeBinding } from '../compute/compute-protocol';
import { isInOtherStack } from '../private/stacks';
import { validationError } from '../private/validation';
import { createProtectionPlan, restrictToCleanObjects } from './malware-scan';
import { connectQuarantine, type QuarantineKeys, quarantineKeys, roleArnOf } from './quarantine';
import { QueueDestination, QueueTarget } from './queue-policy';
import { eventKeyPatterns, notificationFilters, SOURCE_DETAIL_TYPES, SOURCE_EVENTS } from './source-events';
import type { ThumbnailQuarantineOptions } from './thumbnail-quarantine-options';
import { warnAboutNotificationPermissions, warnAboutOtherEventBus, warnAboutPatternSize } from './trigger-warnings';

/** Bucket, keys and queue that a trigger connects. */
export interface ThumbnailTriggerBindOptions {
  /** Source bucket. */
  readonly bucket: IBucket;
  /** Prefix of the source keys; empty for all keys. */
  readonly prefix: string;
  /** Suffixes of the source keys. A key must end with one of the suffixes. Empty for all keys. */
  readonly suffixes: string[];
  /** Queue that receives the events. */
  readonly queue: IQueue;
  /**
   * Queue for events that EventBridge cannot deliver to `queue`.
   *
   * @default - EventBridge discards such events after 24 hours
   */
  readonly deadLetterQueue?: IQueue;
  /**
   * Workers of the pipeline: the worker that consumes `queue`, and the large worker if the compute is hybrid.
   *
   * @default - unknown
   */
  readonly workers?: IThumbnailComputeBinding[];
}

/** Resources that a trigger has created. */
export interface ThumbnailTriggerBinding {
  /**
   * EventBridge rule of the trigger.
   *
   * @default - the trigger has no EventBridge rule
   */
  readonly rule?: events.Rule;
}

/** Options of {@link ThumbnailTrigger.eventBridge}. */
export interface ThumbnailEventBridgeOptions {
  /**
   * Whether to enable EventBridge notifications on the source bucket. Set this option to `false` if the notifications are
   * already enabled and the stack must not change the bucket.
   *
   * @default true
   */
  readonly enableOnBucket?: boolean;
}

/** Options of {@link ThumbnailTrigger.afterMalwareScan}. */
export interface ThumbnailMalwareScanOptions extends ThumbnailEventBridgeOptions {
  /**
   * IAM role of an existing protection plan that scans the bucket and tags its objects.
   *
   * @default - a new protection plan for the source prefix, with a new IAM role
   */
  readonly scanRole?: iam.IRole;

  /**
   * Quarantine, to which the worker moves infected images with their metadata and tags. After the copy, the worker deletes the
   * scanned version of the source. The worker does not delete a source that a client replaces after the scan.
   *
   * @default - infected images remain in the source bucket, and the bucket policy denies reads of these images
   */
  readonly quarantine?: ThumbnailQuarantineOptions;
}

/**
 * Delivers events of the source bucket to the queue of a pipeline.
 *
 * Extend this class for a custom trigger. Several pipelines can share an instance, because an instance contains only options.
 */
export abstract class ThumbnailTrigger {
  /**
   * Sends S3 event notifications from the bucket to the queue. Incurs no charges and needs no further resources.
   *
   * Does not remove other notifications of an imported bucket. If several stacks add notifications to one imported bucket, use
   * {@link eventBridge} instead: each deployment resets the ids by which the CDK identifies the notifications of other stacks.
   */
  public static s3Notification(): ThumbnailTrigger {
    return new S3NotificationTrigger();
  }

  /**
   * Sends events from the bucket to the queue through an EventBridge rule.
   *
   * Unlike {@link s3Notification}, supports several pipelines for the same keys and a bucket from another stack.
   *
   * @param options whether to enable EventBridge notifications on the bucket
   */
  public static eventBridge(options: ThumbnailEventBridgeOptions = {}): ThumbnailTrigger {
    return new EventBridgeTrigger(options);
  }

  /**
   * Creates thumbnails only of images in which Amazon GuardDuty Malware Protection for S3 finds no malware. GuardDuty charges
   * for each scanned object and each scanned byte.
   *
   * GuardDuty tags each scanned image with the result. The IAM role of the runtime can read only images with a clean result.
   * If this app creates the bucket, only the IAM role of the protection plan can set the tag. The bucket policy also denies all
   * other principals to read images that are not tagged as clean. With `quarantine`, the workers can read infected images as
   * well, because the workers move them.
   *
   * For an image with findings, the pipeline writes a manifest with a code such as `infected` and sends an event
   * `Thumbnails Rejected`. Images that are older than the protection plan receive no thumbnails until GuardDuty scans them.
   *
   * @param options existing protection plan and quarantine
   */
  public static afterMalwareScan(options: ThumbnailMalwareScanOptions = {}): ThumbnailTrigger {
    return new MalwareScanTrigger(options);
  }

  /**
   * Whether the runtime reads only sources with the tag of a clean malware scan.
   *
   * @internal
   */
  public get _requiresScan(): boolean {
    return false;
  }

  /**
   * Keys of the quarantine; undefined if infected sources remain in the source bucket.
   *
   * @internal
   */
  public get _quarantine(): QuarantineKeys | undefined {
    return undefined;
  }

  /**
   * Whether the source keys of two pipelines with this kind of trigger must not overlap in one bucket.
   *
   * @internal
   */
  public get _exclusive(): boolean {
    return false;
  }

  /**
   * Validates the trigger for an existing bucket. The pipeline throws one error with the returned messages and the validation
   * errors of the props.
   *
   * @param scope the pipeline
   * @param bucket source bucket
   * @returns messages of the form `prop: finding; fix`; an empty list for a supported bucket
   */
  public abstract validate(scope: Construct, bucket: IBucket): string[];

  /**
   * Connects the bucket to the queue.
   *
   * @param scope the pipeline
   * @param options bucket, keys and queue
   */
  public abstract bind(scope: Construct, options: ThumbnailTriggerBindOptions): ThumbnailTriggerBinding;
}

class S3NotificationTrigger extends ThumbnailTrigger {
  public override get _exclusive(): boolean {
    return true;
  }

  public validate(scope: Construct, bucket: IBucket): string[] {
    if (!isInOtherStack(scope, bucket)) {
      return [];
    }
    const finding = 's3Notification() creates a cyclic dependency with the stack of the bucket';
    return [validationError('trigger', finding, 'use ThumbnailTrigger.eventBridge()')];
  }

  public bind(scope: Construct, options: ThumbnailTriggerBindOptions): ThumbnailTriggerBinding {
    const { bucket, queue } = options;
    warnAboutNotificationPermissions(scope, bucket);
    const destination = new QueueDestination(queue, bucket);
    for (const filter of notificationFilters(options)) {
      for (const event of SOURCE_EVENTS) {
        bucket.addEventNotification(event, destination, ...filter);
      }
    }
    return {};
  }
}

class EventBridgeTrigger extends ThumbnailTrigger {
  public constructor(private readonly options: ThumbnailEventBridgeOptions) {
    super();
  }

  public validate(): string[] {
    return [];
  }

  public bind(scope: Construct, options: ThumbnailTriggerBindOptions): ThumbnailTriggerBinding {
    enableEventBridge(scope, options.bucket, this.options);
    return { rule: createSourceRule(scope, options, SOURCE_DETAIL_TYPES) };
  }
}

class MalwareScanTrigger extends ThumbnailTrigger {
  public override get _requiresScan(): boolean {
    return true;
  }

  public override get _quarantine(): QuarantineKeys | undefined {
    const { quarantine } = this.options;
    return quarantine && quarantineKeys(quarantine);
  }

  public constructor(private readonly options: ThumbnailMalwareScanOptions) {
    super();
  }

  public validate(): string[] {
    return [];
  }

  public bind(scope: Construct, options: ThumbnailTriggerBindOptions): ThumbnailTriggerBinding {
    const { bucket, queue, deadLetterQueue } = options;
    enableEventBridge(scope, bucket, this.options);
    const scanRole = this.options.scanRole ?? createProtectionPlan(scope, options);
    const { quarantine } = this.options;
    const { workers = [] } = options;
    if (quarantine) {
      connectQuarantine(scope, quarantine, options, workers);
    }
    const movers = quarantine ? workers.map((worker) => roleArnOf(scope, worker)) : [];
    restrictToCleanObjects(scope, options, scanRole, movers);
    const keys = eventKeyPatterns(options);
    const eventPattern = {
      source: ['aws.guardduty'],
      detailType: [SCAN_RESULT_TYPE],
      detail: {
        s3ObjectDetails: { bucketName: [bucket.bucketName], ...(keys.length === 0 ? {} : { objectKey: keys }) },
      },
    };
    warnAboutPatternSize(scope, eventPattern, bucket.bucketName);
    new events.Rule(scope, 'ScanRule', {
      description: 'cdk-thumbnails: sends results of malware scans to the queue',
      eventPattern,
      targets: [new QueueTarget(queue, deadLetterQueue)],
    });
    // Events for created and restored objects are not necessary, because GuardDuty sends a scan result for these objects.
    return { rule: createSourceRule(scope, options, ['Object Deleted']) };
  }
}

function enableEventBridge(
  scope: Construct,
  bucket: IBucket,
  { enableOnBucket = true }: ThumbnailEventBridgeOptions,
): void {
  warnAboutOtherEventBus(scope, bucket);
  if (enableOnBucket) {
    warnAboutNotificationPermissions(scope, bucket);
    bucket.enableEventBridgeNotification();
  }
}

/** Creates the rule that sends events of the bucket to the queue. */
function createSourceRule(scope: Construct, options: ThumbnailTriggerBindOptions, detailType: string[]): events.Rule {
  const { bucket, queue, deadLetterQueue } = options;
  const keys = eventKeyPatterns(options);
  const eventPattern = {
    source: ['aws.s3'],
    detailType,
    detail: { bucket: { name: [bucket.bucketName] }, ...(keys.length === 0 ? {} : { object: { key: keys } }) },
  };
  warnAboutPatternSize(scope, eventPattern, bucket.bucketName);
  return new events.Rule(scope, 'Rule', {
    description: 'cdk-thumbnails: sends events of source images to the queue',
    eventPattern,
    targets: [new QueueTarget(queue, deadLetterQueue)],
  });
}
