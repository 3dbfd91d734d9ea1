import document from '../../../docs/reference/openapi.json';
import { routesWithAccess } from '../../contract';

/** Options of {@link servedDocument}. */
export interface ServedDocumentOptions {
  readonly version: string;
  /** Whether the API has the routes for writing. */
  readonly writing: boolean;
}

/** Names of schemas that only the operations for writing use. */
const WRITE_SCHEMAS: ReadonlySet<string> = new Set(['UploadRequest', 'Upload']);

/**
 * Returns the OpenAPI document of a running API: the generated file with the version of the API and without disabled
 * operations.
 */
export function servedDocument({ version, writing }: ServedDocumentOptions): object {
  const info = { ...document.info, version };
  if (writing) {
    return { ...document, info };
  }
  const hidden = new Set(
    routesWithAccess('write').flatMap(({ path, methods }) =>
      methods.map((method) => `${method.toLowerCase()} ${path.replace('+}', '}')}`),
    ),
  );
  const paths = Object.entries(document.paths).flatMap(([path, operations]) => {
    const visible = Object.entries(operations).filter(([method]) => !hidden.has(`${method} ${path}`));
    return visible.length > 0 ? [[path, Object.fromEntries(visible)] as const] : [];
  });
  const schemas = Object.entries(document.components.schemas).filter(([name]) => !WRITE_SCHEMAS.has(name));
  return {
    ...document,
    info,
    paths: Object.fromEntries(paths),
    components: { schemas: Object.fromEntries(schemas) },
  };
}
