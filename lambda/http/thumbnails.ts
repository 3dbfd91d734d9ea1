import type { StoredObject } from '../store';
import { chooseFormat } from './choose-format';
import { isNotModified } from './conditional';
import { refuseFailed, refuseUnserved, type Make } from './make';
import type { AppOptions } from './options';
import { Problem } from './problem';

/**
 * A thumbnail of an image: the stored one, or else the whole set is made, stored and then answered from.
 *
 * @throws Problem, ImageRejection, StoreError: anything that {@link problemOf} knows
 */
export async function thumbnailAnswer(
  options: AppOptions,
  make: Make,
  request: Request,
  name: string,
  key: string,
): Promise<Response> {
  const { pipeline, thumbnails, cacheControl } = options;
  const settings = thumbnails.find((thumbnail) => thumbnail.name === name);
  if (!settings) {
    const names = thumbnails.map((thumbnail) => thumbnail.name).join(', ');
    throw new Problem('unknown-thumbnail', `there is no thumbnail ${name}; there are ${names}`);
  }
  const format = chooseFormat(settings, request);
  refuseUnserved(pipeline, key);

  let thumbnail = await pipeline.thumbnail(key, name, format);
  if (!thumbnail) {
    refuseFailed(await make(key));
    thumbnail = await pipeline.thumbnail(key, name, format);
  }
  if (!thumbnail) {
    throw new Problem('changing', `${key} changed while its thumbnails were made`);
  }

  const headers = {
    'Cache-Control': cacheControl,
    ETag: `"${thumbnail.etag}"`,
    'Last-Modified': thumbnail.lastModified.toUTCString(),
  };
  if (isNotModified(request.headers, { etag: headers.ETag, lastModified: thumbnail.lastModified })) {
    return new Response(null, { status: 304, headers });
  }
  if (options.maxBodyBytes !== undefined && thumbnail.bytes > options.maxBodyBytes) {
    return await elsewhere(thumbnail, options.maxBodyBytes, options.redirect);
  }
  return new Response(thumbnail.body, {
    headers: {
      ...headers,
      'Content-Type': thumbnail.contentType ?? `image/${format}`,
      'Content-Length': String(thumbnail.bytes),
    },
  });
}

/** The answer to a thumbnail that does not fit into one: whoever keeps the address does not keep it for long. */
async function elsewhere(
  thumbnail: StoredObject,
  maxBodyBytes: number,
  redirect: AppOptions['redirect'],
): Promise<Response> {
  if (!redirect) {
    throw new Problem(
      'response-too-large',
      `the thumbnail has ${thumbnail.bytes} bytes, more than the ${maxBodyBytes} that can be answered with here; ` +
        `it is stored as ${thumbnail.key}`,
    );
  }
  return new Response(null, {
    status: 302,
    headers: { Location: await redirect(thumbnail), 'Cache-Control': 'no-store' },
  });
}
