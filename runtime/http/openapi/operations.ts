import { FORMATS, type OperationId } from '../../contract';
import { contentTypeOf } from '../../engine';
import { ERROR_CODES, type ErrorCode } from '../../errors/error-codes';

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** An operation without its id and its path parameters. */
export interface Operation {
  readonly summary: string;
  /** Query and header parameters. @default - none */
  readonly parameters?: readonly Json[];
  readonly requestBody?: Json;
  readonly responses: Json;
}

/** Names of the schemas that operations refer to. */
export type SchemaName =
  'ReadyImage' | 'RejectedImage' | 'ProcessingImage' | 'UploadRequest' | 'Upload' | 'Health' | 'Problem';

const ref = (name: SchemaName): Json => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: Json): Json => ({ 'application/json': { schema } });
const header = (description: string, type = 'string'): Json => ({ description, schema: { type } });

const IMAGE_CODES: readonly ErrorCode[] = [
  'file-too-large',
  'too-many-pixels',
  'too-many-frames',
  'unsupported-format',
  'empty-file',
  'truncated',
  'corrupt',
];
const LINK_CODES: readonly ErrorCode[] = ['invalid-signature', 'expired-link'];
const SCOPE_CODES: readonly ErrorCode[] = ['key-not-allowed', 'unusable-claims'];
const STORAGE_CODES: readonly ErrorCode[] = [
  'access-denied',
  'storage-throttled',
  'storage-unavailable',
  'storage-not-found',
];
const READ_CODES: readonly ErrorCode[] = [
  'invalid-key',
  ...LINK_CODES,
  ...SCOPE_CODES,
  ...STORAGE_CODES,
  'image-not-found',
  'key-not-served',
  'url-too-long',
  'too-many-requests',
  'internal-error',
  'timeout',
  'out-of-memory',
  'worker-crashed',
  'shutting-down',
  'source-changed',
];

const getThumbnail: Operation = {
  summary: 'Returns a thumbnail. Renders it first if it is missing',
  parameters: [
    {
      name: 'format',
      in: 'query',
      description: 'Format of the thumbnail. Default: negotiated by the Accept header',
      schema: { enum: FORMATS },
    },
    {
      name: 'v',
      in: 'query',
      description: 'First 16 characters of the ETag, as in the URLs of manifests. Makes the response immutable',
      schema: { type: 'string' },
    },
  ],
  responses: {
    '200': {
      description: 'The thumbnail',
      headers: {
        ETag: header('Strong entity tag'),
        'Last-Modified': header('Time at which the thumbnail was stored'),
        'Cache-Control': header('Immutable if v is the version of the current thumbnail'),
        'Content-Disposition': header('inline, with a file name'),
        Vary: header('Accept, if the format is negotiated between several formats'),
      },
      content: Object.fromEntries(FORMATS.map((format) => [contentTypeOf(format), {}])),
    },
    '202': {
      description: 'The image needs more memory or time than the API has. A worker renders it',
      headers: { 'Retry-After': header('Seconds', 'integer') },
      content: json(ref('ProcessingImage')),
    },
    '302': {
      description: 'The thumbnail exceeds the maximum response size',
      headers: { Location: header('URL of the thumbnail') },
    },
    '304': { description: 'Not modified' },
    ...problems([...READ_CODES, ...IMAGE_CODES, 'unknown-thumbnail', 'unknown-format', 'precondition-failed']),
  },
};

const getImage: Operation = {
  summary: 'Returns the manifest of an image, with the URLs of its thumbnails',
  parameters: [
    {
      name: 'Prefer',
      in: 'header',
      description: 'With `wait`, the API renders missing thumbnails before it responds',
      schema: { type: 'string' },
    },
  ],
  responses: {
    '200': {
      description: 'The thumbnails exist, or the image is rejected',
      headers: { ETag: header('Strong entity tag') },
      content: json({ oneOf: [ref('ReadyImage'), ref('RejectedImage')] }),
    },
    '202': {
      description: 'The thumbnails do not exist yet',
      headers: { 'Retry-After': header('Seconds', 'integer') },
      content: json(ref('ProcessingImage')),
    },
    '304': { description: 'Not modified' },
    ...problems(READ_CODES),
  },
};

const deleteImage: Operation = {
  summary: 'Deletes an image. Its thumbnails are deleted asynchronously',
  responses: {
    '204': { description: 'The image was deleted or did not exist' },
    ...problems(['invalid-key', ...LINK_CODES, ...SCOPE_CODES, ...STORAGE_CODES, 'key-not-served', 'internal-error']),
  },
};

const createUpload: Operation = {
  summary: 'Creates a form that uploads one file with a fixed key, type and size',
  parameters: [
    {
      name: 'key',
      in: 'query',
      description: 'Same key as in the request body. Required if links are signed and the body contains a key',
      schema: { type: 'string' },
    },
  ],
  requestBody: { required: true, content: json(ref('UploadRequest')) },
  responses: {
    '201': { description: 'The form', content: json(ref('Upload')) },
    ...problems([
      'invalid-upload',
      'invalid-key',
      ...LINK_CODES,
      ...SCOPE_CODES,
      'key-not-served',
      'file-too-large',
      'unsupported-format',
      'storage-unavailable',
      'internal-error',
    ]),
  },
};

/** Documented operations by id. */
export const OPERATIONS: Readonly<Partial<Record<OperationId, Operation>>> = {
  getThumbnail,
  getThumbnailByQuery: getThumbnail,
  getImage,
  getImageByQuery: getImage,
  deleteImage,
  deleteImageByQuery: deleteImage,
  createUpload,
  getHealth: {
    summary: 'Returns the status of the API',
    responses: { '200': { description: 'The API is available', content: json(ref('Health')) } },
  },
  getOpenApiDocument: {
    summary: 'Returns this document',
    responses: { '200': { description: 'OpenAPI 3.1 document', content: json({ type: 'object' }) } },
  },
};

/** Returns one response for each status. The description of the response lists the error codes. */
function problems(codes: readonly ErrorCode[]): Json {
  const statuses = [...new Set(codes.map((code) => ERROR_CODES[code].status))].sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => [
      String(status),
      {
        description: codes.filter((code) => ERROR_CODES[code].status === status).join(', '),
        ...((status === 429 || status === 503) && { headers: { 'Retry-After': header('Seconds', 'integer') } }),
        content: { 'application/problem+json': { schema: ref('Problem') } },
      },
    ]),
  );
}
