// npm start: the page on http://localhost:8080, with the paths of the API on the same host, as CloudFront has them.
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import { serveStatic } from '@hono/node-server/serve-static';
import { type Context, Hono } from 'hono';
import { proxy } from 'hono/proxy';

/**
 * The page, and the API behind it.
 *
 * @param api where a pipeline answers, without a slash at the end
 */
export function site(api: string): Hono {
  const app = new Hono();
  const ask = async ({ req }: Context): Promise<Response> => {
    const { pathname, search } = new URL(req.url);
    const body = req.method === 'POST' ? await req.arrayBuffer() : undefined;
    try {
      return await proxy(`${api}${pathname}${search}`, { method: req.method, headers: req.header(), body });
    } catch {
      return Response.json({ detail: `nothing answers at ${api}: run npm start in the repository` }, { status: 502 });
    }
  };
  app.post('/uploads', async (context) => {
    const answer = await ask(context);
    // Forms of the local run are sent to the API, which is another origin; deployed they are sent to the bucket.
    const text = (await answer.text()).replaceAll(`${api}/`, `${new URL(context.req.url).origin}/`);
    return new Response(text, { status: answer.status, headers: { 'Content-Type': 'application/json' } });
  });
  for (const path of ['/images/*', '/thumbnails/*', '/uploads/*']) {
    app.all(path, ask);
  }
  app.get('/thumbhash.js', serveStatic({ path: require.resolve('thumbhash') }));
  app.use(serveStatic({ root: join(__dirname, 'page') }));
  return app;
}

if (require.main === module) {
  const port = Number(process.env['PORT'] ?? 8080);
  const api = process.env['API'] ?? 'http://127.0.0.1:3000';
  serve({ fetch: site(api).fetch, hostname: '127.0.0.1', port }, () => {
    console.log(`the page is on http://localhost:${port}, its images come from ${api}`);
  });
}
