import document from '../../../docs/reference/openapi.json';
import { routesWithAccess } from '../../contract';

/** Options of {@link servedDocument}. */
export interface ServedDocumentOptions {
  readonly version: string;
  /** Whether the API has the routes for reading. */
  readonly reading: boolean;
  /** Whether the API has the routes for writing. */
  readonly writing: boolean;
}

/** Names of the schemas that only reading or only writing operations use. */
const SCHEMAS = {
  read: ['ReadyImage', 'ProcessingImage', 'RejectedImage'],
  write: ['UploadRequest', 'Upload'],
} as const;

/**
 * Returns the OpenAPI document of a running API. The document contains the version of the API, and excludes disabled
 * operations.
 */
export function servedDocument({ version, reading, writing }: ServedDocumentOptions): object {
  const info = { ...document.info, version };
  const disabled = [...(reading ? [] : ['read' as const]), ...(writing ? [] : ['write' as const])];
  if (disabled.length === 0) {
    return { ...document, info };
  }
  const hiddenSchemas = new Set<string>(disabled.flatMap((access) => SCHEMAS[access]));
  const hidden = new Set(
    routesWithAccess(...disabled).flatMap(({ path, methods }) =>
      methods.map((method) => `${method.toLowerCase()} ${path.replace('+}', '}')}`),
    ),
  );
  const paths = Object.entries(document.paths).flatMap(([path, operations]) => {
    const visible = Object.entries(operations).filter(([method]) => !hidden.has(`${method} ${path}`));
    return visible.length > 0 ? [[path, Object.fromEntries(visible)] as const] : [];
  });
  const schemas = Object.entries(document.components.schemas).filter(([name]) => !hiddenSchemas.has(name));
  return {
    ...document,
    info,
    paths: Object.fromEntries(paths),
    components: { schemas: Object.fromEntries(schemas) },
  };
}
