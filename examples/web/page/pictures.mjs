/* global atob, FormData */
// What the page does without a document: from what the API says to what a browser shows, and from a file to an upload.

/** Best first: a browser takes the first format that it knows. */
const FORMATS = ['avif', 'webp', 'png', 'gif', 'jpeg'];

/**
 * What a `<picture>` of an image is made of: sources for the better formats, and the last one for the `<img>`.
 *
 * @param image what `GET /images/{key}` says of an image that is ready
 */
export function pictureOf({ srcset, thumbnails, image }) {
  const formats = FORMATS.filter((format) => srcset[format]);
  const last = formats.at(-1);
  const candidates = thumbnails.filter(({ format, url }) => format === last && srcset[last].includes(url));
  const largest = candidates.reduce((best, each) => (each.width > best.width ? each : best));
  return {
    sources: formats.slice(0, -1).map((format) => ({ type: `image/${format}`, srcset: srcset[format] })),
    img: { src: largest.url, srcset: srcset[last], width: image.width, height: image.height },
  };
}

/** The bytes of a base64 text. */
export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** The path at which the API tells of an image. */
export function imagePath(key) {
  return isSafeInPath(key)
    ? `/images/${key.split('/').map(encodeURIComponent).join('/')}`
    : `/images?key=${encodeURIComponent(key)}`;
}

/** Keys that not everything on the way hands on in a path. */
function isSafeInPath(key) {
  return !/[%+?#\\]|\/\/|(?:^|\/)\.{1,2}(?:\/|$)/.test(key);
}

/** What the API is told of a file that is to be uploaded. */
export function uploadRequest({ name, type, size }) {
  return { filename: name, contentType: type, bytes: size };
}

/** The form that uploads a file: the fields in their order, then the file. */
export function formOf({ fields }, file) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    form.append(name, value);
  }
  form.append('file', file);
  return form;
}

/** Where uploads are asked for: by the link behind `#upload=`, or by this host where none is needed. */
export function uploadUrl(hash) {
  return /^#upload=(.+)/.exec(hash)?.[1] ?? '/uploads';
}
