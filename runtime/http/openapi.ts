import * as z from 'zod';
import { FORMATS } from '../contract';
import { contentTypeOf } from '../engine';
import { ERROR_CODES, type ErrorCode } from '../errors/error-codes';
import {
  rejectedImage,
  health,
  problemDocument,
  processingImage,
  readyImage,
  uploadAnswer,
  uploadRequest,
} from './schemas';

/** Which of the routes there are. */
export interface OpenApiOptions {
  readonly version: string;
  /** Whether there are those that write. */
  readonly writing: boolean;
}

/** A value of JSON's objects. */
type Json = Readonly<Record<string, unknown>>;

const COMPONENTS = {
  ReadyImage: readyImage,
  ProcessingImage: processingImage,
  FailedImage: rejectedImage,
  UploadRequest: uploadRequest,
  Upload: uploadAnswer,
  Health: health,
  Problem: problemDocument,
} as const;

const ref = (name: keyof typeof COMPONENTS): Json => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: Json): Json => ({ 'application/json': { schema } });
const header = (description: string): Json => ({ description, schema: { type: 'string' } });

const KEY_IN_PATH: Json = {
  name: 'key',
  in: 'path',
  required: true,
  description:
    'Key of the source, every segment percent-encoded; it can hold slashes. Keys with %, +, ?, #, \\, // or dots alone between slashes are given in the query',
  schema: { type: 'string', minLength: 1 },
};
const KEY_IN_QUERY: Json = {
  name: 'key',
  in: 'query',
  required: true,
  description: 'Key of the source, percent-encoded; any key',
  schema: { type: 'string', minLength: 1 },
};
const THUMBNAIL_PARAMETERS: readonly Json[] = [
  { name: 'name', in: 'path', required: true, description: 'Name of the thumbnail', schema: { type: 'string' } },
  {
    name: 'format',
    in: 'query',
    description: 'One of the formats that the thumbnail is made in. Default: what Accept likes best',
    schema: { enum: FORMATS },
  },
  {
    name: 'v',
    in: 'query',
    description: 'First 16 characters of the ETag: the answer can then be kept for good. The URLs in manifests have it',
    schema: { type: 'string' },
  },
];
const READING: readonly ErrorCode[] = [
  'invalid-key',
  'invalid-signature',
  'expired-link',
  'access-denied',
  'image-not-found',
];
const READING_FAILURES: readonly ErrorCode[] = [
  ...READING,
  'key-not-served',
  'url-too-long',
  'too-many-requests',
  'internal-error',
  'timeout',
  'out-of-memory',
  'worker-crashed',
  'shutting-down',
  'source-changed',
  'storage-throttled',
  'storage-unavailable',
];
const IMAGE_FAILURES: readonly ErrorCode[] = [
  'file-too-large',
  'too-many-pixels',
  'too-many-frames',
  'unsupported-format',
  'empty-file',
  'truncated',
  'corrupt',
];

/** The OpenAPI description of this API, whose shapes are the ones that its routes work with. */
export function openApiDocument({ version, writing }: OpenApiOptions): Json {
  return {
    openapi: '3.1.1',
    info: {
      title: 'cdk-thumbnails',
      version,
      description:
        'Thumbnails of images, made when the images come or when they are asked for. HEAD is answered as GET. ' +
        'Where links are signed, their query ends with expires, keyid and signature.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: { ...readingPaths(writing), ...(writing && uploadPaths()), ...aboutPaths() },
    components: { schemas: schemas(writing) },
  };
}

function readingPaths(writing: boolean): Json {
  const thumbnail = (id: string, key: Json): Json => ({ get: thumbnailOperation(id, key) });
  const image = (id: string, key: Json): Json => ({
    get: imageOperation(`get${id}`, key),
    ...(writing && { delete: deleteOperation(`delete${id}`, key) }),
  });
  return {
    '/thumbnails/{name}/{key}': thumbnail('getThumbnail', KEY_IN_PATH),
    '/thumbnails/{name}': thumbnail('getThumbnailByQuery', KEY_IN_QUERY),
    '/images/{key}': image('Image', KEY_IN_PATH),
    '/images': image('ImageByQuery', KEY_IN_QUERY),
  };
}

function thumbnailOperation(operationId: string, key: Json): Json {
  const content = Object.fromEntries(FORMATS.map((format) => [contentTypeOf(format), {}]));
  return {
    operationId,
    summary: 'A thumbnail: the stored one, or one that is made on the spot',
    parameters: [...THUMBNAIL_PARAMETERS, key],
    responses: {
      '200': {
        description: 'The thumbnail',
        headers: {
          ETag: header('Strong; changes with the bytes'),
          'Last-Modified': header('When it was stored'),
          'Cache-Control': header('immutable where the URL has the version'),
          'Content-Disposition': header('inline, and a name for who saves it'),
          Vary: header('Accept, where there is more than one format to choose from'),
        },
        content,
      },
      '302': {
        description: 'It is larger than an answer can be: Location has it',
        headers: { Location: header('Where') },
      },
      '304': { description: 'The client has it' },
      ...problems([
        ...READING_FAILURES,
        ...IMAGE_FAILURES,
        'unknown-thumbnail',
        'unknown-format',
        'precondition-failed',
      ]),
    },
  };
}

function imageOperation(operationId: string, key: Json): Json {
  return {
    operationId,
    summary: 'What is known of an image, and the URLs of its thumbnails',
    parameters: [
      key,
      {
        name: 'Prefer',
        in: 'header',
        description: 'wait: the thumbnails are made before the answer, if they are not there',
        schema: { type: 'string' },
      },
    ],
    responses: {
      '200': {
        description: 'The thumbnails are there, or the image was refused',
        headers: { ETag: header('Strong; changes with the answer') },
        content: json({ oneOf: [ref('ReadyImage'), ref('FailedImage')] }),
      },
      '202': {
        description: 'The thumbnails are not made yet',
        headers: { 'Retry-After': header('Seconds') },
        content: json(ref('ProcessingImage')),
      },
      '304': { description: 'The client has it' },
      ...problems(READING_FAILURES),
    },
  };
}

function deleteOperation(operationId: string, key: Json): Json {
  return {
    operationId,
    summary: 'Removes an image; its thumbnails follow',
    parameters: [key],
    responses: {
      '204': { description: 'It is gone, whether it was there or not' },
      ...problems([...READING, 'key-not-served', 'storage-throttled', 'storage-unavailable', 'internal-error']),
    },
  };
}

function uploadPaths(): Json {
  return {
    '/uploads': {
      post: {
        operationId: 'createUpload',
        summary: 'A form that uploads one file of one key, type and size',
        parameters: [
          {
            name: 'key',
            in: 'query',
            description:
              'The only key that the request may name. Where links are signed, no key can be named without it',
            schema: { type: 'string' },
          },
        ],
        requestBody: { required: true, content: json(ref('UploadRequest')) },
        responses: {
          '201': { description: 'The form', content: json(ref('Upload')) },
          ...problems([
            'invalid-upload',
            'invalid-key',
            'invalid-signature',
            'expired-link',
            'key-not-served',
            'file-too-large',
            'unsupported-format',
            'storage-unavailable',
            'internal-error',
          ]),
        },
      },
    },
  };
}

function aboutPaths(): Json {
  return {
    '/health': {
      get: {
        operationId: 'getHealth',
        summary: 'Whether the program answers',
        responses: { '200': { description: 'It does', content: json(ref('Health')) } },
      },
    },
    '/openapi.json': {
      get: {
        operationId: 'getDescription',
        summary: 'This description',
        responses: { '200': { description: 'OpenAPI 3.1', content: json({ type: 'object' }) } },
      },
    },
  };
}

/** An answer for each status, whose description names the codes. */
function problems(codes: readonly ErrorCode[]): Json {
  const statuses = [...new Set(codes.map((code) => ERROR_CODES[code].status))].sort((a, b) => a - b);
  return Object.fromEntries(
    statuses.map((status) => [
      String(status),
      {
        description: codes.filter((code) => ERROR_CODES[code].status === status).join(', '),
        ...(status === 503 && { headers: { 'Retry-After': header('Seconds') } }),
        content: { 'application/problem+json': { schema: ref('Problem') } },
      },
    ]),
  );
}

function schemas(writing: boolean): Json {
  return Object.fromEntries(
    Object.entries(COMPONENTS)
      .filter(([name]) => writing || !name.startsWith('Upload'))
      // As what is read, since what is sent may get more properties one day.
      .map(([name, schema]) => [name, withoutDialect(z.toJSONSchema(schema, { io: 'input' }))]),
  );
}

/** A schema within a document that has named its dialect. */
function withoutDialect(schema: Json): Json {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$schema'));
}
