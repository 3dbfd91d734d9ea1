import { createHash } from 'node:crypto';

/**
 * Summaries of the HTTP API responses by path: the status, content type, size and hash of a thumbnail, or the status and the
 * ETags of the thumbnails in a manifest.
 */
export type ServedResponses = Readonly<Record<string, string>>;

/** Fields of a manifest that the comparison reads. */
interface ServedManifest {
  readonly status: string;
  readonly thumbnails: readonly { readonly name: string; readonly format: string; readonly etag: string }[];
}

/**
 * Requests the manifests and all thumbnails of images from the HTTP API, and returns the responses.
 *
 * @param apiUrl URL of the API with a trailing slash
 * @param keys source keys
 */
export async function requestImages(apiUrl: string, keys: readonly string[]): Promise<ServedResponses> {
  const responses: Record<string, string> = {};
  for (const key of keys) {
    const manifest = await requestManifest(apiUrl, key);
    // Reads only these properties, because a newer version may add properties to the manifest.
    const thumbnails = manifest.thumbnails.map(({ name, format, etag }) => `${name}.${format} ${etag}`);
    responses[`images/${key}`] = [manifest.status, ...thumbnails].join(', ');
    for (const { name, format } of manifest.thumbnails) {
      const path = `thumbnails/${name}/${key}?format=${format}`;
      responses[path] = await requestThumbnail(apiUrl, path);
    }
  }
  return responses;
}

/**
 * Requests and returns the manifest of an image.
 *
 * @throws Error if the API returns no manifest with thumbnails
 */
export async function requestManifest(apiUrl: string, key: string): Promise<ServedManifest> {
  const response = await fetch(`${apiUrl}images/${key}`);
  const text = await response.text();
  if (response.status !== 200) {
    throw new Error(`GET images/${key}: status ${response.status}; expected 200: ${text}`);
  }
  const manifest = JSON.parse(text) as ServedManifest;
  if (manifest.status !== 'ready' || manifest.thumbnails.length === 0) {
    throw new Error(`GET images/${key}: status ${manifest.status}; expected ready, with thumbnails`);
  }
  return manifest;
}

/**
 * Requests a thumbnail, which the API creates if it is missing. Returns the status, the content type, the size in bytes and a
 * hash of the content.
 */
export async function requestThumbnail(apiUrl: string, path: string): Promise<string> {
  const response = await fetch(apiUrl + path, { headers: { Prefer: 'wait=60' } });
  const content = Buffer.from(await response.arrayBuffer());
  const hash = createHash('sha256').update(content).digest('hex');
  return `${response.status} ${response.headers.get('Content-Type')} ${content.length} bytes ${hash}`;
}
