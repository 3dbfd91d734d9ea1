import { type Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { MAX_PREFIX_BYTES } from '../../../runtime/contract';
import { validatePipelineApiOptions } from '../../api/api-validation';
import { apiAccessOf } from '../../api/http-environment';
import { validateTypes } from '../../private/prop-types';
import {
  nested,
  validateInteger,
  validatePattern,
  validatePrefix,
  ValidationErrors,
  validationError,
} from '../../private/validation';
import { maxDurationOfAll } from '../../thumbnail/image-settings';
import { validateLimits } from '../../thumbnail/limit-validation';
import { validateRules } from '../../thumbnail/rule-validation';
import { validateThumbnails } from '../../thumbnail/thumbnail-validation';
import { validateNotificationSuffixes, validateSuffixes } from '../../trigger/source-events';
import type { ThumbnailPipelineProps } from '../thumbnail-pipeline-props';
import { validateUsage } from './overlaps';
import { type PipelineSelection, selectionOf } from './pipeline-selection';
import { PIPELINE_TYPES } from './pipeline-types';
import { validateQuarantine } from './quarantine-validation';
import { validateRegions } from './region-validation';

/** Maximum length of an S3 object key in bytes: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const MAX_KEY_BYTES = 1024;
/** Pattern of a header value: visible ASCII characters and inner spaces. */
const HEADER_PATTERN = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;

/**
 * Validates the props of a pipeline. Also validates that the pipeline does not conflict with other pipelines of the app.
 *
 * @returns settings: the values of the props, and the defaults of undefined props
 * @throws Error if props are invalid; the message lists all errors
 */
export function validatePipeline(pipeline: Construct, received: ThumbnailPipelineProps): PipelineSelection {
  const errors = new ValidationErrors();
  const { errors: typeErrors, props } = validateTypes(received, PIPELINE_TYPES);
  errors.add(typeErrors);
  const selection = selectionOf(pipeline, props);
  const { compute, apiCompute, trigger, usage } = selection;
  const errorsOfAnalysis = props.analysis?._validate() ?? [];
  errors.add(errorsOfAnalysis, 'analysis');
  const maxDuration = processingTimeOf(props, errorsOfAnalysis.length === 0);
  errors.add(validateProps(props));
  if (usage.notifications > 0) {
    errors.add(validateNotificationSuffixes('sourceSuffixes', usage.sourceSuffixes));
  }
  errors.add(validateRegions(pipeline, props));
  const apiAccess = props.apiEnabled === false ? undefined : apiAccessOf(props.api ?? {});
  errors.add(
    compute.validate({
      maxDuration,
      queue: props.queue,
      runsWorker: true,
      apiAccess: apiCompute === compute ? apiAccess : undefined,
    }),
    'compute',
  );
  if (apiCompute !== compute) {
    errors.add(apiCompute.validate({ maxDuration, runsWorker: false, apiAccess }), 'api.compute');
  }
  if (props.sourceBucket) {
    errors.add(trigger.validate(pipeline, props.sourceBucket));
  }
  errors.add(validateUsage(pipeline, usage));
  errors.add(validateQuarantine(pipeline, usage));
  errors.throwIfAny(pipeline);
  return selection;
}

/** Returns the maximum processing time of an image, including its analysis. Ignores an analysis with invalid options. */
function processingTimeOf(props: ThumbnailPipelineProps, isAnalysisValid: boolean): Duration {
  const maxDuration = maxDurationOfAll(props);
  return isAnalysisValid ? (props.analysis?._addTimeout(maxDuration) ?? maxDuration) : maxDuration;
}

function validateProps(props: ThumbnailPipelineProps): string[] {
  return [
    ...(props.thumbnails ? validateThumbnails(props.thumbnails) : []),
    ...validateRules(props.rules ?? [], props),
    ...validatePrefix('sourcePrefix', props.sourcePrefix, MAX_KEY_BYTES),
    ...validateSuffixes('sourceSuffixes', props.sourceSuffixes ?? []),
    ...validatePrefix('thumbnailPrefix', props.thumbnailPrefix, MAX_PREFIX_BYTES),
    ...nested('limits', validateLimits(props.limits ?? {})),
    ...validatePattern(
      'cacheControl',
      props.cacheControl,
      HEADER_PATTERN,
      'a header value in visible ASCII characters',
    ),
    ...validateQueues(props),
    ...nested('api', validatePipelineApiOptions(props.api ?? {}, props)),
    ...validateBuckets(props),
    ...validateApiEnabled(props),
    ...validateEvents(props),
  ];
}

function validateQueues(props: ThumbnailPipelineProps): string[] {
  const errors = [
    ...validateStandardQueue('queue', props.queue),
    ...validateStandardQueue('deadLetterQueue', props.deadLetterQueue),
    ...validateInteger('maxReceiveCount', props.maxReceiveCount, { min: 1, max: 1000 }),
  ];
  if (props.queue) {
    const { path } = props.queue.node;
    for (const [prop, value] of [
      ['deadLetterQueue', props.deadLetterQueue?.node.path],
      ['maxReceiveCount', props.maxReceiveCount],
    ] as const) {
      if (value !== undefined) {
        const finding = `${value} does not apply to the existing queue ${path}`;
        errors.push(validationError(prop, finding, 'set the dead-letter queue of that queue'));
      }
    }
  }
  return errors;
}

function validateStandardQueue(prop: string, queue: IQueue | undefined): string[] {
  if (!queue?.fifo) {
    return [];
  }
  return [validationError(prop, `${queue.node.path} is a FIFO queue`, 'expected a standard queue, which S3 requires')];
}

function validateBuckets(props: ThumbnailPipelineProps): string[] {
  const errors: string[] = [];
  if (props.encryptionKey && props.sourceBucket && props.thumbnailBucket) {
    errors.push(
      validationError(
        'encryptionKey',
        `${props.encryptionKey.node.path} does not apply to existing buckets`,
        'remove encryptionKey; pass the key of an imported bucket to Bucket.fromBucketAttributes()',
      ),
    );
  }
  for (const [prop, options, bucket] of [
    ['sourceBucketOptions', props.sourceBucketOptions, props.sourceBucket],
    ['thumbnailBucketOptions', props.thumbnailBucketOptions, props.thumbnailBucket],
  ] as const) {
    if (options && bucket) {
      errors.push(
        validationError(prop, `options do not apply to the existing bucket ${bucket.node.path}`, 'remove them'),
      );
    }
    if (options?.serverAccessLogsPrefix !== undefined && !options.serverAccessLogsBucket) {
      const finding = 'a prefix requires serverAccessLogsBucket';
      errors.push(validationError(`${prop}.serverAccessLogsPrefix`, finding, 'set serverAccessLogsBucket'));
    }
  }
  if (props.autoDeleteObjects && props.removalPolicy !== RemovalPolicy.DESTROY) {
    const finding = 'true requires removalPolicy DESTROY';
    errors.push(validationError('autoDeleteObjects', finding, 'set removalPolicy to RemovalPolicy.DESTROY'));
  }
  return errors;
}

function validateEvents({ eventBus, eventsEnabled }: ThumbnailPipelineProps): string[] {
  if (!eventBus || eventsEnabled !== false) {
    return [];
  }
  const finding = 'an event bus does not apply if eventsEnabled is false';
  return [validationError('eventBus', finding, 'remove eventBus or set eventsEnabled to true')];
}

function validateApiEnabled({ api, apiEnabled }: ThumbnailPipelineProps): string[] {
  if (!api || apiEnabled !== false) {
    return [];
  }
  return [
    validationError('api', 'options do not apply if apiEnabled is false', 'remove api or set apiEnabled to true'),
  ];
}
