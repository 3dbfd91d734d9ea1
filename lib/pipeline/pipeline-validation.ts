import { RemovalPolicy, Token } from 'aws-cdk-lib';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { MAX_PREFIX_BYTES, MAX_THUMBNAILS } from '../../runtime/contract';
import { pipelineApiProblems } from '../api/api-validation';
import { validateInteger, validatePattern, invalidValue, duplicates } from '../private/validation';
import { limitProblems } from '../thumbnail/limit-validation';
import type { Thumbnail } from '../thumbnail/thumbnail';
import { suffixProblems } from '../trigger/suffixes';
import type { ThumbnailPipelineProps } from './thumbnail-pipeline-props';

const PREFIX_PATTERN = /^(?!\/)[^*]*$/;
const PREFIX_FORM = 'the plain start of a key, without a slash before it and without *';
/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const MAX_KEY_BYTES = 1024;
/** What a header may hold: visible ASCII and spaces. */
const HEADER_PATTERN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/** What is wrong with the props of a pipeline by themselves, without a look at what else is in the app. */
export function pipelineProblems(props: ThumbnailPipelineProps): string[] {
  return [
    ...(props.thumbnails ? thumbnailProblems(props.thumbnails) : []),
    ...validatePattern('sourcePrefix', props.sourcePrefix, PREFIX_PATTERN, PREFIX_FORM),
    ...suffixProblems('sourceSuffixes', props.sourceSuffixes ?? []),
    ...validatePattern('thumbnailPrefix', props.thumbnailPrefix, PREFIX_PATTERN, PREFIX_FORM),
    ...prefixLengthProblems('thumbnailPrefix', props.thumbnailPrefix, MAX_PREFIX_BYTES),
    ...prefixLengthProblems('sourcePrefix', props.sourcePrefix, MAX_KEY_BYTES),
    ...limitProblems(props.limits ?? {}).map((text) => `limits.${text}`),
    ...validatePattern('cacheControl', props.cacheControl, HEADER_PATTERN, 'a header value: visible ASCII on one line'),
    ...queueProblems(props),
    ...pipelineApiProblems(props.api ?? {}, props).map((text) => `api.${text}`),
    ...togetherProblems(props),
  ];
}

function thumbnailProblems(thumbnails: readonly Thumbnail[]): string[] {
  const problems = thumbnails.flatMap((thumbnail, index) =>
    thumbnail._problems().map((text) => `thumbnails[${index}].${text}`),
  );
  if (thumbnails.length === 0 || thumbnails.length > MAX_THUMBNAILS) {
    problems.push(invalidValue('thumbnails', `${thumbnails.length} thumbnails`, `1 to ${MAX_THUMBNAILS} of them`));
  }
  for (const name of duplicates(thumbnails.map((thumbnail) => thumbnail.name))) {
    problems.push(invalidValue('thumbnails', `${name} twice`, 'every name once'));
  }
  return problems;
}

function prefixLengthProblems(prop: string, prefix: string | undefined, max: number): string[] {
  if (prefix === undefined || Token.isUnresolved(prefix)) {
    return [];
  }
  const bytes = Buffer.byteLength(prefix);
  return bytes <= max ? [] : [invalidValue(prop, `${bytes} bytes`, `at most ${max} bytes`)];
}

function queueProblems(props: ThumbnailPipelineProps): string[] {
  const problems = [
    ...standardQueueProblems('queue', props.queue),
    ...standardQueueProblems('deadLetterQueue', props.deadLetterQueue),
    ...validateInteger('maxReceiveCount', props.maxReceiveCount, { min: 1, max: 1000, unit: 'tries' }),
  ];
  if (props.queue) {
    const remedy = 'left out with a queue of your own: set it as the deadLetterQueue of that queue';
    if (props.deadLetterQueue) {
      problems.push(invalidValue('deadLetterQueue', props.deadLetterQueue.node.path, remedy));
    }
    if (props.maxReceiveCount !== undefined) {
      problems.push(invalidValue('maxReceiveCount', props.maxReceiveCount, remedy));
    }
  }
  return problems;
}

function standardQueueProblems(prop: string, queue: IQueue | undefined): string[] {
  if (!queue?.fifo) {
    return [];
  }
  return [
    invalidValue(
      prop,
      `${queue.node.path}, a FIFO queue`,
      'a standard queue: S3 and EventBridge send to no other here',
    ),
  ];
}

/** Props that do nothing, or harm, beside others. */
function togetherProblems(props: ThumbnailPipelineProps): string[] {
  const problems: string[] = [];
  if (props.encryptionKey && props.sourceBucket && props.thumbnailBucket) {
    problems.push(
      invalidValue(
        'encryptionKey',
        props.encryptionKey.node.path,
        'left out where both buckets are your own: import a bucket with Bucket.fromBucketAttributes to name its key',
      ),
    );
  }
  for (const [prop, options, bucket] of [
    ['sourceBucketOptions', props.sourceBucketOptions, props.sourceBucket],
    ['thumbnailBucketOptions', props.thumbnailBucketOptions, props.thumbnailBucket],
  ] as const) {
    if (options && bucket) {
      problems.push(
        invalidValue(prop, `options beside ${bucket.node.path}`, 'left out: a bucket of your own has its own'),
      );
    }
    if (options?.serverAccessLogsPrefix !== undefined && !options.serverAccessLogsBucket) {
      const remedy = 'left out, or serverAccessLogsBucket given';
      problems.push(invalidValue(`${prop}.serverAccessLogsPrefix`, 'a prefix without serverAccessLogsBucket', remedy));
    }
  }
  if (props.autoDeleteObjects && props.removalPolicy !== RemovalPolicy.DESTROY) {
    const policy = props.removalPolicy ?? 'the default, RETAIN';
    problems.push(
      invalidValue('autoDeleteObjects', `true with removalPolicy ${policy}`, 'false, or removalPolicy DESTROY'),
    );
  }
  if (props.api && props.apiEnabled === false) {
    problems.push(invalidValue('api', 'options with apiEnabled false', 'left out, or apiEnabled true'));
  }
  return problems;
}
