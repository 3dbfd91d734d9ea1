/** Environment variables that every entry point reads. lib/ writes these variables, and runtime/config validates them. */
export const CORE_VARIABLES = {
  /** Kind of object store: one of {@link STORAGE_KINDS}. */
  storage: 'STORAGE',
  /** Name of the bucket with the source images, with `STORAGE=s3`. */
  sourceBucket: 'SOURCE_BUCKET',
  /** Path of the directory with the source images, with `STORAGE=directory`. */
  sourceDirectory: 'SOURCE_DIRECTORY',
  /** Prefix of the source keys that the runtime processes. */
  sourcePrefix: 'SOURCE_PREFIX',
  /** JSON array of suffixes. The runtime processes only source keys with one of the suffixes. `[]` allows all keys. */
  sourceSuffixes: 'SOURCE_SUFFIXES',
  /** Name of the bucket with the thumbnails, with `STORAGE=s3`. */
  thumbnailBucket: 'THUMBNAIL_BUCKET',
  /** Path of the directory with the thumbnails, with `STORAGE=directory`. */
  thumbnailDirectory: 'THUMBNAIL_DIRECTORY',
  /** Prefix of all keys in the thumbnail location. */
  thumbnailPrefix: 'THUMBNAIL_PREFIX',
  /** JSON array of {@link ThumbnailSettings}. */
  thumbnails: 'THUMBNAILS',
  /** JSON object of {@link Limits}. A limit that is absent has its default value. */
  limits: 'LIMITS',
  /**
   * JSON array of rules with `prefix`, `suffix`, `thumbnails` and `limits`. The first rule that matches a key overrides
   * `THUMBNAILS` and `LIMITS` for this key.
   */
  rules: 'RULES',
  /**
   * URI of a JSON file: `s3://BUCKET/KEY` or `file:///PATH`. The file contains one JSON object with the values of `THUMBNAILS`,
   * `LIMITS` and `RULES`. The runtime reads the file at startup. A file can be larger than 4 KB, the limit of Lambda for all
   * environment variables of a function.
   */
  settingsUri: 'SETTINGS_URI',
  /** `true` to render SVG sources. */
  allowSvg: 'ALLOW_SVG',
  /** `true` to scan JPEG sources for corruption that the decoder ignores. */
  detectJpegCorruption: 'DETECT_JPEG_CORRUPTION',
  /** `true` to read only sources with the tag of a clean GuardDuty malware scan. Requires `STORAGE=s3`. */
  requireMalwareScan: 'REQUIRE_MALWARE_SCAN',
  /** JSON object of {@link AnalysisSettings}. Absent numeric settings have their defaults. Default: no analysis. */
  analysis: 'ANALYSIS',
  /** `Cache-Control` header of stored and served thumbnails. */
  cacheControl: 'CACHE_CONTROL',
} as const;

/** Environment variables of metrics. */
export const MONITORING_VARIABLES = {
  /**
   * `true` to emit detailed metrics: counts by error code, counts by format, and numbers of bytes. CloudWatch bills each custom
   * metric.
   */
  detailedMetrics: 'DETAILED_METRICS',
  /** `prometheus` to serve metrics at `/metrics`. Only the container reads this variable. Default: `none`. */
  metrics: 'METRICS',
} as const;

/** Environment variables of the events about thumbnail sets. */
export const EVENT_VARIABLES = {
  /** Name or ARN of the EventBridge event bus that receives the events. Default: no events. */
  busName: 'EVENT_BUS_NAME',
  /** URL that receives the events as CloudEvents by HTTP POST. Default: no events. */
  url: 'EVENTS_URL',
  /** Bearer token of the requests to `EVENTS_URL`. Default: no authorization. */
  urlToken: 'EVENTS_URL_TOKEN',
  /**
   * URL of the SQS queue that receives the source key of each on-demand render. A worker then reconciles the thumbnail set and
   * publishes the event, because a timeout can interrupt the API before it publishes the event.
   */
  queueUrl: 'EVENT_QUEUE_URL',
} as const;

/** Environment variables of the function that invalidates the cache of a CloudFront distribution. */
export const PURGE_VARIABLES = {
  /** Id of the distribution. */
  distributionId: 'DISTRIBUTION_ID',
  /** Prefix of all keys in the thumbnail location. */
  thumbnailPrefix: CORE_VARIABLES.thumbnailPrefix,
  /** Maximum number of paths of one invalidation. */
  maxPaths: 'MAX_INVALIDATION_PATHS',
} as const;

/**
 * Environment variables for forwarding images that exceed the memory or the time limit of a process. Every entry point reads
 * these variables.
 */
export const FORWARDING_VARIABLES = {
  /** URL of the SQS queue whose workers have more memory or time. Default: no forwarding. */
  queueUrl: 'LARGE_QUEUE_URL',
  /** File size in bytes above which the runtime forwards a source unread. Default: a size based on the memory for rendering. */
  fileSizeBytes: 'LARGE_FROM_BYTES',
  /** Maximum duration of rendering in seconds before the runtime forwards a source. Default: `maxDurationSeconds`. */
  durationSeconds: 'LARGE_FROM_SECONDS',
} as const;

/** Environment variables of the quarantine for infected sources. Only workers read these variables. */
export const QUARANTINE_VARIABLES = {
  /**
   * Name of the bucket that receives infected sources. Requires `REQUIRE_MALWARE_SCAN`. Default: infected sources remain in the
   * source bucket.
   */
  bucket: 'QUARANTINE_BUCKET',
  /** Prefix of the keys in the quarantine. */
  prefix: 'QUARANTINE_PREFIX',
} as const;

/** Environment variables of the analysis in addition to `ANALYSIS`. Every entry point reads these variables. */
export const ANALYSIS_VARIABLES = {
  /**
   * Keys that sign the requests to an HTTP endpoint, for hosts without Secrets Manager: a JSON object in the format of
   * {@link SIGNING_KEYS}. The last key signs requests. Default: no signature.
   */
  keys: 'ANALYSIS_KEYS',
  /**
   * URL of the SQS queue of this worker. If the analysis of an image fails, the worker sends the key to this queue with a
   * delay. Without a queue, the worker retries a failed analysis like any other failure. Default: `QUEUE_URL`.
   */
  queueUrl: 'ANALYSIS_QUEUE_URL',
} as const;

/** Environment variables that only the HTTP API reads, in addition to {@link CORE_VARIABLES}. */
export const HTTP_VARIABLES = {
  /** One of {@link READ_ACCESS}. Default: `open`. */
  readAccess: 'READ_ACCESS',
  /** One of {@link WRITE_ACCESS}. Default: `none`. */
  writeAccess: 'WRITE_ACCESS',
  /**
   * Template for the prefix of the source keys that a user can read, such as `{claim:sub}/`. The template omits the source
   * prefix. See {@link KEY_PREFIX_TEMPLATE}. Default: all keys.
   */
  readKeyPrefix: 'READ_KEY_PREFIX',
  /** Template for the prefix of the source keys that a user can upload and delete. Default: all keys. */
  writeKeyPrefix: 'WRITE_KEY_PREFIX',
  /** Name or ARN of the Secrets Manager secret with the {@link SIGNING_KEYS}. */
  signingSecret: 'SIGNING_SECRET',
  /** JSON object of the {@link SIGNING_KEYS}, for hosts without Secrets Manager. */
  signingKeys: 'SIGNING_KEYS',
  /** JSON array of the hosts for which links are valid, such as `img.example.com`. Default: the host of the request. */
  linkHosts: 'LINK_HOSTS',
  /** Maximum lifetime of a signed link in seconds. Default: {@link DEFAULT_MAX_LINK_LIFETIME_SECONDS}. */
  maxLinkLifetimeSeconds: 'MAX_LINK_LIFETIME_SECONDS',
  /** JSON array of allowed CORS origins, or `["*"]`. Not required behind API Gateway, which handles CORS. Default: none. */
  corsOrigins: 'CORS_ORIGINS',
  /** Source key of an image that replaces missing or rejected images, with the status code of the error. Default: none. */
  fallbackImage: 'FALLBACK_IMAGE',
  /**
   * URL of the CloudFront distribution, such as `https://img.example.com`. The API redirects requests for thumbnails above
   * `MAX_RESPONSE_BYTES` to this URL. Without this URL, or with `READ_ACCESS=signed`, the API redirects to a presigned S3 URL.
   */
  distributionUrl: 'DISTRIBUTION_URL',
  /**
   * Name or ARN of the secret with the key of the CloudFront distribution, in the format of {@link SIGNING_KEYS}. The
   * distribution sends the key {@link DISTRIBUTION_KEY_ID} in {@link DISTRIBUTION_HEADER}. Without a secret, the API accepts
   * requests below {@link STORED_PATH} only if `READ_ACCESS` is `open`. Default: none.
   */
  distributionSecret: 'DISTRIBUTION_SECRET',
  /**
   * `true` to require the key of the distribution on every route except `/health`. Requires `DISTRIBUTION_SECRET`.
   */
  onlyThroughDistribution: 'ONLY_THROUGH_DISTRIBUTION',
  /**
   * Name or ARN of the secret with the private keys of CloudFront signed URLs. The secret is a JSON object that maps ids to
   * keys in PEM format. With a secret, manifests contain thumbnail URLs that are signed for `DISTRIBUTION_URL`. Default: none.
   */
  cdnSigningSecret: 'CDN_SIGNING_SECRET',
  /** JSON object that maps ids of private keys to ids of public keys in CloudFront. The last key signs URLs. */
  cdnKeyPairIds: 'CDN_KEY_PAIR_IDS',
  /** Minimum lifetime of a CloudFront signed URL in seconds. Default: 3600. */
  cdnLinkLifetimeSeconds: 'CDN_LINK_LIFETIME_SECONDS',
  /** JSON array of the content types of uploads. Default: {@link UPLOAD_CONTENT_TYPES}, plus SVG with `ALLOW_SVG=true`. */
  uploadContentTypes: 'UPLOAD_CONTENT_TYPES',
  /** Maximum size of an upload in bytes. Default: `maxFileSizeBytes` of the limits. */
  uploadMaxSizeBytes: 'UPLOAD_MAX_SIZE_BYTES',
  /**
   * Template for the source key of an upload whose request contains no key. The template omits the source prefix.
   * Default: {@link DEFAULT_UPLOAD_KEY_TEMPLATE}.
   */
  uploadKeyTemplate: 'UPLOAD_KEY_TEMPLATE',
} as const;

/** Environment variables that only the container service reads, in addition to {@link CORE_VARIABLES}. */
export const SERVICE_VARIABLES = {
  /** One of {@link SERVICE_MODES}. Default: `both`. */
  mode: 'SERVICE_MODE',
  /** Way in which the worker detects changed sources: one of {@link TRIGGERS}. */
  trigger: 'TRIGGER',
  /** URL of the SQS queue that receives change events, with `TRIGGER=queue`. */
  queueUrl: 'QUEUE_URL',
  /** Visibility timeout of received messages in seconds. The worker extends the timeout while it processes a message. */
  visibilityTimeoutSeconds: 'VISIBILITY_TIMEOUT_SECONDS',
  /** Bearer token that `POST /events` requires, with `TRIGGER=http`. */
  eventsToken: 'EVENTS_TOKEN',
  /**
   * Interval in seconds between two comparisons of the object stores, with `TRIGGER=directory` or `http`. With 0, the service
   * compares the object stores only at startup.
   */
  reconcileIntervalSeconds: 'RECONCILE_INTERVAL_SECONDS',
  /** IP address or host name of the HTTP server. Default: `0.0.0.0`. */
  host: 'HOST',
  /** TCP port of the HTTP server. Default: {@link DEFAULT_PORT}. */
  port: 'PORT',
  /** Number of worker processes. Each worker process renders one image at a time. */
  workerProcesses: 'WORKER_PROCESSES',
  /** Resident memory in MiB above which the service restarts a worker process. */
  memoryLimitMiB: 'MEMORY_LIMIT_MIB',
  /** Timeout in seconds for one image in a worker process, including reads and writes of object stores. */
  jobTimeoutSeconds: 'JOB_TIMEOUT_SECONDS',
  /** Maximum time in seconds from SIGTERM to the end of the process. */
  stopTimeoutSeconds: 'STOP_TIMEOUT_SECONDS',
  /** Maximum number of queued on-demand renders. Further requests receive 429. */
  maxQueuedRenders: 'MAX_QUEUED_RENDERS',
  /** Maximum size in bytes of a response body. Use the limit of the load balancer or proxy in front of the service. */
  maxResponseBytes: 'MAX_RESPONSE_BYTES',
} as const;
