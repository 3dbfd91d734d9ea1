import {
  DEFAULT_LIMITS,
  type FormatSettings,
  type CoreSettings,
  type ThumbnailSettings,
} from '../../../runtime/contract';
import { contentTypeOf, ImageRejection, type RenderedThumbnail, type RenderOptions } from '../../../runtime/engine';
import type { Render } from '../../../runtime/pipeline';

/** Returns a thumbnail. The tests use only its name, size and formats. */
export function thumbnail(name: string, side: number, ...formats: FormatSettings['type'][]): ThumbnailSettings {
  return { name, fit: 'inside', width: side, height: side, formats: formats.map((type) => ({ type })) };
}

/** Returns the settings of a pipeline on two buckets. */
export function settingsWith(changes: Partial<CoreSettings> = {}): CoreSettings {
  return {
    storage: 's3',
    sourceLocation: { name: 'sources', prefix: '', suffixes: [] },
    thumbnailLocation: { name: 'thumbnails', prefix: '' },
    thumbnails: [thumbnail('small', 100, 'webp', 'jpeg'), thumbnail('large', 400, 'webp')],
    limits: DEFAULT_LIMITS,
    rules: [],
    requireMalwareScan: false,
    allowSvg: false,
    detectJpegCorruption: true,
    cacheControl: 'public, max-age=60',
    ...changes,
  };
}

/** Returns the thumbnails that {@link fakeRender} renders for a source, by format and name. */
export function renderedThumbnails(
  source: string,
  { thumbnails, focalPoint }: Pick<RenderOptions, 'thumbnails' | 'focalPoint'>,
): RenderedThumbnail[] {
  return thumbnails.flatMap(({ name, width, formats }) =>
    formats.map(({ type }) => ({
      name,
      format: type,
      contentType: contentTypeOf(type),
      width,
      height: width / 2,
      frames: 1,
      body: Buffer.from(JSON.stringify([source, name, type, focalPoint ?? null])),
    })),
  );
}

/**
 * Fake engine. The bytes of its thumbnails contain the source and the settings. The engine rejects sources that begin with
 * `bad`. The engine throws an error with a retryable code for sources that begin with `later`.
 */
export const fakeRender: Render = (body, options) => {
  const source = body.toString();
  if (source.startsWith('bad')) {
    return Promise.reject(new ImageRejection('corrupt', `the file is damaged: ${source}`));
  }
  if (source.startsWith('later')) {
    return Promise.reject(new ImageRejection('out-of-memory', 'not enough memory'));
  }
  return Promise.resolve({
    source: { format: 'jpeg', width: 800, height: 400, orientation: 1, frames: 1, hasAlpha: false, progressive: false },
    warnings: [],
    thumbnails: renderedThumbnails(source, options),
    thumbHash: Buffer.from(source).toString('base64'),
    dominantColor: '#102030',
  });
};
