import { Hono } from 'hono';
import { pathOf, Problem, problemOf, problemResponse, type HttpApiEnvironment } from '../../../runtime/http';
import { STUDIO_PATH, type StudioSettings } from '../studio-api';
import { designRoutes, type DesignRouteOptions } from './design-routes';
import { imageRoutes, type ImageRouteOptions } from './image-routes';
import { addPage } from './page-files';
import { requireLoopbackHost, requireSameOrigin } from './same-origin';

/** Options of {@link createStudioApp}. */
export interface StudioAppOptions {
  /** HTTP API with the routes of a deployment. */
  readonly deployed: Hono<HttpApiEnvironment>;
  /** Settings that the page shows. */
  readonly page: StudioSettings;
  /** Directory of the built page. */
  readonly pageDirectory: string;
  readonly images: ImageRouteOptions;
  readonly designs: DesignRouteOptions;
}

/** Creates the HTTP API of a deployment and adds the studio: the page at the root, and the routes below `/studio`. */
export function createStudioApp(options: StudioAppOptions): Hono<HttpApiEnvironment> {
  const { deployed, page, pageDirectory, images, designs } = options;
  const app = new Hono<HttpApiEnvironment>({
    getPath: (request, context) => context?.env?.path ?? pathOf(request.url),
  });
  app.use('*', requireLoopbackHost);
  app.use('/', requireSameOrigin);
  app.use(`${STUDIO_PATH}/*`, requireSameOrigin);
  addPage(app, pageDirectory);
  app.get(`${STUDIO_PATH}/settings`, (context) => context.json(page));
  app.route(STUDIO_PATH, imageRoutes(images));
  app.route(STUDIO_PATH, designRoutes(designs));
  app.all(`${STUDIO_PATH}/*`, () => {
    throw new Problem('route-not-found', 'The path does not exist.');
  });
  app.all('*', (context) => deployed.fetch(context.req.raw, context.env));
  app.onError((error, { req }) => problemResponse(problemOf(error), req.path));
  return app;
}
