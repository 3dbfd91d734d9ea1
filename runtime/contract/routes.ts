/**
 * Access that a route requires.
 *
 * - `read`: the access that `READ_ACCESS` configures
 * - `write`: the access that `WRITE_ACCESS` configures
 * - `distribution`: the key that a CloudFront distribution sends
 * - `form`: the signed policy in the submitted form
 * - `none`: no access control in the runtime. In API Gateway, these routes have the same authorizer as the `read` routes.
 */
export type RouteAccess = 'read' | 'write' | 'distribution' | 'form' | 'none';

/** HTTP method of a route. */
export type RouteMethod = 'GET' | 'HEAD' | 'POST' | 'DELETE';

/** A route of the HTTP API. */
export interface Route {
  /** Path template in the syntax of API Gateway: `{name}` matches one segment, and `{key+}` matches the rest of the path. */
  readonly path: string;
  readonly methods: readonly RouteMethod[];
  readonly access: RouteAccess;
}

/** Path prefix of stored thumbnails, followed by the key of the stored object: `/stored/cats/tom.jpg/small.webp`. */
export const STORED_PATH = '/stored';

/**
 * Routes of the HTTP API by operation id. The runtime, its OpenAPI document and API Gateway use this table.
 *
 * The table contains `HEAD` in addition to `GET`, because API Gateway does not match `HEAD` requests to `GET` routes.
 */
export const ROUTES = {
  getThumbnail: { path: '/thumbnails/{name}/{key+}', methods: ['GET', 'HEAD'], access: 'read' },
  getThumbnailByQuery: { path: '/thumbnails/{name}', methods: ['GET', 'HEAD'], access: 'read' },
  getImage: { path: '/images/{key+}', methods: ['GET', 'HEAD'], access: 'read' },
  getImageByQuery: { path: '/images', methods: ['GET', 'HEAD'], access: 'read' },
  getHealth: { path: '/health', methods: ['GET', 'HEAD'], access: 'none' },
  getOpenApiDocument: { path: '/openapi.json', methods: ['GET', 'HEAD'], access: 'none' },
  createUpload: { path: '/uploads', methods: ['POST'], access: 'write' },
  submitUploadForm: { path: '/uploads/form', methods: ['POST'], access: 'form' },
  deleteImage: { path: '/images/{key+}', methods: ['DELETE'], access: 'write' },
  deleteImageByQuery: { path: '/images', methods: ['DELETE'], access: 'write' },
  getStoredThumbnail: { path: `${STORED_PATH}/{key+}`, methods: ['GET', 'HEAD'], access: 'distribution' },
} as const satisfies Readonly<Record<string, Route>>;

/** Operation id of a route. */
export type OperationId = keyof typeof ROUTES;

/** Returns the routes that require one of the given kinds of access, in the order of {@link ROUTES}. */
export function routesWithAccess(...access: readonly RouteAccess[]): readonly Route[] {
  return Object.values<Route>(ROUTES).filter((route) => access.includes(route.access));
}
