import { Hono } from 'hono';
import type { CoreSettings } from '../../runtime/contract';
import { pathOf, type HttpApiEnvironment } from '../../runtime/http';
import type { Pipeline } from '../../runtime/pipeline';
import type { ObjectStore } from '../../runtime/storage';
import { galleryPage } from './gallery';

/** What the local app works with. */
export interface StudioAppOptions {
  /** The app of a deployment. */
  readonly deployed: Hono<HttpApiEnvironment>;
  readonly settings: CoreSettings;
  readonly pipeline: Pick<Pipeline, 'serves' | 'manifest'>;
  /** The store that stands for the source bucket. */
  readonly source: ObjectStore;
}

/** The app of a deployment, and a page that shows what is there. */
export function createStudioApp(options: StudioAppOptions): Hono<HttpApiEnvironment> {
  const app = new Hono<HttpApiEnvironment>({
    getPath: (request, context) => context?.env?.path ?? pathOf(request.url),
  });
  app.get('/', (context) => galleryPage(context, options));
  app.all('*', (context) => options.deployed.fetch(context.req.raw, context.env));
  return app;
}
