/**
 * Cause of an error.
 *
 * - `request`: The request is invalid or not authorized. The client must change the request.
 * - `image`: The runtime cannot process the source image within the limits.
 * - `runtime`: The runtime fails or is overloaded.
 * - `storage`: The object store fails, or denies access to an object.
 */
export type ErrorKind = 'request' | 'image' | 'runtime' | 'storage';

/** Properties of an error code. */
export interface ErrorCodeDetails {
  readonly kind: ErrorKind;
  /** HTTP status of a response with this code. */
  readonly status: 400 | 401 | 403 | 404 | 405 | 409 | 412 | 413 | 414 | 415 | 422 | 429 | 500 | 503;
  /** Short summary: `title` in RFC 9457. All errors with this code have the same title. */
  readonly title: string;
  /** Whether a later attempt with the same input can succeed. */
  readonly retryable: boolean;
  /** Value of the `Retry-After` header in seconds. @default - no header */
  readonly retryAfterSeconds?: number;
  /** Cause of the error in Markdown. The documentation contains this text. */
  readonly description: string;
  /** Fix for the error in Markdown. The documentation contains this text. */
  readonly remedy: string;
}

/** All error codes of the runtime. A code never changes, because manifests, HTTP responses, logs and clients contain codes. */
export const ERROR_CODES = {
  'invalid-key': {
    kind: 'request',
    status: 400,
    title: 'Invalid key',
    retryable: false,
    description:
      'The key is missing, is longer than 1,024 bytes, contains a NUL character or is not valid percent-encoding. Uploads also reject control characters. A directory rejects names that its file system does not support.',
    remedy: 'Percent-encode each path segment, or pass the key as `?key=`.',
  },
  'unknown-format': {
    kind: 'request',
    status: 400,
    title: 'Unknown thumbnail format',
    retryable: false,
    description: 'The thumbnail has no file in the format that `?format=` requests.',
    remedy: 'Request a format listed in `detail`, or add the format to `formats` of the thumbnail.',
  },
  'invalid-upload': {
    kind: 'request',
    status: 400,
    title: 'Invalid upload request',
    retryable: false,
    description: 'The body of `POST /uploads` is not JSON, or a field is missing or invalid.',
    remedy: 'Correct the field named in `detail`.',
  },
  'invalid-event': {
    kind: 'request',
    status: 400,
    title: 'Unrecognized event',
    retryable: false,
    description:
      'The body of `POST /events` is not an S3 event notification, an EventBridge event or an SNS notification.',
    remedy: 'Check the notification settings of the object store.',
  },
  unauthorized: {
    kind: 'request',
    status: 401,
    title: 'Missing or invalid credentials',
    retryable: false,
    description:
      'A request to `/stored` or `/events` has no valid secret, or a request to an API with `onlyThroughDistribution` does not come from its distribution.',
    remedy: 'Send the token in `EVENTS_TOKEN` with events. Send other requests to the URL of the distribution.',
  },
  'key-not-allowed': {
    kind: 'request',
    status: 403,
    title: 'Key not allowed',
    retryable: false,
    description: 'The key does not start with the key prefix of the client (`keyPrefix`), or contains a dot segment.',
    remedy: 'Use a key that starts with the prefix in `detail`, or upload with a file name instead of a key.',
  },
  'unusable-claims': {
    kind: 'request',
    status: 403,
    title: 'Claims missing or unusable',
    retryable: false,
    description:
      'The authorizer passes no value for a placeholder of `keyPrefix`, or a value with characters that a key prefix cannot contain.',
    remedy:
      'Add the claim to the token, or the value to the context of the Lambda authorizer. Use a claim such as `sub`, which is unique and never changes.',
  },
  'access-denied': {
    kind: 'storage',
    status: 403,
    title: 'Access to the image denied',
    retryable: true,
    description: 'A bucket policy, a KMS key policy or file permissions deny the runtime access to the object.',
    remedy:
      'Grant the runtime access. For an imported bucket, also pass its `encryptionKey`. The log contains the original message.',
  },
  archived: {
    kind: 'storage',
    status: 409,
    title: 'Archived image',
    retryable: false,
    description:
      'The storage class of the source is S3 Glacier Flexible Retrieval, S3 Glacier Deep Archive or an archive tier of S3 Intelligent-Tiering. The pipeline keeps existing thumbnails.',
    remedy: 'Restore the object. The event of the completed restore creates the thumbnails.',
  },
  'not-scanned': {
    kind: 'storage',
    status: 409,
    title: 'Malware scan has not ended',
    retryable: true,
    retryAfterSeconds: 5,
    description:
      'GuardDuty has not scanned the source yet. It does not automatically scan sources that are older than the protection plan. The pipeline keeps existing thumbnails.',
    remedy: 'Repeat the request. Start a scan for an image that is older than the protection plan.',
  },
  infected: {
    kind: 'image',
    status: 422,
    title: 'Infected image',
    retryable: false,
    description: 'GuardDuty found malware in the source.',
    remedy: 'Delete the source.',
  },
  'scan-unsupported': {
    kind: 'image',
    status: 422,
    title: 'Image that cannot be scanned',
    retryable: false,
    description:
      'GuardDuty does not support the source, for example because the source exceeds a quota or has an archive storage class.',
    remedy: 'Compare the source with the quotas of Malware Protection for S3.',
  },
  'scan-denied': {
    kind: 'image',
    status: 422,
    title: 'Malware scan without access',
    retryable: false,
    description: 'GuardDuty has no permission to read the source.',
    remedy: 'Grant the role of the protection plan access to the source and its KMS key, and start another scan.',
  },
  'scan-failed': {
    kind: 'image',
    status: 422,
    title: 'Failed malware scan',
    retryable: false,
    description: 'The malware scan ended with an internal error, or with an unknown status.',
    remedy: 'Start another scan. The pipeline processes the image again after the scan.',
  },
  moderated: {
    kind: 'image',
    status: 422,
    title: 'Moderated image',
    retryable: false,
    description: 'The analysis of the pipeline rejected the content of the source.',
    remedy: 'Upload another image, or change the settings of the analysis.',
  },
  'analysis-failed': {
    kind: 'image',
    status: 422,
    title: 'Image that cannot be analysed',
    retryable: false,
    description: 'The analysis failed in all attempts, and the pipeline rejects images without an analysis.',
    remedy: 'Correct the cause in the log, and upload the image again.',
  },
  'analysis-throttled': {
    kind: 'runtime',
    status: 503,
    title: 'Analysis throttled',
    retryable: true,
    retryAfterSeconds: 30,
    description: 'The service that analyses images throttled the request.',
    remedy: 'Request a higher quota of the service, or wait. The runtime repeats the analysis.',
  },
  'analysis-unavailable': {
    kind: 'runtime',
    status: 503,
    title: 'Analysis unavailable',
    retryable: true,
    retryAfterSeconds: 30,
    description:
      'The service that analyses images did not respond in time, denied access, or returned an error or an invalid response.',
    remedy: 'Check the message in the log, the permissions and the network. The runtime repeats the analysis.',
  },
  'invalid-signature': {
    kind: 'request',
    status: 403,
    title: 'Invalid signature',
    retryable: false,
    description:
      'The request has no valid signed link: a client changed the link, the link has another method or host, or the signing key is unknown.',
    remedy: 'Sign the link again. Add custom domains to `hosts` of `ThumbnailAccess.signed()`.',
  },
  'expired-link': {
    kind: 'request',
    status: 403,
    title: 'Expired link',
    retryable: false,
    description: 'The signed link has expired.',
    remedy: 'Sign a new link. Check the clock of the signer.',
  },
  'invalid-upload-form': {
    kind: 'request',
    status: 403,
    title: 'Invalid upload form',
    retryable: false,
    description:
      'A client changed the upload form, the form has expired, or the file does not match the policy of the form.',
    remedy: 'Request a new form. Send its fields unchanged, followed by the field `file`.',
  },
  'route-not-found': {
    kind: 'request',
    status: 404,
    title: 'Route not found',
    retryable: false,
    description: 'The path does not exist.',
    remedy: 'Use a path listed in `detail`. Write routes require `writeAccess`.',
  },
  'unknown-thumbnail': {
    kind: 'request',
    status: 404,
    title: 'Unknown thumbnail',
    retryable: false,
    description: 'The configuration has no thumbnail of this name.',
    remedy: 'Use a name listed in `detail`.',
  },
  'key-not-served': {
    kind: 'request',
    status: 404,
    title: 'Key not served',
    retryable: false,
    description: 'The key does not start with `sourcePrefix` or does not end with one of `sourceSuffixes`.',
    remedy: 'Pass the complete key, including its prefix.',
  },
  'image-not-found': {
    kind: 'request',
    status: 404,
    title: 'Image not found',
    retryable: false,
    description: 'The source bucket has no object with this key.',
    remedy: 'Check the key: case, spaces and prefix.',
  },
  'method-not-allowed': {
    kind: 'request',
    status: 405,
    title: 'Method not allowed',
    retryable: false,
    description: 'The path does not support the method.',
    remedy: 'Use a method listed in the `Allow` header.',
  },
  'precondition-failed': {
    kind: 'request',
    status: 412,
    title: 'Precondition failed',
    retryable: false,
    description: 'The thumbnail does not match `If-Match` or `If-Unmodified-Since`.',
    remedy: 'Request the thumbnail again.',
  },
  'file-too-large': {
    kind: 'image',
    status: 413,
    title: 'File too large',
    retryable: false,
    description:
      'The file exceeds `limits.maxFileSize`, a HEIC exceeds 0.3 bytes per pixel of `limits.maxPixels` (15 MB by default), or an upload exceeds the size in its form.',
    remedy: 'Reduce the file, or raise the limit.',
  },
  'too-many-pixels': {
    kind: 'image',
    status: 413,
    title: 'Too many pixels',
    retryable: false,
    description: 'The image exceeds `limits.maxPixels`, `maxProgressivePixels` or `maxAnimationPixels`.',
    remedy: 'Reduce the image, or raise the limit and the memory.',
  },
  'too-many-frames': {
    kind: 'image',
    status: 413,
    title: 'Too many frames',
    retryable: false,
    description:
      'An animated thumbnail exceeds `limits.maxFrames`, or the file contains more frames, directories or items than decoders can read at reasonable cost.',
    remedy:
      'Raise `limits.maxFrames`, or set `animated: false`. For too many directories or items, save the image again.',
  },
  'url-too-long': {
    kind: 'request',
    status: 414,
    title: 'URL too long',
    retryable: false,
    description: 'The URL has more than 8,192 characters.',
    remedy: 'Shorten the query.',
  },
  'unsupported-format': {
    kind: 'image',
    status: 415,
    title: 'Unsupported image format',
    retryable: false,
    description:
      'The content has none of the formats JPEG, PNG, WebP, AVIF, GIF, TIFF and HEIC, or uses an unsupported codec or compression. SVG requires `allowSvg`. For uploads: the content type is not one of `uploads.contentTypes`.',
    remedy: 'Convert the image to a supported format. The file name has no effect.',
  },
  'empty-file': {
    kind: 'image',
    status: 422,
    title: 'Empty file',
    retryable: false,
    description: 'The object is empty. Typical causes are an aborted upload and a folder of the S3 console.',
    remedy: 'Upload the image again.',
  },
  truncated: {
    kind: 'image',
    status: 422,
    title: 'Truncated image',
    retryable: false,
    description: 'The end of the file is missing.',
    remedy: 'Upload the image again. Check that the client waits for the end of each upload.',
  },
  corrupt: {
    kind: 'image',
    status: 422,
    title: 'Corrupt image',
    retryable: false,
    description: 'The file violates the rules of its format, and no decoder can read it.',
    remedy: 'Open the image in an editor and save it again.',
  },
  'too-many-requests': {
    kind: 'runtime',
    status: 429,
    title: 'Too many requests',
    retryable: true,
    retryAfterSeconds: 2,
    description:
      'The queue for on-demand renders, events or uploads is full. Only containers and the local studio return this code.',
    remedy: 'Retry after `Retry-After`. Add tasks, or raise `MAX_QUEUED_RENDERS`.',
  },
  'internal-error': {
    kind: 'runtime',
    status: 500,
    title: 'Internal error',
    retryable: true,
    description: 'The runtime failed unexpectedly.',
    remedy: 'Read the log entry of the request and report the error.',
  },
  timeout: {
    kind: 'image',
    status: 503,
    title: 'Timeout',
    retryable: true,
    retryAfterSeconds: 30,
    description: 'Rendering exceeded `limits.maxDuration`, or a worker process exceeded `JOB_TIMEOUT_SECONDS`.',
    remedy: 'Raise the limit, add memory on Lambda, request fewer AVIF thumbnails, or lower `effort`.',
  },
  'out-of-memory': {
    kind: 'image',
    status: 503,
    title: 'Out of memory',
    retryable: true,
    retryAfterSeconds: 30,
    description: 'Decoding or encoding exceeded the available memory.',
    remedy: 'Add memory, or lower the pixel limits.',
  },
  'worker-crashed': {
    kind: 'runtime',
    status: 503,
    title: 'Worker process crashed',
    retryable: true,
    retryAfterSeconds: 30,
    description: 'The worker process of a container crashed while it processed the image.',
    remedy: 'SQS delivers the message again, up to `maxReceiveCount` times. Report the error.',
  },
  'shutting-down': {
    kind: 'runtime',
    status: 503,
    title: 'Service shutting down',
    retryable: true,
    retryAfterSeconds: 1,
    description: 'The container is stopping.',
    remedy: 'Retry the request; another task serves it.',
  },
  'event-not-published': {
    kind: 'runtime',
    status: 503,
    title: 'Event not published',
    retryable: true,
    retryAfterSeconds: 2,
    description: 'The event bus or the URL in `EVENTS_URL` did not accept an event.',
    remedy: 'Read the reason in the log. Check the policy of the event bus, or the receiver at the URL.',
  },
  'message-not-queued': {
    kind: 'runtime',
    status: 503,
    title: 'Message not queued',
    retryable: true,
    retryAfterSeconds: 2,
    description:
      'The queue did not accept the message about an on-demand render. Without this message, no worker completes the render after an interruption.',
    remedy: 'Retry the request. Read the reason in the log. Grant the HTTP API `sqs:SendMessage` on the queue.',
  },
  'source-changed': {
    kind: 'runtime',
    status: 503,
    title: 'Source changed while it was processed',
    retryable: true,
    retryAfterSeconds: 1,
    description: 'Clients replaced the source repeatedly during the processing.',
    remedy: 'Retry the request.',
  },
  'storage-throttled': {
    kind: 'storage',
    status: 503,
    title: 'Object store throttled the request',
    retryable: true,
    retryAfterSeconds: 2,
    description: 'The object store rejected the request because the request rate is too high (`SlowDown`).',
    remedy: 'The runtime retries requests. Distribute keys over several prefixes, or lower `maxConcurrency`.',
  },
  'storage-unavailable': {
    kind: 'storage',
    status: 503,
    title: 'Object store unavailable',
    retryable: true,
    retryAfterSeconds: 5,
    description: 'The object store did not respond, or responded with an internal error.',
    remedy: 'In a VPC, check the gateway endpoint for S3, security groups and DNS.',
  },
  'storage-not-found': {
    kind: 'storage',
    status: 503,
    title: 'Bucket or directory not found',
    retryable: true,
    retryAfterSeconds: 30,
    description: 'The bucket or the directory does not exist.',
    remedy: 'Check the names of the buckets or directories in the environment.',
  },
} as const satisfies Readonly<Record<string, ErrorCodeDetails>>;

/** One of {@link ERROR_CODES}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** Returns the properties of an error code. */
export function errorCodeDetails(code: ErrorCode): ErrorCodeDetails {
  return ERROR_CODES[code];
}
