import { createHash } from 'node:crypto';
import {
  DEFAULT_BACKGROUND,
  DEFAULT_QUALITY,
  EFFORTS,
  RENDER_VERSION,
  type AnalysisSettings,
  type CoreSettings,
  type FormatSettings,
  type ThumbnailSettings,
} from '../../contract';
import type { Warning } from '../../errors/warning-codes';
import type { Manifest, ManifestSource } from './manifest';

/** Settings that determine the content of a thumbnail set. */
export type SetSettings = Pick<
  CoreSettings,
  'thumbnails' | 'limits' | 'allowSvg' | 'detectJpegCorruption' | 'cacheControl' | 'analysis'
>;

/**
 * Returns the hash of all settings that determine the bytes of one thumbnail in one format. An omitted setting and an explicit
 * default value result in equal hashes.
 */
export function thumbnailHash(thumbnail: ThumbnailSettings, format: FormatSettings): string {
  const { type } = format;
  const metadata = type === 'gif' ? [] : [...(thumbnail.keepMetadata ?? [])].sort();
  return hash([
    RENDER_VERSION,
    thumbnail.fit,
    thumbnail.width,
    thumbnail.height,
    thumbnail.fit === 'cover' ? (thumbnail.position ?? 'centre') : null,
    withAlpha(thumbnail.background ?? DEFAULT_BACKGROUND),
    thumbnail.enlarge ?? false,
    (type === 'gif' || type === 'webp') && (thumbnail.animated ?? false),
    type,
    type === 'gif' ? null : (format.quality ?? DEFAULT_QUALITY[type]),
    type === 'jpeg' ? null : (format.effort ?? EFFORTS[type].default),
    (type === 'webp' || type === 'avif') && (format.lossless ?? false),
    ...(metadata.length > 0 ? [metadata] : []),
  ]);
}

/**
 * Returns the hash of the settings that determine a thumbnail set.
 *
 * Limits and corruption detection have no effect on the thumbnails of accepted images. Therefore, after a change of these
 * settings, only the thumbnail sets of rejected images are outdated.
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
    // The hash omits maxDurationSeconds, because the runtime retries timeouts and never stores a timeout as a rejection.
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
    ...(settings.analysis ? [analysisHash(settings.analysis, true)] : []),
  ]);
}

/**
 * Returns the hash of all settings that determine the result of an analysis.
 *
 * @param withFocalPoint whether the result contains the focal point
 */
export function analysisHash(settings: AnalysisSettings, withFocalPoint: boolean): string {
  const common = [settings.provider, settings.animationFrames];
  switch (settings.provider) {
    case 'rekognition': {
      const { moderation, facesAsFocalPoint } = settings;
      return hash([
        ...common,
        moderation ? [moderation.minConfidence, [...moderation.labels].sort(), moderation.storeLabels] : null,
        facesAsFocalPoint && withFocalPoint,
      ]);
    }
    case 'lambda':
      return hash([...common, settings.functionArn, settings.checkVersion ?? null]);
    case 'http':
      return hash([...common, settings.url, settings.checkVersion ?? null]);
  }
}

/**
 * Returns the fingerprint of a thumbnail set. If two thumbnail sets of a source key have equal fingerprints, their contents are
 * equal.
 *
 * The fingerprint includes values that can change without a change of the ETag: the focal point, the warnings about metadata
 * and the result of a malware scan.
 */
export function fingerprint(
  { etag, focalPoint, scan }: Pick<ManifestSource, 'etag' | 'focalPoint' | 'scan'>,
  warnings: readonly Warning[],
  hashOfSettings: string,
): string {
  const messages = warnings.map(({ message }) => message);
  return hash([
    etag,
    focalPoint ? [focalPoint.x, focalPoint.y] : null,
    messages,
    hashOfSettings,
    ...(scan ? [scan] : []),
  ]);
}

/** Returns the first 128 bits of the SHA-256 hash of a value's JSON text, as 32 hexadecimal digits. */
function hash(value: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 32);
}

/** Normalizes a colour to lower case with an alpha channel. */
function withAlpha(color: string): string {
  return color.toLowerCase().padEnd('#rrggbbaa'.length, 'f');
}
