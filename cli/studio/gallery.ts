import type { Context } from 'hono';
import { html } from 'hono/html';
import { imageUrl, thumbnailUrl } from '../../runtime/http';
import type { Manifest } from '../../runtime/pipeline';
import type { StudioAppOptions } from './studio-app';

/** Images on the page; a developer's folder can hold a hundred thousand. */
const MAX_IMAGES = 100;

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #222 }
ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 1rem; padding: 0; list-style: none }
li { border: 1px solid #ddd; border-radius: .5rem; padding: .75rem; overflow-wrap: anywhere }
img { display: block; max-width: 100%; height: auto; margin-bottom: .5rem }
code { background: #f4f4f4; padding: .1rem .3rem; border-radius: .25rem }
.rejected { color: #a33 }
@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd } li { border-color: #444 } code { background: #2a2a2a } }`;

/** A page with the first images and their thumbnails, for whoever opens the address in a browser. */
export async function galleryPage(
  context: Context,
  { pipeline, source, settings }: StudioAppOptions,
): Promise<Response> {
  const keys: string[] = [];
  for await (const { key } of source.list({ prefix: settings.sourceLocation.prefix })) {
    if (pipeline.serves(key) && keys.push(key) === MAX_IMAGES) {
      break;
    }
  }
  const manifests = await Promise.all(keys.map((key) => pipeline.manifest(key)));
  const items = keys.map((key, index) => item(key, manifests[index]));
  context.header('Content-Security-Policy', "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'");
  return context.html(
    html`<!doctype html>
      <html lang="en">
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>cdk-thumbnails</title>
        <style>
          ${STYLE}
        </style>
        <h1>cdk-thumbnails</h1>
        ${
          keys.length > 0
            ? html`<ul>
                ${items}
              </ul>`
            : html`<p>No images yet. Drop one into the images folder, then load this page again.</p>`
        }
      </html>`,
  );
}

function item(key: string, manifest: Manifest | undefined): ReturnType<typeof html> {
  if (manifest?.status !== 'ready') {
    const why = manifest ? `${manifest.rejection.code}: ${manifest.rejection.message}` : 'not made yet';
    return html`<li class="rejected"><a href="${imageUrl(key)}">${key}</a><br />${why}</li>`;
  }
  const [first] = manifest.thumbnails;
  const links = manifest.thumbnails.map(
    ({ name, format, width, height }) =>
      html`<a href="${thumbnailUrl(name, key, { format })}">${name}</a> <small>${format} ${width}×${height}</small
        ><br />`,
  );
  return html`<li>
    ${first && html`<img src="${thumbnailUrl(first.name, key, { format: first.format })}" width="${first.width}" height="${first.height}" alt="" />`}
    <a href="${imageUrl(key)}">${key}</a><br />
    ${links}
  </li>`;
}
