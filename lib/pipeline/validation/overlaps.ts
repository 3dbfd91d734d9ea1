import { Annotations, Stack, Token } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct, IConstruct } from 'constructs';
import { quoted, validationError } from '../../private/validation';
import type { QuarantineKeys } from '../../trigger/quarantine';
import { MAX_CONFIGURATIONS } from '../../trigger/source-events';

/** Source keys, thumbnail keys and queue of one pipeline, for the detection of conflicts with other pipelines of the app. */
export interface PipelineUsage {
  /** Existing source bucket; undefined if the pipeline creates the source bucket later. */
  readonly sourceBucket?: IBucket;
  readonly sourcePrefix: string;
  readonly sourceSuffixes: readonly string[];
  /** Whether S3 supports only one trigger for the source keys. */
  readonly exclusiveTrigger: boolean;
  /** Number of notification configurations that the trigger adds to the source bucket. */
  readonly notifications: number;
  readonly thumbnailBucket?: IBucket;
  readonly thumbnailPrefix: string;
  readonly queue?: IQueue;
  /** Bucket and prefix to which the pipeline moves infected sources. */
  readonly quarantine?: QuarantineKeys;
}

/** A pipeline of the app, with its keys and queue. */
export interface RegisteredUsage {
  readonly pipeline: Construct;
  readonly usage: PipelineUsage;
}

/** Registered usages by the root of their construct tree. Therefore, several apps in one process do not affect each other. */
const registered = new WeakMap<IConstruct, RegisteredUsage[]>();

/** Registers the usage of a pipeline, for the validation of later pipelines. */
export function registerUsage(pipeline: Construct, usage: PipelineUsage): void {
  const { root } = pipeline.node;
  registered.set(root, [...(registered.get(root) ?? []), { pipeline, usage }]);
}

/**
 * Validates the usage of a pipeline. The thumbnails must not be sources of any pipeline. The pipeline must share neither
 * thumbnail keys nor a queue with another pipeline. Pipelines can share source keys unless both use S3 notifications.
 */
export function validateUsage(pipeline: Construct, usage: PipelineUsage): string[] {
  return [
    ...validatePrefixes(usage),
    ...othersOf(pipeline).flatMap((other) => validateOverlap(pipeline, usage, other)),
    ...validateNotifications(pipeline, usage),
  ];
}

/** Warns if another stack also adds notifications to the imported source bucket. */
export function warnAboutSharedNotifications(pipeline: Construct, usage: PipelineUsage): void {
  const other = othersOf(pipeline).find(
    ({ pipeline: owner, usage: theirs }) =>
      Stack.of(owner) !== Stack.of(pipeline) &&
      usage.notifications > 0 &&
      theirs.notifications > 0 &&
      isSameBucket(usage.sourceBucket, theirs.sourceBucket),
  );
  if (!other) {
    return;
  }
  const { path } = other.pipeline.node;
  Annotations.of(pipeline).addWarningV2(
    'cdk-thumbnails:sharedBucketNotifications',
    `sourceBucket: ${path} in another stack also adds S3 notifications to this imported bucket. After one stack is ` +
      'destroyed, the next update of the other one can fail. Set trigger to ThumbnailTrigger.eventBridge() in both pipelines.',
  );
}

/** Returns the usages of the pipelines that the app has created before this pipeline. */
export function othersOf(pipeline: Construct): readonly RegisteredUsage[] {
  return registered.get(pipeline.node.root) ?? [];
}

/** Validates the total number of notification configurations that all pipelines add to the source bucket. */
function validateNotifications(pipeline: Construct, { notifications, sourceBucket }: PipelineUsage): string[] {
  const sharing = othersOf(pipeline).filter(
    ({ usage }) => usage.notifications > 0 && isSameBucket(usage.sourceBucket, sourceBucket),
  );
  const sum = sharing.reduce((total, { usage }) => total + usage.notifications, notifications);
  if (notifications === 0 || sharing.length === 0 || sum <= MAX_CONFIGURATIONS) {
    return [];
  }
  const others = sharing.map(({ pipeline: owner, usage }) => `${usage.notifications} of ${owner.node.path}`).join(', ');
  return [
    validationError(
      'sourceSuffixes',
      `${notifications} notification configurations, together with ${others} on the same bucket, exceed the limit of ${MAX_CONFIGURATIONS}`,
      'use fewer suffixes, or set trigger to ThumbnailTrigger.eventBridge()',
    ),
  ];
}

function validatePrefixes({ sourceBucket, sourcePrefix, thumbnailBucket, thumbnailPrefix }: PipelineUsage): string[] {
  if (!isSameBucket(sourceBucket, thumbnailBucket) || !isOverlap(sourcePrefix, thumbnailPrefix)) {
    return [];
  }
  const [prop, prefix] = sourcePrefix === '' ? ['sourcePrefix', sourcePrefix] : ['thumbnailPrefix', thumbnailPrefix];
  const other =
    sourcePrefix === '' ? `thumbnailPrefix ${quoted(thumbnailPrefix)}` : `sourcePrefix ${quoted(sourcePrefix)}`;
  return [
    validationError(
      prop,
      `${quoted(prefix)} overlaps with ${other} in the same bucket, which would create thumbnails of thumbnails`,
      "use disjoint prefixes such as 'images/' and 'thumbnails/', or two buckets",
    ),
  ];
}

function validateOverlap(
  pipeline: Construct,
  mine: PipelineUsage,
  { pipeline: owner, usage }: RegisteredUsage,
): string[] {
  const { path } = owner.node;
  const errors: string[] = [];
  const overlap = (prop: 'sourcePrefix' | 'thumbnailPrefix', other: 'sourcePrefix' | 'thumbnailPrefix'): void => {
    const finding = `${quoted(mine[prop])} overlaps with ${other} ${quoted(usage[other])} of ${path} in the same bucket`;
    errors.push(validationError(prop, finding, 'use disjoint prefixes'));
  };
  if (
    isSameBucket(mine.thumbnailBucket, usage.thumbnailBucket) &&
    isOverlap(mine.thumbnailPrefix, usage.thumbnailPrefix)
  ) {
    overlap('thumbnailPrefix', 'thumbnailPrefix');
  }
  if (isSameBucket(mine.sourceBucket, usage.thumbnailBucket) && isOverlap(mine.sourcePrefix, usage.thumbnailPrefix)) {
    overlap('sourcePrefix', 'thumbnailPrefix');
  }
  if (isSameBucket(mine.thumbnailBucket, usage.sourceBucket) && isOverlap(mine.thumbnailPrefix, usage.sourcePrefix)) {
    overlap('thumbnailPrefix', 'sourcePrefix');
  }
  if (mine.exclusiveTrigger && usage.exclusiveTrigger && sharesSources(mine, usage)) {
    errors.push(
      validationError(
        'sourcePrefix',
        `${quoted(mine.sourcePrefix)} overlaps with sourcePrefix ${quoted(usage.sourcePrefix)} of ${path}, but S3 ` +
          'sends the notifications of a key to one queue',
        'use disjoint prefixes, or set trigger to ThumbnailTrigger.eventBridge() in one of the pipelines',
      ),
    );
  }
  if (mine.exclusiveTrigger && usage.exclusiveTrigger && isImportedTwice(pipeline, mine, owner, usage)) {
    errors.push(
      validationError(
        'sourceBucket',
        `the stack imports this bucket twice, here and for ${path}; removing one import deletes the notifications of both`,
        'pass the same object to both pipelines',
      ),
    );
  }
  if (mine.queue && mine.queue === usage.queue) {
    errors.push(
      validationError('queue', `${mine.queue.node.path} is the queue of ${path}`, 'use one queue for each pipeline'),
    );
  }
  return errors;
}

function sharesSources(mine: PipelineUsage, other: PipelineUsage): boolean {
  if (!isSameBucket(mine.sourceBucket, other.sourceBucket) || !isOverlap(mine.sourcePrefix, other.sourcePrefix)) {
    return false;
  }
  const [a, b] = [mine.sourceSuffixes, other.sourceSuffixes];
  return a.length === 0 || b.length === 0 || a.some((one) => b.some((two) => isSuffixOverlap(one, two)));
}

/**
 * Returns whether the stack of two pipelines imports their source bucket twice. The notification handler of the CDK
 * distinguishes notifications only by stack. Therefore, the removal of one import would delete the notifications of both.
 */
function isImportedTwice(pipeline: Construct, mine: PipelineUsage, owner: Construct, other: PipelineUsage): boolean {
  return (
    Stack.of(pipeline) === Stack.of(owner) &&
    mine.sourceBucket !== other.sourceBucket &&
    isSameBucket(mine.sourceBucket, other.sourceBucket)
  );
}

/**
 * Returns whether two constructs represent one bucket. Returns false if the names of the buckets are unknown before deployment.
 */
export function isSameBucket(a: IBucket | undefined, b: IBucket | undefined): boolean {
  return a !== undefined && b !== undefined && (a === b || a.bucketName === b.bucketName);
}

/** Returns whether a key can start with both prefixes. */
export function isOverlap(a: string, b: string): boolean {
  if (Token.isUnresolved(a) || Token.isUnresolved(b)) {
    return a === b;
  }
  return a.startsWith(b) || b.startsWith(a);
}

function isSuffixOverlap(a: string, b: string): boolean {
  const [one, two] = [a.toLowerCase(), b.toLowerCase()];
  return one.endsWith(two) || two.endsWith(one);
}
