import type { AvifOptions, GifOptions, JpegOptions, PngOptions, Sharp, WebpOptions } from 'sharp';
import { DEFAULT_BACKGROUND, DEFAULT_QUALITY, EFFORTS, type FormatSettings, type ThumbnailSettings } from '../contract';
import type { Deadline } from './deadline';
import { encodingErrorOf } from './decoder-errors';
import { supportsAlpha, contentTypeOf } from './formats';
import { sharp } from './libvips';
import { overWhite, parseColor } from './pixels/color';
import { centred, type Area, type Plan } from './pixels/geometry';
import { pipelineOf, type Pixels } from './pixels/pixels';
import { exifOf, type ExifTexts } from './probe/exif-texts';
import type { Animation } from './probe/header';
import type { RenderedThumbnail } from './types';

/** Options of {@link encode}. */
export interface EncodeOptions {
  readonly settings: ThumbnailSettings;
  readonly format: FormatSettings;
  readonly plan: Plan;
  /** Area of the image that the thumbnail contains. If undefined, the thumbnail contains the whole image. */
  readonly crop: Area | undefined;
  /** Durations and repetitions of the frames. Undefined for still images. */
  readonly animation: Animation | undefined;
  /** EXIF texts of the source. The thumbnail contains only the texts that `settings.keepMetadata` selects. */
  readonly texts: ExifTexts;
  readonly deadline: Deadline;
}

/**
 * Resizes an image to a thumbnail, and encodes the thumbnail. The thumbnail contains only the metadata in `keepMetadata`.
 *
 * @throws ImageRejection with code `timeout` or `out-of-memory` if encoding exceeds a limit
 */
export async function encode(image: Pixels, options: EncodeOptions): Promise<RenderedThumbnail> {
  const { settings, format, plan, deadline } = options;
  deadline.check();
  const pipeline = withMetadata(encoder(shaped(image, options), format, options.animation), options);
  try {
    const body = await pipeline.timeout({ seconds: deadline.remainingSeconds }).toBuffer();
    const { width, height } = plan.canvas;
    const contentType = contentTypeOf(format.type);
    const frames = image.frames > 1 ? await framesOf(body) : 1;
    return { name: settings.name, format: format.type, contentType, width, height, frames, body };
  } catch (error) {
    throw encodingErrorOf(error);
  }
}

/** Returns the number of frames of a thumbnail. The source can have more frames, because encoders merge equal frames. */
async function framesOf(body: Buffer): Promise<number> {
  const { pages = 1 } = await sharp(body).metadata();
  return pages;
}

function shaped(image: Pixels, { settings, format, plan, crop }: EncodeOptions): Sharp {
  const { content, canvas } = plan;
  const color = parseColor(settings.background ?? DEFAULT_BACKGROUND);
  const transparent = supportsAlpha(format.type);
  const background = transparent ? color : overWhite(color);
  let pipeline = pipelineOf(image);
  if (!transparent) {
    pipeline = pipeline.flatten({ background });
  }
  if (crop !== undefined) {
    pipeline = pipeline.extract(crop);
  }
  const { width, height } = crop ?? image;
  if (width !== content.width || height !== content.height) {
    pipeline = pipeline.resize(content.width, content.height, { fit: 'fill' });
  }
  if (canvas.width !== content.width || canvas.height !== content.height) {
    const { left, top } = centred(canvas, content);
    const [right, bottom] = [canvas.width - content.width - left, canvas.height - content.height - top];
    pipeline = pipeline.extend({ left, top, right, bottom, background });
  }
  return pipeline;
}

/**
 * Adds the metadata in `keepMetadata` to a pipeline: EXIF texts and the sRGB profile. The raw pixels at the start of the
 * pipeline have no metadata of the source.
 */
function withMetadata(pipeline: Sharp, { settings: { keepMetadata = [] }, texts }: EncodeOptions): Sharp {
  const fields = exifOf(texts, keepMetadata);
  const described = fields ? pipeline.withExif({ IFD0: fields }) : pipeline;
  return keepMetadata.includes('icc') ? described.withIccProfile('srgb') : described;
}

function encoder(pipeline: Sharp, format: FormatSettings, animation: Animation | undefined): Sharp {
  const timing = animation === undefined ? {} : { delay: [...animation.delay], loop: animation.loop };
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
        ...timing,
      } satisfies WebpOptions);
    case 'avif':
      return pipeline.avif({
        quality: format.quality ?? DEFAULT_QUALITY.avif,
        effort: format.effort ?? EFFORTS.avif.default,
        lossless: format.lossless ?? false,
        // Chroma subsampling (4:2:0) reduces the CPU time by a fifth. The encoders of JPEG and WebP also use 4:2:0.
        chromaSubsampling: format.lossless === true ? '4:4:4' : '4:2:0',
      } satisfies AvifOptions);
    case 'gif':
      return pipeline.gif({ effort: format.effort ?? EFFORTS.gif.default, ...timing } satisfies GifOptions);
  }
}

/**
 * Returns sharp's options for a PNG.
 *
 * - Quality below 100: the PNG has a palette. `effort` controls the selection of the palette's colours.
 * - Quality 100: the PNG is lossless. Efforts from 1 to 10 correspond to compression levels from 0 to 9. The options omit
 *   `quality` and `effort`, because sharp writes a palette if either option is present.
 */
function pngOptions({ quality = DEFAULT_QUALITY.png, effort = EFFORTS.png.default }: FormatSettings): PngOptions {
  return quality < 100 ? { palette: true, quality, effort } : { compressionLevel: effort - 1 };
}
