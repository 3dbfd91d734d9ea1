import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { html } from 'hono/html';
import type { HttpApiEnvironment } from '../../../runtime/http';
import { STUDIO_PATH } from '../studio-api';

/** Directory of the built page. */
export const PAGE_DIRECTORY = join(__dirname, 'studio');

/** Content security policy of the page. The policy blocks inline scripts, inline styles and requests to other hosts. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

const HEADERS = {
  'Cache-Control': 'no-cache',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

/** Built files of the page by path. */
const FILES = {
  '/page.js': 'text/javascript; charset=utf-8',
  '/page.css': 'text/css; charset=utf-8',
} as const;

/** Adds the routes of the page. One document contains all views, because the URL fragment selects the view. */
export function addPage(app: Hono<HttpApiEnvironment>, directory: string): void {
  app.get('/', (context) => {
    for (const [name, value] of Object.entries(HEADERS)) {
      context.header(name, value);
    }
    context.header('Content-Security-Policy', CONTENT_SECURITY_POLICY);
    return context.html(
      html`<!doctype html>
        <html lang="en">
          <head>
            <meta charset="utf-8" />
            <meta name="viewport" content="width=device-width" />
            <meta name="color-scheme" content="light dark" />
            <title>cdk-thumbnails studio</title>
            <link rel="icon" href="data:," />
            <link rel="stylesheet" href="${STUDIO_PATH}/page.css" />
            <script type="module" src="${STUDIO_PATH}/page.js"></script>
          </head>
          <body>
            <div id="studio"></div>
            <noscript>The studio requires JavaScript.</noscript>
          </body>
        </html>`,
    );
  });
  for (const [path, contentType] of Object.entries(FILES)) {
    app.get(STUDIO_PATH + path, () => {
      const body = readFileSync(join(directory, path));
      return new Response(body, { headers: { ...HEADERS, 'Content-Type': contentType } });
    });
  }
}
