import sharp from 'sharp';

/** A pixel in the order of sharp: red, green, blue and opacity from 0 to 255. */
export type Pixel = readonly [red: number, green: number, blue: number, opacity: number];

/** Colours of {@link quadrants}. The colours remain distinguishable after lossy encoding. */
export const QUADRANT_COLORS = {
  red: [230, 30, 30, 255],
  green: [30, 180, 30, 255],
  blue: [30, 30, 230, 255],
  yellow: [240, 220, 30, 255],
} as const satisfies Record<string, Pixel>;
/** Name of one of {@link QUADRANT_COLORS}. */
export type QuadrantColor = keyof typeof QUADRANT_COLORS;

/** Colours of an upright image: top left, top right, bottom left, bottom right. */
export const UPRIGHT: readonly QuadrantColor[] = ['red', 'green', 'blue', 'yellow'];

/** Formats of test images. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'gif' | 'tiff';

/** Options of {@link quadrants}. */
export interface QuadrantOptions {
  /** Width after the orientation is applied. @default 80 */
  readonly width?: number;
  /** Height after the orientation is applied. @default 60 */
  readonly height?: number;
  /** Format of the file. @default jpeg */
  readonly format?: ImageFormat;
  /**
   * EXIF orientation. With this orientation applied, the image shows {@link UPRIGHT}. Values other than 1 to 8 are
   * invalid and require JPEG.
   *
   * @default - no EXIF block
   */
  readonly orientation?: number;
  /** Creates a progressive JPEG. @default false */
  readonly progressive?: boolean;
  /** Opacity of all pixels, from 0 to 255. JPEG does not support opacity. @default - no alpha channel */
  readonly opacity?: number;
}

/** Returns the position of the stored pixel (x, y) in the upright image of width × height. */
function seenFrom(orientation: number, x: number, y: number, width: number, height: number): [x: number, y: number] {
  const right = width - 1;
  const bottom = height - 1;
  switch (orientation) {
    case 2:
      return [right - x, y];
    case 3:
      return [right - x, bottom - y];
    case 4:
      return [x, bottom - y];
    case 5:
      return [y, x];
    case 6:
      return [right - y, x];
    case 7:
      return [right - y, bottom - x];
    case 8:
      return [y, bottom - x];
    default:
      return [x, y];
  }
}

/** Creates an image of four coloured quadrants: red and green above, blue and yellow below. */
export async function quadrants(options: QuadrantOptions = {}): Promise<Buffer> {
  const { width = 80, height = 60, orientation = 1, format = 'jpeg', opacity } = options;
  const turned = orientation >= 5 && orientation <= 8;
  const [storedWidth, storedHeight] = turned ? [height, width] : [width, height];
  const channels = opacity === undefined ? 3 : 4;
  const pixels = Buffer.alloc(storedWidth * storedHeight * channels);
  for (let y = 0; y < storedHeight; y++) {
    for (let x = 0; x < storedWidth; x++) {
      const [seenX, seenY] = seenFrom(orientation, x, y, width, height);
      const name = UPRIGHT[(seenY < height / 2 ? 0 : 2) + (seenX < width / 2 ? 0 : 1)] ?? 'red';
      const [red, green, blue] = QUADRANT_COLORS[name];
      pixels.set(
        opacity === undefined ? [red, green, blue] : [red, green, blue, opacity],
        (y * storedWidth + x) * channels,
      );
    }
  }
  const image = sharp(pixels, { raw: { width: storedWidth, height: storedHeight, channels } });
  const progressive = options.progressive ?? false;
  if (options.orientation === undefined) {
    return encode(image, format, progressive);
  }
  if (orientation >= 1 && orientation <= 8) {
    return encode(image.withMetadata({ orientation }), format, progressive);
  }
  return withInvalidOrientation(await encode(image.withMetadata({ orientation: 3 }), format, progressive), orientation);
}

/**
 * Writes an invalid orientation into the EXIF tag of a JPEG, because sharp cannot write invalid orientations. In other formats,
 * this change would invalidate a checksum.
 */
function withInvalidOrientation(image: Buffer, orientation: number): Buffer {
  const tag = Buffer.from([0x12, 0x01, 0x03, 0x00, 0x01, 0x00, 0x00, 0x00, 0x03, 0x00]);
  const at = image.indexOf(tag);
  if (at < 0) {
    throw new Error('the image has no EXIF orientation');
  }
  image.writeUInt16LE(orientation, at + 8);
  return image;
}

function encode(image: sharp.Sharp, format: ImageFormat, progressive: boolean): Promise<Buffer> {
  switch (format) {
    case 'jpeg':
      return image.jpeg({ quality: 95, chromaSubsampling: '4:4:4', progressive }).toBuffer();
    case 'avif':
      return image.avif({ quality: 90, effort: 0, chromaSubsampling: '4:4:4' }).toBuffer();
    case 'webp':
      return image.webp({ lossless: true }).toBuffer();
    case 'png':
    case 'gif':
    case 'tiff':
      return image.toFormat(format).toBuffer();
  }
}

/** Options of {@link animation}. */
export interface AnimationOptions {
  readonly width?: number;
  readonly height?: number;
  readonly format?: 'gif' | 'webp';
  /** Colour of each frame. */
  readonly frames: readonly QuadrantColor[];
  /** Duration of each frame in ms. @default - 100 ms each */
  readonly delay?: readonly number[];
  /** Number of repetitions; 0 means forever. @default 0 */
  readonly loop?: number;
}

/** Creates an animation of single-coloured frames. */
export function animation(options: AnimationOptions): Promise<Buffer> {
  const { width = 40, height = 30, format = 'gif', frames, delay = frames.map(() => 100), loop = 0 } = options;
  const pixels = Buffer.alloc(width * height * frames.length * 3);
  frames.forEach((name, frame) => {
    const [red, green, blue] = QUADRANT_COLORS[name];
    for (let i = frame * width * height; i < (frame + 1) * width * height; i++) {
      pixels.set([red, green, blue], i * 3);
    }
  });
  const image = sharp(pixels, {
    raw: { width, height: height * frames.length, channels: 3, pageHeight: height },
  });
  const movement = { delay: [...delay], loop };
  return format === 'gif' ? image.gif(movement).toBuffer() : image.webp({ ...movement, lossless: true }).toBuffer();
}

/** Creates a single-coloured image. */
export function plain(
  color: Pixel,
  options: { width?: number; height?: number; format?: ImageFormat } = {},
): Promise<Buffer> {
  const { width = 80, height = 60, format = 'png' } = options;
  const [r, g, b, opacity] = color;
  const opaque = opacity === 255;
  const background = opaque ? { r, g, b } : { r, g, b, alpha: opacity / 255 };
  return encode(sharp({ create: { width, height, channels: opaque ? 3 : 4, background } }), format, false);
}

/** Returns the stored pixel at (x, y) of a frame. Ignores the orientation. */
export async function pixelAt(image: Buffer, x: number, y: number, frame = 0): Promise<Pixel> {
  const [pixel] = await pixelsAt(image, [[x, y]], frame);
  if (pixel === undefined) {
    throw new Error('expected one pixel');
  }
  return pixel;
}

/** Returns several stored pixels of a frame. Does not apply the orientation. */
export async function pixelsAt(
  image: Buffer,
  places: readonly (readonly [x: number, y: number])[],
  frame = 0,
): Promise<Pixel[]> {
  const { data, info } = await sharp(image, { page: frame })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return places.map(([x, y]) => {
    if (x < 0 || y < 0 || x >= info.width || y >= info.height) {
      throw new RangeError(`pixel (${x}, ${y}) is outside ${info.width} × ${info.height}`);
    }
    const at = (y * info.width + x) * 4;
    return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0, data[at + 3] ?? 0];
  });
}

/** Returns the name of the quadrant colour within `tolerance` of a pixel, or `other`. */
export function colorName(pixel: Pixel, tolerance = 60): QuadrantColor | 'other' {
  for (const name of UPRIGHT) {
    if (distance(pixel, QUADRANT_COLORS[name]) <= tolerance) {
      return name;
    }
  }
  return 'other';
}

/** Returns the largest difference of the red, green and blue channels. */
export function distance(one: Pixel, other: Pixel): number {
  return Math.max(Math.abs(one[0] - other[0]), Math.abs(one[1] - other[1]), Math.abs(one[2] - other[2]));
}

/** Returns the colours at the centres of the four quadrants: {@link UPRIGHT} for an upright image. */
export async function seenQuadrants(image: Buffer): Promise<(QuadrantColor | 'other')[]> {
  const { width, height } = await sharp(image).metadata();
  const [left, right] = [Math.floor(width / 4), Math.floor((width * 3) / 4)];
  const [top, bottom] = [Math.floor(height / 4), Math.floor((height * 3) / 4)];
  const pixels = await pixelsAt(image, [
    [left, top],
    [right, top],
    [left, bottom],
    [right, bottom],
  ]);
  return pixels.map((pixel) => colorName(pixel));
}
