import { Hono } from 'hono';
import type { Settings } from '../../runtime/contract';
import { pathOf, type AppEnvironment } from '../../runtime/http';
import type { Pipeline } from '../../runtime/pipeline';
import type { Store } from '../../runtime/storage';
import { galleryPage } from './gallery';

/** What the local app works with. */
export interface LocalAppOptions {
  /** The app of a deployment. */
  readonly deployed: Hono<AppEnvironment>;
  readonly settings: Settings;
  readonly pipeline: Pick<Pipeline, 'serves' | 'manifest'>;
  /** The store that stands for the source bucket. */
  readonly source: Store;
}

/** The app of a deployment, and a page that shows what is there. */
export function createLocalApp(options: LocalAppOptions): Hono<AppEnvironment> {
  const app = new Hono<AppEnvironment>({ getPath: (request, context) => context?.env?.path ?? pathOf(request.url) });
  app.get('/', (context) => galleryPage(context, options));
  app.all('*', (context) => options.deployed.fetch(context.req.raw, context.env));
  return app;
}
