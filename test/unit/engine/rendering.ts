import {
  DEFAULT_LIMITS,
  type Format,
  type FormatSettings,
  type Limits,
  type ThumbnailSettings,
} from '../../../runtime/contract';
import { ImageRejection, render, type RenderedThumbnail, type RenderOptions } from '../../../runtime/engine';

/** Options of {@link oneThumbnail}: a thumbnail's settings and whatever else of the engine's options a test needs. */
export type OneThumbnail = Partial<Omit<ThumbnailSettings, 'formats' | 'name'>> &
  Partial<Pick<RenderOptions, 'focalPoint' | 'allowSvg'>> & {
    /** Default: png, which keeps every pixel as it is. */
    readonly format?: Format | FormatSettings;
    readonly limits?: Partial<Limits>;
  };

/** The engine's options with the usual limits. */
export function optionsFor(thumbnails: readonly ThumbnailSettings[], limits: Partial<Limits> = {}): RenderOptions {
  return { limits: { ...DEFAULT_LIMITS, ...limits }, allowSvg: false, thumbnails };
}

/** Renders a source with a single thumbnail, inside 40 × 40 unless it is told otherwise. */
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
    throw new Error('one thumbnail was asked, none was made');
  }
  return made;
}

/** The refusal that work ends in; fails when it ends otherwise. */
export async function refusalOf(work: Promise<unknown>): Promise<ImageRejection> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ImageRejection) {
      return error;
    }
    throw error;
  }
  throw new Error('the image was not refused');
}
