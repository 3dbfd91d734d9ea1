import sharp, { type Sharp } from 'sharp';
import { DEFAULT_QUALITY, EFFORTS, type ThumbnailSettings } from '../runtime/contract';

/** Returns the first format of a thumbnail with the default quality. Supports only JPEG and WebP. */
export function settingsOf({ formats: [format] }: ThumbnailSettings): {
  readonly type: 'jpeg' | 'webp';
  readonly quality: number;
} {
  if (format?.type !== 'jpeg' && format?.type !== 'webp') {
    throw new TypeError(`format: received ${String(format?.type)}; expected jpeg or webp`);
  }
  return { type: format.type, quality: DEFAULT_QUALITY[format.type] };
}

/** Returns a sharp pipeline for the thumbnail. */
export function shaped(pipeline: Sharp, settings: ThumbnailSettings): Sharp {
  const { width, height } = settings;
  const { type, quality } = settingsOf(settings);
  const fit = settings.fit === 'cover' ? 'cover' : 'inside';
  const resized = pipeline.resize(width, height, { fit, withoutEnlargement: true });
  return type === 'jpeg' ? resized.jpeg({ quality }) : resized.webp({ quality, effort: EFFORTS.webp.default });
}

/** Renders thumbnails with only sharp. Decodes the photo once, and resizes the decoded image to each size. */
export async function renderWithSharp(bytes: Uint8Array, thumbnails: readonly ThumbnailSettings[]): Promise<Buffer[]> {
  const largest = thumbnails.reduce((one, other) => (one.width > other.width ? one : other));
  if (thumbnails.length === 1) {
    return [await shaped(sharp(bytes, { autoOrient: true }), largest).toBuffer()];
  }
  const { data, info } = await sharp(bytes, { autoOrient: true })
    .resize(largest.width, largest.height, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  return Promise.all(
    thumbnails.map((settings) => shaped(sharp(data, { raw: { width, height, channels } }), settings).toBuffer()),
  );
}
