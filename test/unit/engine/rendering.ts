import {
  DEFAULT_LIMITS,
  type Format,
  type FormatSettings,
  type Limits,
  type ThumbnailSettings,
} from '../../../runtime/contract';
import { ImageRejection, render, type RenderedThumbnail, type RenderOptions } from '../../../runtime/engine';

/** Options of {@link oneThumbnail}: thumbnail settings and options of the engine. */
export type OneThumbnail = Partial<Omit<ThumbnailSettings, 'formats' | 'name'>> &
  Partial<Pick<RenderOptions, 'focalPoint' | 'allowSvg'>> & {
    /** @default png, which is lossless */
    readonly format?: Format | FormatSettings;
    readonly limits?: Partial<Limits>;
  };

/** Returns engine options with the default limits. */
export function optionsFor(thumbnails: readonly ThumbnailSettings[], limits: Partial<Limits> = {}): RenderOptions {
  return { limits: { ...DEFAULT_LIMITS, ...limits }, allowSvg: false, thumbnails };
}

/** Renders a source with a single thumbnail, by default inside 40 × 40. */
export async function oneThumbnail(source: Buffer, options: OneThumbnail = {}): Promise<RenderedThumbnail> {
  const { format = 'png', limits, focalPoint, allowSvg = false, ...settings } = options;
  const formats = [typeof format === 'string' ? { type: format } : format];
  const thumbnail: ThumbnailSettings = { name: 'only', fit: 'inside', width: 40, height: 40, ...settings, formats };
  const focal = focalPoint === undefined ? {} : { focalPoint };
  const { thumbnails } = await render(source, {
    ...optionsFor([thumbnail], limits),
    allowSvg,
    detectJpegCorruption: true,
    ...focal,
  });
  const [made] = thumbnails;
  if (made === undefined) {
    throw new Error('render returned no thumbnail');
  }
  return made;
}

/** Returns the ImageRejection with which a promise rejects. Throws for any other result. */
export async function rejectionFrom(work: Promise<unknown>): Promise<ImageRejection> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ImageRejection) {
      return error;
    }
    throw error;
  }
  throw new Error('the image was not rejected');
}
