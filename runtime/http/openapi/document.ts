// The build generates docs/reference/openapi.json with this module. The runtime imports only the generated file.
import type * as v from 'valibot';
import { ROUTES, type OperationId, type Route } from '../../contract';
import { jsonSchemaOf } from '../../pipeline';
import { uploadRequest } from '../uploads/upload-request';
import { OPERATIONS, type Json, type SchemaName } from './operations';
import { health, problemDocument, processingImage, readyImage, rejectedImage, uploadResponse } from './schemas';

const SCHEMAS: Readonly<Record<SchemaName, v.GenericSchema>> = {
  ReadyImage: readyImage,
  ProcessingImage: processingImage,
  RejectedImage: rejectedImage,
  UploadRequest: uploadRequest,
  Upload: uploadResponse,
  Health: health,
  Problem: problemDocument,
};

const KEY_IN_PATH: Json = {
  name: 'key',
  in: 'path',
  required: true,
  description:
    'Key of the image, each segment percent-encoded. Can contain slashes. If the key contains %, +, ?, #, \\, // or a segment . or .., pass it in the query',
  schema: { type: 'string', minLength: 1 },
};
const KEY_IN_QUERY: Json = {
  name: 'key',
  in: 'query',
  required: true,
  description: 'Key of the image, percent-encoded',
  schema: { type: 'string', minLength: 1 },
};
const NAME: Json = {
  name: 'name',
  in: 'path',
  required: true,
  description: 'Name of the thumbnail',
  schema: { type: 'string' },
};

/** Returns the complete OpenAPI document. The document includes the operations for uploads and deletion. */
export function generateDocument(version: string): Json {
  return {
    openapi: '3.1.1',
    info: {
      title: 'cdk-thumbnails',
      version,
      description:
        'Thumbnails of images, rendered after an upload or on request. Every GET operation supports HEAD. ' +
        'The query of a signed link ends with expires, keyid and signature.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths: paths(),
    components: {
      schemas: Object.fromEntries(
        // The schemas allow additional properties, so that later versions can add properties to responses.
        Object.entries(SCHEMAS).map(([name, schema]) => [name, withoutDialect(jsonSchemaOf(schema))]),
      ),
    },
  };
}

function paths(): Json {
  const result: Record<string, Record<string, Json>> = {};
  for (const [id, route] of Object.entries<Route>(ROUTES)) {
    const operation = OPERATIONS[id as OperationId];
    if (operation) {
      const parameters = [...parametersOf(id, route), ...(operation.parameters ?? [])];
      const path = (result[route.path.replace('+}', '}')] ??= {});
      // Routes for GET also have the method HEAD. The document describes only the first method.
      path[route.methods[0]!.toLowerCase()] = {
        operationId: id,
        ...operation,
        ...(parameters.length > 0 && { parameters }),
      };
    }
  }
  return result;
}

function parametersOf(id: string, { path }: Route): Json[] {
  return [
    ...(path.includes('{name}') ? [NAME] : []),
    ...(path.includes('{key+}') ? [KEY_IN_PATH] : []),
    ...(id.endsWith('ByQuery') ? [KEY_IN_QUERY] : []),
  ];
}

/** Removes `$schema` from a schema, because the OpenAPI document already declares the dialect of all schemas. */
function withoutDialect(schema: Json): Json {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== '$schema'));
}
