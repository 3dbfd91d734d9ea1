/** Environment variables that every entry point reads. lib/ writes these variables, and runtime/config validates them. */
export const CORE_VARIABLES = {
  /** Kind of object store: one of {@link STORAGE_KINDS}. */
  storage: 'STORAGE',
  /** Name of the bucket with the source images, with `STORAGE=s3`. */
  sourceBucket: 'SOURCE_BUCKET',
  /** Path of the directory with the source images, with `STORAGE=directory`. */
  sourceDirectory: 'SOURCE_DIRECTORY',
  /** Prefix of the source keys that are served. */
  sourcePrefix: 'SOURCE_PREFIX',
  /** JSON array of the suffixes of the source keys that are served. An empty array serves all. */
  sourceSuffixes: 'SOURCE_SUFFIXES',
  /** Name of the bucket with the thumbnails, with `STORAGE=s3`. */
  thumbnailBucket: 'THUMBNAIL_BUCKET',
  /** Path of the directory with the thumbnails, with `STORAGE=directory`. */
  thumbnailDirectory: 'THUMBNAIL_DIRECTORY',
  /** Prefix of all keys in the thumbnail location. */
  thumbnailPrefix: 'THUMBNAIL_PREFIX',
  /** JSON array of {@link ThumbnailSettings}. */
  thumbnails: 'THUMBNAILS',
  /** JSON object of {@link Limits}. Missing limits have their default values. */
  limits: 'LIMITS',
  /**
   * JSON array of rules with `prefix`, `suffix`, `thumbnails` and `limits`. The first rule that applies to a key overrides
   * `THUMBNAILS` and `LIMITS` with its own values.
   */
  rules: 'RULES',
  /**
   * File with values of `THUMBNAILS`, `LIMITS` and `RULES` as members of one JSON object, read at startup: `s3://BUCKET/KEY` or
   * `file:///PATH`. Lambda limits the environment to 4 KB.
   */
  settingsUri: 'SETTINGS_URI',
  /** `true` to render SVG sources. */
  allowSvg: 'ALLOW_SVG',
  /** `true` to scan JPEG sources for corruption. */
  detectJpegCorruption: 'DETECT_JPEG_CORRUPTION',
  /** `true` to read only sources that a malware scan of GuardDuty has tagged as clean. Requires `STORAGE=s3`. */
  requireMalwareScan: 'REQUIRE_MALWARE_SCAN',
  /** JSON object of {@link AnalysisSettings}. Missing numbers have their default values. Default: no analysis. */
  analysis: 'ANALYSIS',
  /** `Cache-Control` header of stored and served thumbnails. */
  cacheControl: 'CACHE_CONTROL',
} as const;

/** Environment variables of metrics. */
export const MONITORING_VARIABLES = {
  /**
   * `true` to emit detailed metrics: counts by error code, counts by format, and bytes. CloudWatch bills each custom metric.
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
   * URL of the SQS queue that receives the keys of on-demand renders. An on-demand render can be interrupted. Therefore, a
   * worker checks the thumbnail set after the render and publishes its event.
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

/** Environment variables for forwarding images beyond the capacity of a process. Every entry point reads these variables. */
export const FORWARDING_VARIABLES = {
  /** URL of the SQS queue whose workers have a larger capacity. Default: no forwarding. */
  queueUrl: 'LARGE_QUEUE_URL',
  /** Size in bytes above which a source is forwarded unread. Default: a size that depends on the memory for rendering. */
  fileSizeBytes: 'LARGE_FROM_BYTES',
  /** Seconds after which rendering stops and the source is forwarded. Default: `maxDurationSeconds` of the limits. */
  durationSeconds: 'LARGE_FROM_SECONDS',
} as const;

/** Environment variables of the quarantine, which the workers read. */
export const QUARANTINE_VARIABLES = {
  /**
   * Name of the bucket that receives infected sources. Requires `REQUIRE_MALWARE_SCAN`. Default: infected sources remain in the
   * source bucket.
   */
  bucket: 'QUARANTINE_BUCKET',
  /** Prefix of the keys in the quarantine. */
  prefix: 'QUARANTINE_PREFIX',
} as const;

/** Environment variables of an analysis, which every entry point reads, in addition to `ANALYSIS`. */
export const ANALYSIS_VARIABLES = {
  /**
   * JSON object of the keys that sign the requests to an HTTP endpoint, in the format of {@link SIGNING_KEYS}, for hosts
   * without Secrets Manager. The last key signs. Default: no signature.
   */
  keys: 'ANALYSIS_KEYS',
  /**
   * URL of the SQS queue of this worker. If the analysis of an image fails, the worker sends the key to this queue, with a
   * delay. Default: `QUEUE_URL`. Without a queue, retries follow the rules of all other failures.
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
   * Prefix of the source keys that a caller can read, such as `{claim:sub}/`, without the source prefix. See {@link
   * KEY_PREFIX_TEMPLATE}. Default: all keys.
   */
  readKeyPrefix: 'READ_KEY_PREFIX',
  /** Prefix of the source keys that a caller can upload and delete, like `READ_KEY_PREFIX`. Default: all keys. */
  writeKeyPrefix: 'WRITE_KEY_PREFIX',
  /** Name or ARN of the Secrets Manager secret with the {@link SIGNING_KEYS}. */
  signingSecret: 'SIGNING_SECRET',
  /** The {@link SIGNING_KEYS} themselves, for hosts without Secrets Manager. */
  signingKeys: 'SIGNING_KEYS',
  /** JSON array of the hosts for which links are valid, such as `img.example.com`. Default: the host of the request. */
  linkHosts: 'LINK_HOSTS',
  /** Longest lifetime of a signed link in seconds. Default: {@link DEFAULT_MAX_LINK_LIFETIME_SECONDS}. */
  maxLinkLifetimeSeconds: 'MAX_LINK_LIFETIME_SECONDS',
  /** JSON array of allowed CORS origins, or `["*"]`. Default: none. API Gateway handles CORS itself. */
  corsOrigins: 'CORS_ORIGINS',
  /** Key of a fallback image, served with the error's status code when a thumbnail is missing or rejected. Default: none. */
  fallbackImage: 'FALLBACK_IMAGE',
  /**
   * URL of the CloudFront distribution, such as `https://img.example.com`. Requests for thumbnails above the response limit are
   * redirected to this URL. Default: a presigned URL of the bucket. If `READ_ACCESS` is `signed`, the presigned URL always
   * applies.
   */
  distributionUrl: 'DISTRIBUTION_URL',
  /**
   * Name or ARN of the secret with the key of the distribution, in the format of {@link SIGNING_KEYS}. The distribution sends
   * the key {@link DISTRIBUTION_KEY_ID} in {@link DISTRIBUTION_HEADER}. Default: none. The API then accepts requests below
   * {@link STORED_PATH} only if `READ_ACCESS` is `open`.
   */
  distributionSecret: 'DISTRIBUTION_SECRET',
  /**
   * `true` to require the key of the distribution on every route except `/health`. Requires `DISTRIBUTION_SECRET`.
   */
  onlyThroughDistribution: 'ONLY_THROUGH_DISTRIBUTION',
  /**
   * Name or ARN of the secret with the private keys of CloudFront signed URLs: a JSON object from ids to keys in PEM format.
   * The URLs of thumbnails in manifests are then signed for `DISTRIBUTION_URL`. Default: none.
   */
  cdnSigningSecret: 'CDN_SIGNING_SECRET',
  /** JSON object from the ids of the private keys to the ids of the public keys in CloudFront. The last key signs. */
  cdnKeyPairIds: 'CDN_KEY_PAIR_IDS',
  /** Minimum lifetime of a CloudFront signed URL in seconds. Default: 3600. */
  cdnLinkLifetimeSeconds: 'CDN_LINK_LIFETIME_SECONDS',
  /** JSON array of the content types of uploads. Default: {@link UPLOAD_CONTENT_TYPES}, and SVG with `ALLOW_SVG`. */
  uploadContentTypes: 'UPLOAD_CONTENT_TYPES',
  /** Maximum size of an upload in bytes. Default: `maxFileSizeBytes` of the limits. */
  uploadMaxSizeBytes: 'UPLOAD_MAX_SIZE_BYTES',
  /**
   * Key template of uploads that name a file but no key, without the source prefix. Default:
   * {@link DEFAULT_UPLOAD_KEY_TEMPLATE}.
   */
  uploadKeyTemplate: 'UPLOAD_KEY_TEMPLATE',
} as const;

/** Environment variables that only the container service reads, in addition to {@link CORE_VARIABLES}. */
export const SERVICE_VARIABLES = {
  /** One of {@link SERVICE_MODES}. Default: `both`. */
  mode: 'SERVICE_MODE',
  /** Source of change events: one of {@link TRIGGERS}. */
  trigger: 'TRIGGER',
  /** URL of the SQS queue, with `TRIGGER=queue`. */
  queueUrl: 'QUEUE_URL',
  /** Visibility timeout of received messages in seconds. The worker extends the timeout while it processes a message. */
  visibilityTimeoutSeconds: 'VISIBILITY_TIMEOUT_SECONDS',
  /** Bearer token that `POST /events` requires, with `TRIGGER=http`. */
  eventsToken: 'EVENTS_TOKEN',
  /**
   * Seconds between two comparisons of both object stores, with `TRIGGER=directory` or `http`. With 0, the service compares the
   * object stores only at startup.
   */
  reconcileIntervalSeconds: 'RECONCILE_INTERVAL_SECONDS',
  /** Address to listen on. */
  host: 'HOST',
  /** Port to listen on. */
  port: 'PORT',
  /** Number of worker processes. Each worker process renders one image at a time. */
  workerProcesses: 'WORKER_PROCESSES',
  /** Resident memory in MiB above which a worker process is stopped. */
  memoryLimitMiB: 'MEMORY_LIMIT_MIB',
  /** Maximum duration of one image in a worker process in seconds, including transfers. */
  jobTimeoutSeconds: 'JOB_TIMEOUT_SECONDS',
  /** Maximum seconds from SIGTERM to the end of the process. */
  stopTimeoutSeconds: 'STOP_TIMEOUT_SECONDS',
  /** Maximum number of queued on-demand renders. Further requests receive 429. */
  maxQueuedRenders: 'MAX_QUEUED_RENDERS',
  /** Maximum size in bytes of a response body. Use the limit of the load balancer or proxy in front of the service. */
  maxResponseBytes: 'MAX_RESPONSE_BYTES',
} as const;
