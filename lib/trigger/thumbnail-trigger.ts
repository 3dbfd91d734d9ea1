import { Token } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import type { IBucket, NotificationKeyFilter } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { isOfAnotherStack } from '../private/stacks';
import { invalidValue } from '../private/validation';
import { QueueDestination, QueueTarget } from './queue-policy';
import { SOURCE_DETAIL_TYPES, SOURCE_EVENTS } from './source-events';
import { spellings } from './suffixes';

/** What a trigger connects. */
export interface ThumbnailTriggerOptions {
  /** Where the sources are. */
  readonly bucket: IBucket;
  /** Only keys that start with this. */
  readonly prefix: string;
  /** Only keys that end with one of these; all when empty. */
  readonly suffixes: string[];
  /** Where events go. */
  readonly queue: IQueue;
}

/** What a trigger made. */
export interface ThumbnailTriggerConfig {
  /**
   * The rule, where it is by EventBridge.
   *
   * @default - there is none
   */
  readonly rule?: events.Rule;
}

/** Options of {@link ThumbnailTrigger.eventBridge}. */
export interface EventBridgeTriggerOptions {
  /**
   * Turn the bucket's EventBridge notifications on. Say false where they are on already and the bucket is to be left
   * alone.
   *
   * @default true
   */
  readonly enableOnBucket?: boolean;
}

/** How the queue hears that an image was put, replaced or removed. */
export abstract class ThumbnailTrigger {
  /**
   * The bucket notifies the queue: the fewest parts, no charge.
   *
   * Other notifications of an imported bucket are kept. But each update by one stack takes the names off those of other
   * stacks, by which the CDK would know them when they are to be removed: where several stacks add notifications to one
   * imported bucket, take {@link eventBridge}.
   */
  public static s3Notification(): ThumbnailTrigger {
    return new S3NotificationTrigger();
  }

  /**
   * The bucket tells EventBridge, and a rule passes on what concerns the pipeline. Several pipelines can hear of the same
   * keys, and the bucket may be made in another stack.
   *
   * @param options whether the bucket is to be changed
   */
  public static eventBridge(options: EventBridgeTriggerOptions = {}): ThumbnailTrigger {
    return new EventBridgeTrigger(options);
  }

  /**
   * Whether a bucket can notify only one trigger of this kind of a key.
   *
   * @internal
   */
  public get _exclusive(): boolean {
    return false;
  }

  /**
   * What is wrong with using this for a bucket, each as `prop: got …, must be …`; empty when nothing is. The pipeline
   * reports it with its own.
   *
   * @param scope the pipeline
   * @param bucket where the sources are
   */
  public abstract validate(scope: Construct, bucket: IBucket): string[];

  /**
   * Connects the bucket with the queue.
   *
   * @param scope the pipeline
   * @param options what is to be connected
   */
  public abstract bind(scope: Construct, options: ThumbnailTriggerOptions): ThumbnailTriggerConfig;
}

class S3NotificationTrigger extends ThumbnailTrigger {
  public override get _exclusive(): boolean {
    return true;
  }

  public validate(scope: Construct, bucket: IBucket): string[] {
    if (!isOfAnotherStack(scope, bucket)) {
      return [];
    }
    return [
      invalidValue(
        'trigger',
        's3Notification() for a bucket of another stack',
        'eventBridge(): the bucket would need the queue and the pipeline the bucket, and neither stack could be first',
      ),
    ];
  }

  public bind(_scope: Construct, options: ThumbnailTriggerOptions): ThumbnailTriggerConfig {
    const { bucket, queue } = options;
    const destination = new QueueDestination(queue, bucket);
    for (const filter of filtersOf(options)) {
      for (const event of SOURCE_EVENTS) {
        bucket.addEventNotification(event, destination, ...filter);
      }
    }
    return {};
  }
}

class EventBridgeTrigger extends ThumbnailTrigger {
  public constructor(private readonly options: EventBridgeTriggerOptions) {
    super();
  }

  public validate(): string[] {
    return [];
  }

  public bind(scope: Construct, { bucket, prefix, suffixes, queue }: ThumbnailTriggerOptions): ThumbnailTriggerConfig {
    if (this.options.enableOnBucket ?? true) {
      bucket.enableEventBridgeNotification();
    }
    const keys = keyPatterns(prefix, suffixes);
    const rule = new events.Rule(scope, 'Rule', {
      description: 'cdk-thumbnails: passes on what happens to images',
      eventPattern: {
        source: ['aws.s3'],
        detailType: SOURCE_DETAIL_TYPES,
        detail: { bucket: { name: [bucket.bucketName] }, ...(keys.length === 0 ? {} : { object: { key: keys } }) },
      },
      targets: [new QueueTarget(queue)],
    });
    return { rule };
  }
}

/** Every combination of prefix and suffix: S3 takes one of each in a filter. */
function filtersOf({ prefix, suffixes }: ThumbnailTriggerOptions): NotificationKeyFilter[][] {
  const start = prefix === '' ? {} : { prefix: filterValue(prefix) };
  if (suffixes.length === 0) {
    return [prefix === '' ? [] : [start]];
  }
  return suffixes.flatMap(spellings).map((suffix) => [{ ...start, suffix: filterValue(suffix) }]);
}

/**
 * A filter is written like the key in an event: form-encoded, see
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
 */
function filterValue(text: string): string {
  if (Token.isUnresolved(text)) {
    return text;
  }
  return text.split('/').map(encodeURIComponent).join('/').replaceAll('%20', '+').replaceAll('~', '%7E');
}

/** Keys as a rule tells them: a pattern of one field holds alternatives, so prefix and suffix make one wildcard. */
function keyPatterns(prefix: string, suffixes: readonly string[]): Record<string, string>[] {
  if (suffixes.length === 0) {
    return prefix === '' ? [] : [{ prefix }];
  }
  const ends = suffixes.flatMap(spellings);
  if (prefix === '') {
    return ends.map((suffix) => ({ suffix }));
  }
  return ends.map((suffix) => ({ wildcard: `${escapeWildcard(prefix)}*${escapeWildcard(suffix)}` }));
}

function escapeWildcard(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('*', '\\*');
}
