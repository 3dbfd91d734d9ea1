import type { Format } from '../contract';
import type { SourceFormat } from './types';

const CONTENT_TYPES: Readonly<Record<Format | SourceFormat, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  avif: 'image/avif',
  gif: 'image/gif',
  tiff: 'image/tiff',
  heic: 'image/heic',
  svg: 'image/svg+xml',
};

const EXTENSIONS: Readonly<Record<Format | SourceFormat, string>> = {
  jpeg: 'jpg',
  png: 'png',
  webp: 'webp',
  avif: 'avif',
  gif: 'gif',
  tiff: 'tiff',
  heic: 'heic',
  svg: 'svg',
};

/** Formats that can carry movement. */
const MOVING: ReadonlySet<Format> = new Set<Format>(['gif', 'webp']);
/** Formats that know no transparency; the others keep a source's, gif as fully transparent or not at all. */
const OPAQUE: ReadonlySet<Format> = new Set<Format>(['jpeg']);

/** The media type of a format, as registered with IANA: https://www.iana.org/assignments/media-types */
export function contentTypeOf(format: Format | SourceFormat): string {
  return CONTENT_TYPES[format];
}

/** The usual file name extension of a format, without the dot. */
export function extensionOf(format: Format | SourceFormat): string {
  return EXTENSIONS[format];
}

/** Whether a thumbnail of this format can keep a source's movement. */
export function canAnimate(format: Format): boolean {
  return MOVING.has(format);
}

/** Whether a thumbnail of this format can be seen through. */
export function canBeTransparent(format: Format): boolean {
  return !OPAQUE.has(format);
}
