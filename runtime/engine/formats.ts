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

/** Formats that support animation. */
const ANIMATED: ReadonlySet<Format> = new Set<Format>(['gif', 'webp']);
/** Formats without an alpha channel. All other formats keep the alpha channel of the source. GIF reduces alpha to one bit. */
const OPAQUE: ReadonlySet<Format> = new Set<Format>(['jpeg']);

/** Returns the media type of a format. @see https://www.iana.org/assignments/media-types */
export function contentTypeOf(format: Format | SourceFormat): string {
  return CONTENT_TYPES[format];
}

/** Returns the usual file name extension of a format, without the dot. */
export function extensionOf(format: Format | SourceFormat): string {
  return EXTENSIONS[format];
}

/** Returns whether thumbnails of a format can be animated. */
export function canAnimate(format: Format): boolean {
  return ANIMATED.has(format);
}

export function supportsAlpha(format: Format): boolean {
  return !OPAQUE.has(format);
}
