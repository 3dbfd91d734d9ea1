// npm start serves the page on http://localhost:8080. If the environment variable PAGE is `react`, npm start serves the React
// page. The server forwards requests for the API paths to the API, like CloudFront.
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { type Context, Hono } from 'hono';
import { proxy } from 'hono/proxy';

/**
 * Returns an app that serves a page and forwards API requests.
 *
 * @param api URL of the API, without a slash at its end
 * @param directory directory of the page
 */
export function site(api: string, directory = join(__dirname, 'page')): Hono {
  const app = new Hono();
  const forward = async ({ req }: Context): Promise<Response> => {
    const { pathname, search } = new URL(req.url);
    const body = req.method === 'POST' ? await req.arrayBuffer() : undefined;
    try {
      return await proxy(`${api}${pathname}${search}`, { method: req.method, headers: req.header(), body });
    } catch {
      return Response.json(
        { detail: `No API at ${api}: run npm start in the root directory of the repository` },
        { status: 502 },
      );
    }
  };
  app.post('/uploads', async (context) => {
    const response = await forward(context);
    // The upload form of the local API contains the URL of the API. Replaces the origin of this URL with the origin of the
    // page, because browsers block uploads to another origin. The form of a deployed API contains the URL of the bucket
    // instead.
    const text = (await response.text()).replaceAll(`${api}/`, `${new URL(context.req.url).origin}/`);
    return new Response(text, { status: response.status, headers: { 'Content-Type': 'application/json' } });
  });
  for (const path of ['/images/*', '/thumbnails/*', '/uploads/*']) {
    app.all(path, forward);
  }
  app.get('/thumbhash.js', serveStatic({ path: require.resolve('thumbhash') }));
  app.use(serveStatic({ root: directory }));
  return app;
}

if (require.main === module) {
  const port = Number(process.env['PORT'] ?? 8080);
  const api = process.env['API'] ?? 'http://127.0.0.1:3000';
  const page = join(__dirname, process.env['PAGE'] ?? 'page');
  serve({ fetch: site(api, page).fetch, hostname: '127.0.0.1', port }, () => {
    console.log(`Page: http://localhost:${port}, API: ${api}`);
  });
}
