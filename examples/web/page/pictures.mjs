/* global atob, FormData */
// Functions of the page that need no DOM.

/** Formats by preference. A browser uses the first supported format. */
const FORMATS = ['avif', 'webp', 'png', 'gif', 'jpeg'];

/**
 * Returns the attributes of a `<picture>` element: one source per preferred format, and the last format for `<img>`.
 *
 * @param image manifest with status `ready` from `GET /images/{key}`
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

/** Returns the bytes of a text in base64. */
export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** Returns the path of an image's manifest. */
export function imagePath(key) {
  return isSafeInPath(key)
    ? `/images/${key.split('/').map(encodeURIComponent).join('/')}`
    : `/images?key=${encodeURIComponent(key)}`;
}

/** Returns whether proxies and URL parsers leave this key unchanged in a path. */
function isSafeInPath(key) {
  return !/[%+?#\\]|\/\/|(?:^|\/)\.{1,2}(?:\/|$)/.test(key);
}

/** Returns the body of an upload request for a file. */
export function uploadRequest({ name, type, size }) {
  return { filename: name, contentType: type, bytes: size };
}

/** Returns the upload form: the fields in the given order, then the file. */
export function formOf({ fields }, file) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    form.append(name, value);
  }
  form.append('file', file);
  return form;
}

/**
 * Returns the URL of upload requests: the signed link after `#upload=`. Without a signed link, returns a URL of the current
 * host.
 */
export function uploadUrl(hash) {
  return /^#upload=(.+)/.exec(hash)?.[1] ?? '/uploads';
}
