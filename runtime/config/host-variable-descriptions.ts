import type { HTTP_VARIABLES, SERVICE_VARIABLES } from '../contract';
import type { VariableDescriptions } from './variable-descriptions';

/** Descriptions of the variables of the container service. The order is the order of docs/reference/environment.md. */
export const SERVICE_DESCRIPTIONS: VariableDescriptions<typeof SERVICE_VARIABLES> = {
  mode: {
    default: '`both`',
    values: '`worker`, `api`, `both`',
    meaning: 'runs the worker, the API or both in this container: [modes](../guides/portability.md#modes-and-triggers)',
  },
  trigger: {
    default: '`queue` with `s3`, `directory` with `directory`',
    values: '`queue`, `directory`, `http`',
    meaning: 'way in which the worker detects changed images: [triggers](../guides/portability.md#modes-and-triggers)',
  },
  queueUrl: {
    default: 'required with `queue`',
    values: 'URL',
    meaning: 'SQS queue that receives the events of the source bucket',
  },
  visibilityTimeoutSeconds: {
    default: '`30`',
    values: '2 to 43,200',
    meaning:
      'visibility timeout of received messages; the worker extends the timeout during the processing of an image',
  },
  eventsToken: {
    default: 'required with `http`',
    values: '16 or more ASCII characters',
    meaning: 'bearer token of `POST /events`',
  },
  reconcileIntervalSeconds: {
    default: '`3600` with `directory`, `86400` with `http`',
    values: '0 to 604,800',
    meaning: 'interval between comparisons of the sources with the thumbnails; 0 compares only at startup',
  },
  host: {
    default: '`0.0.0.0`',
    values: 'address',
    meaning: 'address to listen on',
  },
  port: {
    default: '`8080`',
    values: '0 to 65,535',
    meaning: 'port to listen on; 0 for any free port',
  },
  workerProcesses: {
    default: 'number of CPUs, plus 1 if each process still has 512 MiB; fewer if memory is short',
    values: '1 to 256',
    meaning: 'number of worker processes; a worker process renders one image at a time',
  },
  memoryLimitMiB: {
    default: "container's memory divided by the number of worker processes",
    values: '128 to 1,048,576',
    meaning: 'resident memory at which the service restarts a worker process',
  },
  jobTimeoutSeconds: {
    default: '`maxDurationSeconds` + `timeoutSeconds` of `ANALYSIS` + 40',
    values: '1 to 3,600',
    meaning: 'timeout for one image in a worker process, including reads and writes of the object store',
  },
  stopTimeoutSeconds: {
    default: '`30`',
    values: '1 to 3,600',
    meaning: 'maximum time from SIGTERM to the end of the process',
  },
  maxQueuedRenders: {
    default: '16 per worker process',
    values: '1 to 100,000',
    meaning: 'maximum number of queued on-demand renders; further requests receive 429',
  },
  maxResponseBytes: {
    default: 'no limit',
    values: '1 or more',
    meaning: 'largest response that a proxy in front of the service accepts',
  },
};

/** Descriptions of the HTTP API variables, in the order of docs/reference/environment.md. */
export const HTTP_DESCRIPTIONS: VariableDescriptions<typeof HTTP_VARIABLES> = {
  readAccess: {
    default: '`open`',
    values: '`open`, `signed`, `none`',
    meaning:
      'access to thumbnails and manifests; with `open`, requests need no signature, so a proxy must control access; with `none`, these routes do not exist',
  },
  writeAccess: {
    default: '`none`',
    values: '`none`, `open`, `signed`',
    meaning: 'access to the routes for uploads and deletion; with `none`, these routes do not exist',
  },
  readKeyPrefix: {
    default: 'all keys',
    values: 'text such as `{claim:sub}/`',
    meaning:
      'prefix (after `SOURCE_PREFIX`) of the keys that a client can read; a proxy must send the claims of the client: [Private images](../guides/private-images.md#one-prefix-per-user)',
  },
  writeKeyPrefix: {
    default: 'all keys',
    values: 'text such as `{claim:sub}/`',
    meaning: 'prefix of the keys that a client can upload and delete',
  },
  signingSecret: {
    default: 'required with `signed`, unless `SIGNING_KEYS` is set',
    values: 'name or ARN',
    meaning: 'Secrets Manager secret with the keys of [signed links](http-api.md#signed-links)',
  },
  signingKeys: {
    default: 'required with `signed`, unless `SIGNING_SECRET` is set',
    values: 'JSON object of 1 to 4 keys',
    meaning: 'keys of signed links',
  },
  linkHosts: {
    default: 'host of the request',
    values: 'JSON array of host names',
    meaning: 'hosts for which signed links are valid',
  },
  maxLinkLifetimeSeconds: {
    default: '`604800`',
    values: '1 or more',
    meaning: 'maximum lifetime of a signed link',
  },
  corsOrigins: {
    default: 'none',
    values: 'JSON array of origins, or `["*"]`',
    meaning: 'origins whose scripts may read responses',
  },
  fallbackImage: {
    default: 'none',
    values: 'source key',
    meaning: "image to return with the error's status code when an image is missing or rejected",
  },
  distributionUrl: {
    default: 'none',
    values: 'URL',
    meaning:
      'CloudFront URL for redirects of thumbnails over `MAX_RESPONSE_BYTES`; by default, the API redirects to a presigned S3 URL',
  },
  distributionSecret: {
    default: 'none',
    values: 'name or ARN',
    meaning: 'Secrets Manager secret with the header value that CloudFront sends to the API',
  },
  onlyThroughDistribution: {
    default: '`false`',
    values: '`true`, `false`',
    meaning: 'requires the header value in `DISTRIBUTION_SECRET` on every route except `/health`',
  },
  cdnSigningSecret: {
    default: 'none',
    values: 'name or ARN',
    meaning:
      'Secrets Manager secret with private keys in PEM format; manifests then contain links that are signed for `DISTRIBUTION_URL`',
  },
  cdnKeyPairIds: {
    default: 'required with `CDN_SIGNING_SECRET`',
    values: 'JSON object',
    meaning: 'for each id of a private key, the id of its public key in CloudFront',
  },
  cdnLinkLifetimeSeconds: {
    default: '`3600`',
    values: '1 or more',
    meaning: 'minimum lifetime of a link that is signed for CloudFront; the lifetime is at most twice this value',
  },
  uploadContentTypes: {
    default: 'the supported input formats',
    values: 'JSON array of content types',
    meaning: 'content types of uploads',
  },
  uploadMaxSizeBytes: {
    default: '`maxFileSizeBytes`',
    values: '1 or more',
    meaning: 'maximum size of an upload',
  },
  uploadKeyTemplate: {
    default: '`{uuid}/{filename}`',
    values: 'text with `{uuid}`',
    meaning: 'template for the source key of an upload whose request contains `filename` instead of `key`',
  },
};
