import { createHash } from 'node:crypto';
import {
  DEFAULT_BACKGROUND,
  DEFAULT_QUALITY,
  EFFORTS,
  type FormatSettings,
  type CoreSettings,
  type ThumbnailSettings,
} from '../../contract';
import type { Manifest, ManifestSource } from './manifest';

/**
 * Raised whenever the engine makes other pixels or bytes of the same source and settings, so that what older versions
 * made counts as out of date.
 */
export const RENDER_VERSION = 1;

/** Settings that decide what a set holds. */
export type SetSettings = Pick<
  CoreSettings,
  'thumbnails' | 'limits' | 'allowSvg' | 'detectJpegCorruption' | 'cacheControl'
>;

/**
 * Hash of everything that decides the bytes of one thumbnail in one format, apart from its source. The same whether a
 * default is spelled out or left out.
 */
export function thumbnailHash(thumbnail: ThumbnailSettings, format: FormatSettings): string {
  const { type } = format;
  return hash([
    RENDER_VERSION,
    thumbnail.fit,
    thumbnail.width,
    thumbnail.height,
    thumbnail.fit === 'cover' ? (thumbnail.position ?? 'centre') : null,
    opaque(thumbnail.background ?? DEFAULT_BACKGROUND),
    thumbnail.enlarge ?? false,
    (type === 'gif' || type === 'webp') && (thumbnail.animated ?? false),
    type,
    type === 'gif' ? null : (format.quality ?? DEFAULT_QUALITY[type]),
    type === 'jpeg' ? null : (format.effort ?? EFFORTS[type].default),
    (type === 'webp' || type === 'avif') && (format.lossless ?? false),
  ]);
}

/**
 * Hash of the settings that a set depends on. Limits and the counting of blocks only turn images away: others make a refused image worth
 * another look, and leave thumbnails that exist as they are.
 */
export function settingsHash(settings: SetSettings, status: Manifest['status']): string {
  const { limits } = settings;
  return hash([
    settings.thumbnails.map((thumbnail) => [
      thumbnail.name,
      thumbnail.formats.map((format) => thumbnailHash(thumbnail, format)),
    ]),
    settings.allowSvg,
    settings.cacheControl,
    // maxDurationSeconds is not among them: who runs into it is tried again anyway.
    status === 'ready'
      ? null
      : [
          limits.maxFileSizeBytes,
          limits.maxPixels,
          limits.maxProgressivePixels,
          limits.maxAnimationPixels,
          limits.maxFrames,
          settings.detectJpegCorruption,
        ],
  ]);
}

/**
 * What a set was made of: two sets of the same source key with the same fingerprint hold the same thumbnails. The focal
 * point counts beside the ETag, because metadata can change while the bytes stay.
 */
export function fingerprint(
  source: Pick<ManifestSource, 'etag' | 'focalPoint' | 'warnings'>,
  hashOfSettings: string,
): string {
  const { focalPoint, warnings = [] } = source;
  return hash([source.etag, focalPoint ? [focalPoint.x, focalPoint.y] : null, warnings, hashOfSettings]);
}

/** The first 128 bits of the SHA-256 of a value's JSON, in hexadecimal digits. */
function hash(value: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}

/** A colour in the one spelling: lower case, with its opacity. */
function opaque(color: string): string {
  return color.toLowerCase().padEnd('#rrggbbaa'.length, 'f');
}
