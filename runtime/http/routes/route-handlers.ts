import type { OperationId } from '../../contract';
import type { HttpApiContext } from '../http-api-options';

/** Handler of a route. */
export type RouteHandler = (context: HttpApiContext) => Promise<Response> | Response;

/** Handlers by operation id. An operation without a handler has no route. */
export type RouteHandlers = Readonly<Partial<Record<OperationId, RouteHandler>>>;

/** Returns the path without its first segments. The function does not decode the path. */
export function restOfPath({ req }: HttpApiContext, segments: number): string {
  return req.path
    .split('/')
    .slice(segments + 1)
    .join('/');
}
