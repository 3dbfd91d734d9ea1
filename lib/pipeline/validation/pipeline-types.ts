import {
  FLAG,
  instanceWith,
  listOf,
  NUMBER,
  type PropType,
  type StructType,
  TEXT,
  TEXTS,
} from '../../private/prop-types';

const COMPUTE = instanceWith(
  ['validate', 'visibilityTimeout', 'bindWorker', 'bindApi'],
  'a ThumbnailCompute such as ThumbnailCompute.lambda()',
);
const TRIGGER = instanceWith(['validate', 'bind'], 'a ThumbnailTrigger such as ThumbnailTrigger.s3Notification()');
const ANALYSIS = instanceWith(['_settings', '_grant'], 'a ThumbnailAnalysis such as ThumbnailAnalysis.httpEndpoint()');
const ACCESS = instanceWith(['bind'], 'a ThumbnailAccess such as ThumbnailAccess.iam()');
const THUMBNAIL = instanceWith(['_validate', '_settings'], 'a Thumbnail');
const RULE: PropType = {
  expected: 'a ThumbnailRule',
  accepts: (value) => typeof value === 'object' && value !== null && '_options' in value,
};
const BUCKET = instanceWith(['addEventNotification', 'arnForObjects'], 'a bucket such as Bucket.fromBucketName()');
const QUEUE = instanceWith(['grantSendMessages'], 'a queue such as Queue.fromQueueArn()');
const KEY = instanceWith(['grantDecrypt'], 'a KMS key such as Key.fromKeyArn()');
const LOG_GROUP = instanceWith(['grantWrite'], 'a log group such as LogGroup.fromLogGroupName()');
const EVENT_BUS = instanceWith(['grantPutEventsTo'], 'an event bus such as EventBus.fromEventBusArn()');
const DURATION = instanceWith(['toSeconds'], 'a Duration such as Duration.seconds(20)');
const SIZE = instanceWith(['toBytes'], 'a Size such as Size.mebibytes(64)');

/**
 * Types of pipeline props. Without this validation, a value of the wrong type would cause an error without a construct path.
 */
export const PIPELINE_TYPES: StructType = {
  thumbnails: listOf(THUMBNAIL, "an array of thumbnails such as Thumbnail.inside('small', 200)"),
  rules: listOf(RULE, "an array of rules such as ThumbnailRule.prefix('avatars/', { thumbnails })"),
  compute: COMPUTE,
  sourceBucket: BUCKET,
  sourceBucketOptions: {},
  sourcePrefix: TEXT,
  sourceSuffixes: TEXTS,
  trigger: TRIGGER,
  thumbnailBucket: BUCKET,
  thumbnailBucketOptions: {},
  thumbnailPrefix: TEXT,
  encryptionKey: KEY,
  queue: QUEUE,
  deadLetterQueue: QUEUE,
  maxReceiveCount: NUMBER,
  limits: {
    maxFileSize: SIZE,
    maxPixels: NUMBER,
    maxProgressivePixels: NUMBER,
    maxAnimationPixels: NUMBER,
    maxFrames: NUMBER,
    maxDuration: DURATION,
  },
  cacheControl: TEXT,
  allowSvg: FLAG,
  detectJpegCorruption: FLAG,
  analysis: ANALYSIS,
  api: {
    access: ACCESS,
    writeAccess: ACCESS,
    compute: COMPUTE,
    fallbackImage: TEXT,
    throttle: {},
    cors: { allowOrigins: TEXTS },
    uploads: { contentTypes: TEXTS, maxSize: SIZE, keyTemplate: TEXT, allowOrigins: TEXTS },
  },
  apiEnabled: FLAG,
  logGroup: LOG_GROUP,
  autoDeleteObjects: FLAG,
  detailedMetrics: FLAG,
  tracing: FLAG,
  eventsEnabled: FLAG,
  eventBus: EVENT_BUS,
  createOutputs: FLAG,
};
