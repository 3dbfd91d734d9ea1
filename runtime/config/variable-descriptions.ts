import type {
  ANALYSIS_VARIABLES,
  CORE_VARIABLES,
  EVENT_VARIABLES,
  FORWARDING_VARIABLES,
  MONITORING_VARIABLES,
  QUARANTINE_VARIABLES,
} from '../contract';

/** Description of an environment variable in Markdown, for docs/reference/environment.md. */
export interface VariableDescription {
  /** Default value in backticks, or a description of the default. */
  readonly default: string;
  /** Accepted values. */
  readonly values: string;
  /** Meaning, without a full stop. */
  readonly meaning: string;
}

/** Descriptions of a group of environment variables, by name of the setting. */
export type VariableDescriptions<Variables> = Readonly<Record<keyof Variables, VariableDescription>>;

/** Descriptions of the variables for images and thumbnails, in the order of docs/reference/environment.md. */
export const CORE_DESCRIPTIONS: VariableDescriptions<typeof CORE_VARIABLES> = {
  storage: {
    default: '`s3`',
    values: '`s3`, `directory`',
    meaning: 'kind of object store for sources and thumbnails',
  },
  sourceBucket: {
    default: 'required with `s3`',
    values: 'bucket name',
    meaning: 'bucket of the sources',
  },
  sourceDirectory: {
    default: 'required with `directory`',
    values: 'path',
    meaning: 'directory of the sources',
  },
  sourcePrefix: {
    default: 'empty',
    values: 'key prefix',
    meaning: 'processes only keys with this prefix',
  },
  sourceSuffixes: {
    default: '`[]`',
    values: 'JSON array of strings',
    meaning: 'processes only keys with one of these suffixes, ignoring case; `[]` for all',
  },
  thumbnailBucket: {
    default: 'required with `s3`',
    values: 'bucket name',
    meaning: 'bucket of the thumbnails',
  },
  thumbnailDirectory: {
    default: 'required with `directory`',
    values: 'path',
    meaning: 'directory of the thumbnails',
  },
  thumbnailPrefix: {
    default: 'empty',
    values: 'key prefix, at most 512 bytes',
    meaning: 'prefix of all thumbnail keys',
  },
  thumbnails: {
    default: 'required',
    values:
      'JSON array of 1 to 50 objects with `name`, `fit`, `width`, `height`, `formats`, and optionally `position`, `background`, `enlarge`, `animated`, `keepMetadata` (`copyright`, `artist`, `description`, `icc`)',
    meaning: 'thumbnails to create',
  },
  limits: {
    default: 'the defaults in [Limits](#limits)',
    values: 'JSON object',
    meaning: 'limits on sources',
  },
  rules: {
    default: '`[]`',
    values: 'JSON array of objects with `prefix`, `suffix`, `thumbnails`, `limits`',
    meaning: 'other thumbnails and limits for keys with a prefix or suffix; the first rule that matches a key applies',
  },
  settingsUri: {
    default: 'none',
    values: '`s3://BUCKET/KEY` or `file:///PATH`',
    meaning: 'JSON file with the values of `THUMBNAILS`, `LIMITS` and `RULES`; the runtime reads this file at startup',
  },
  allowSvg: {
    default: '`false`',
    values: '`true`, `false`',
    meaning: 'renders SVG sources; [only for trusted uploaders](../explanation/bad-images.md#results)',
  },
  detectJpegCorruption: {
    default: '`false`',
    values: '`true`, `false`',
    meaning: 'scans JPEGs for corruption that the decoder does not report',
  },
  requireMalwareScan: {
    default: '`false`',
    values: '`true`, `false`',
    meaning: 'reads only sources that GuardDuty has tagged as clean; requires `STORAGE=s3`',
  },
  analysis: {
    default: 'no analysis',
    values: 'JSON object, see [Analysis](#analysis)',
    meaning: 'analyses images before the creation of thumbnails',
  },
  cacheControl: {
    default: '`public, max-age=86400, stale-while-revalidate=604800`',
    values: 'header value',
    meaning: '`Cache-Control` header of thumbnails',
  },
};

/** Descriptions of the monitoring variables, in the order of docs/reference/environment.md. */
export const MONITORING_DESCRIPTIONS: VariableDescriptions<typeof MONITORING_VARIABLES> = {
  detailedMetrics: {
    default: '`false`',
    values: '`true`, `false`',
    meaning:
      'emits [detailed metrics](../guides/monitoring.md#detailed-metrics): bytes, and counts by error code and by format; AWS bills each metric',
  },
  metrics: {
    default: '`none`',
    values: '`none`, `prometheus`',
    meaning: 'serves metrics at [`/metrics`](../guides/monitoring.md#prometheus) in the container',
  },
};

/** Descriptions of the event variables, in the order of docs/reference/environment.md. */
export const EVENT_DESCRIPTIONS: VariableDescriptions<typeof EVENT_VARIABLES> = {
  busName: {
    default: 'none',
    values: 'name or ARN',
    meaning: 'EventBridge event bus that receives the events',
  },
  url: {
    default: 'none',
    values: 'URL',
    meaning: 'URL to which the service sends CloudEvents by HTTP POST; not allowed together with `EVENT_BUS_NAME`',
  },
  urlToken: {
    default: 'none',
    values: 'ASCII characters',
    meaning: 'bearer token in the requests to `EVENTS_URL`',
  },
  queueUrl: {
    default: '`QUEUE_URL` with `TRIGGER=queue`, otherwise none',
    values: 'URL',
    meaning:
      'SQS queue that receives the source key of each on-demand render; a worker then reconciles its thumbnail set and publishes an event',
  },
};

/** Descriptions of the forwarding variables, in the order of docs/reference/environment.md. */
export const FORWARDING_DESCRIPTIONS: VariableDescriptions<typeof FORWARDING_VARIABLES> = {
  queueUrl: {
    default: 'none',
    values: 'URL',
    meaning: 'SQS queue that receives the keys of forwarded images; must differ from `QUEUE_URL`',
  },
  fileSizeBytes: {
    default: 'depends on the memory for rendering',
    values: '1 or more',
    meaning: 'file size in bytes above which the worker forwards the key without reading the file',
  },
  durationSeconds: {
    default: '`maxDurationSeconds`',
    values: '1 to 43200',
    meaning: 'duration in seconds after which the worker stops rendering and forwards the key',
  },
};

/** Descriptions of the quarantine variables, in the order of docs/reference/environment.md. */
export const QUARANTINE_DESCRIPTIONS: VariableDescriptions<typeof QUARANTINE_VARIABLES> = {
  bucket: {
    default: 'infected sources remain in the source bucket',
    values: 'bucket name',
    meaning: 'bucket that receives infected sources; requires `REQUIRE_MALWARE_SCAN`',
  },
  prefix: {
    default: 'empty',
    values: 'start of a key',
    meaning:
      'prefix of the keys in the quarantine; must not overlap with `SOURCE_PREFIX` or `THUMBNAIL_PREFIX` in the same bucket',
  },
};

/** Descriptions of the analysis variables, in the order of docs/reference/environment.md. */
export const ANALYSIS_DESCRIPTIONS: VariableDescriptions<typeof ANALYSIS_VARIABLES> = {
  keys: {
    default: 'no signature',
    values: 'JSON object of 1 to 4 keys',
    meaning: 'keys that sign the requests to an HTTP endpoint, for hosts without Secrets Manager',
  },
  queueUrl: {
    default: '`QUEUE_URL`',
    values: 'URL',
    meaning: 'queue of this worker; after a failed analysis, the worker sends the key to this queue with a delay',
  },
};
