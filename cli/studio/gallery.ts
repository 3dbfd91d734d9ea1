import type { Context } from 'hono';
import { html } from 'hono/html';
import type { CoreSettings } from '../../runtime/contract';
import { imageUrl, thumbnailUrl, versionOf } from '../../runtime/http';
import type { Manifest, ManifestThumbnail, Pipeline } from '../../runtime/pipeline';
import type { ObjectStore } from '../../runtime/storage';

/** Options of {@link galleryPage}. */
export interface GalleryOptions {
  readonly settings: Pick<CoreSettings, 'sourceLocation'>;
  readonly pipeline: Pick<Pipeline, 'serves' | 'manifest'>;
  readonly source: Pick<ObjectStore, 'list'>;
}

/** Maximum number of images on the page, because a directory can contain very many. */
const MAX_IMAGES = 100;

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #222 }
ul { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 1rem; padding: 0; list-style: none }
li { border: 1px solid #ddd; border-radius: .5rem; padding: .75rem; overflow-wrap: anywhere }
img { display: block; max-width: 100%; height: auto; margin-bottom: .5rem }
.rejected { color: #a33 }
@media (prefers-color-scheme: dark) { body { background: #181818; color: #ddd } li { border-color: #444 } a { color: #8bf } .rejected { color: #f88 } }`;

/** Returns the page with the first images of the source directory and their thumbnails. */
export async function galleryPage(context: Context, { pipeline, source, settings }: GalleryOptions): Promise<Response> {
  const keys: string[] = [];
  let hasMore = false;
  for await (const { key } of source.list({ prefix: settings.sourceLocation.prefix })) {
    if (pipeline.serves(key)) {
      hasMore = keys.length === MAX_IMAGES;
      if (hasMore) {
        break;
      }
      keys.push(key);
    }
  }
  const manifests = await Promise.all(keys.map((key) => pipeline.manifest(key)));
  const items = keys.map((key, index) => imageItem(key, manifests[index]));
  context.header('Content-Security-Policy', "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'");
  context.header('Cache-Control', 'no-store');
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
            : html`<p>No images yet. Copy an image into the images directory, then reload this page.</p>`
        }
        ${hasMore ? html`<p>This page shows the first ${MAX_IMAGES} images.</p>` : ''}
      </html>`,
  );
}

function imageItem(key: string, manifest: Manifest | undefined): ReturnType<typeof html> {
  const image = html`<a href="${imageUrl(key)}">${key}</a><br />`;
  if (!manifest) {
    return html`<li>${image}Not rendered yet. Reload this page in a moment.</li>`;
  }
  if (manifest.status === 'rejected') {
    const { code, message } = manifest.rejection;
    return html`<li class="rejected">${image}Rejected: ${message} (${code})</li>`;
  }
  // The version makes browsers load a replaced thumbnail at once.
  const urlOf = ({ name, format, etag }: ManifestThumbnail): string =>
    thumbnailUrl(name, key, { format, version: versionOf(etag) });
  const [first] = manifest.thumbnails;
  const links = manifest.thumbnails.map(
    (thumbnail) =>
      html`<a href="${urlOf(thumbnail)}">${thumbnail.name}</a>
        <small>${thumbnail.format} ${thumbnail.width}×${thumbnail.height}</small><br />`,
  );
  return html`<li>
    ${first && html`<img src="${urlOf(first)}" width="${first.width}" height="${first.height}" alt="" />`} ${image}
    ${links}
  </li>`;
}
