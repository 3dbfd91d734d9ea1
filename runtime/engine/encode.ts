import type { AvifOptions, GifOptions, JpegOptions, PngOptions, Sharp, WebpOptions } from 'sharp';
import { DEFAULT_BACKGROUND, DEFAULT_QUALITY, EFFORTS, type FormatSettings, type ThumbnailSettings } from '../contract';
import type { Deadline } from './deadline';
import { encodingErrorOf } from './errors';
import { canBeTransparent, contentTypeOf } from './formats';
import { sharp } from './libvips';
import { overWhite, parseColor } from './pixels/color';
import { middle, type Area, type Plan } from './pixels/geometry';
import { pipelineOf, type Pixels } from './pixels/pixels';
import type { AnimationSize } from './probe/header';
import type { RenderedThumbnail } from './types';

/** One thumbnail in one format. */
export interface EncodeOptions {
  readonly settings: ThumbnailSettings;
  readonly format: FormatSettings;
  readonly plan: Plan;
  /** What is kept of the picture; all of it when undefined. */
  readonly part: Area | undefined;
  /** How the frames are played, when there are several. */
  readonly movement: AnimationSize | undefined;
  readonly deadline: Deadline;
}

/**
 * Brings a picture to a thumbnail's size and encodes it, without any metadata.
 * @throws {ImageRejection} `timeout`, `out-of-memory`
 */
export async function encode(picture: Pixels, options: EncodeOptions): Promise<RenderedThumbnail> {
  const { settings, format, plan, deadline } = options;
  deadline.check();
  const pipeline = encoder(shaped(picture, options), format, options.movement);
  try {
    const body = await pipeline.timeout({ seconds: deadline.remainingSeconds }).toBuffer();
    const { width, height } = plan.canvas;
    const contentType = contentTypeOf(format.type);
    const frames = picture.frames > 1 ? await framesOf(body) : 1;
    return { name: settings.name, format: format.type, contentType, width, height, frames, body };
  } catch (error) {
    throw encodingErrorOf(error);
  }
}

/** Encoders put frames together that are alike. */
async function framesOf(body: Buffer): Promise<number> {
  const { pages = 1 } = await sharp(body).metadata();
  return pages;
}

function shaped(picture: Pixels, { settings, format, plan, part }: EncodeOptions): Sharp {
  const { picture: inner, canvas } = plan;
  const color = parseColor(settings.background ?? DEFAULT_BACKGROUND);
  const transparent = canBeTransparent(format.type);
  const background = transparent ? color : overWhite(color);
  let pipeline = pipelineOf(picture);
  if (!transparent) {
    pipeline = pipeline.flatten({ background });
  }
  if (part !== undefined) {
    pipeline = pipeline.extract(part);
  }
  const kept = part ?? picture;
  if (kept.width !== inner.width || kept.height !== inner.height) {
    pipeline = pipeline.resize(inner.width, inner.height, { fit: 'fill' });
  }
  if (canvas.width !== inner.width || canvas.height !== inner.height) {
    const { left, top } = middle(canvas, inner);
    const [right, bottom] = [canvas.width - inner.width - left, canvas.height - inner.height - top];
    pipeline = pipeline.extend({ left, top, right, bottom, background });
  }
  return pipeline;
}

function encoder(pipeline: Sharp, format: FormatSettings, movement: AnimationSize | undefined): Sharp {
  const played = movement === undefined ? {} : { delay: [...movement.delay], loop: movement.loop };
  switch (format.type) {
    case 'jpeg':
      return pipeline.jpeg({ quality: format.quality ?? DEFAULT_QUALITY.jpeg } satisfies JpegOptions);
    case 'png':
      return pipeline.png(pngOptions(format));
    case 'webp':
      return pipeline.webp({
        quality: format.quality ?? DEFAULT_QUALITY.webp,
        effort: format.effort ?? EFFORTS.webp.default,
        lossless: format.lossless ?? false,
        ...played,
      } satisfies WebpOptions);
    case 'avif':
      return pipeline.avif({
        quality: format.quality ?? DEFAULT_QUALITY.avif,
        effort: format.effort ?? EFFORTS.avif.default,
        lossless: format.lossless ?? false,
        // Colour at half the resolution, as JPEG and WebP have it: a fifth less CPU. Lossless keeps every pixel.
        chromaSubsampling: format.lossless === true ? '4:4:4' : '4:2:0',
      } satisfies AvifOptions);
    case 'gif':
      return pipeline.gif({ effort: format.effort ?? EFFORTS.gif.default, ...played } satisfies GifOptions);
  }
}

/**
 * Below quality 100 a PNG is reduced to a palette, and effort is spent on choosing it. At 100 every pixel is kept, and
 * effort 1 to 10 is the effort of compression, 0 to 9. sharp takes the mere presence of quality or effort for the former.
 */
function pngOptions({ quality = DEFAULT_QUALITY.png, effort = EFFORTS.png.default }: FormatSettings): PngOptions {
  return quality < 100 ? { palette: true, quality, effort } : { compressionLevel: effort - 1 };
}
