import { Hono } from 'hono';
import { pathOf, type HttpApiEnvironment } from '../../runtime/http';
import { galleryPage, type GalleryOptions } from './gallery';

/** Options of {@link createStudioApp}. */
export interface StudioAppOptions extends GalleryOptions {
  /** HTTP API as in a deployment. */
  readonly deployed: Hono<HttpApiEnvironment>;
}

/** Creates the HTTP API of a deployment with a page of all images at its root. */
export function createStudioApp({ deployed, ...gallery }: StudioAppOptions): Hono<HttpApiEnvironment> {
  const app = new Hono<HttpApiEnvironment>({
    getPath: (request, context) => context?.env?.path ?? pathOf(request.url),
  });
  app.get('/', (context) => galleryPage(context, gallery));
  app.all('*', (context) => deployed.fetch(context.req.raw, context.env));
  return app;
}
