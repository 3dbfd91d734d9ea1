import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';

/** Width and height in megapixels of the photos that are made where none are given. */
const MEGAPIXELS = [4, 8, 12, 16];
/** Widths of the patches that detail is made of, in pixels, and how strong each is: like what cameras see, coarse more than fine. */
const OCTAVES = [
  { patch: 512, strength: 60 },
  { patch: 128, strength: 40 },
  { patch: 32, strength: 25 },
  { patch: 8, strength: 14 },
  { patch: 3, strength: 8 },
  { patch: 1, strength: 4 },
];

/** Largest part of a photo that is made anew. */
const TEXTURE = { width: 2048, height: 1536 };

/** Paths of the photos of a folder; without one, of photos that are made in `work`. */
export async function photosOf(folder: string | undefined, work: string): Promise<string[]> {
  if (folder !== undefined) {
    const photos = readdirSync(folder).filter((name) => /\.jpe?g$/i.test(name));
    if (photos.length === 0) {
      throw new Error(`no .jpg in ${folder}: name a folder of photos`);
    }
    return photos.sort().map((name) => join(folder, name));
  }
  const made = join(work, 'photos');
  mkdirSync(made, { recursive: true });
  const photos: string[] = [];
  for (const [index, megapixels] of MEGAPIXELS.entries()) {
    const photo = join(made, `${megapixels}.jpg`);
    // One lies on its side, as telephones keep them.
    if (!existsSync(photo)) {
      await makePhoto(photo, megapixels, { seed: index + 1, orientation: index === 1 ? 6 : 1 });
    }
    photos.push(photo);
  }
  return photos;
}

/** What a photo that is made is like. */
export interface PhotoOptions {
  readonly seed: number;
  /** EXIF orientation. @default 1 */
  readonly orientation?: number;
}

/**
 * Makes a JPEG that costs decoders and encoders about what a photo does: patches of all sizes that differ in colour, edges,
 * and the noise of a sensor, in the proportions 4:3. The same seed gives the same picture.
 */
export async function makePhoto(
  path: string,
  megapixels: number,
  { seed, orientation = 1 }: PhotoOptions,
): Promise<void> {
  const width = Math.floor(Math.sqrt((megapixels * 1e6 * 4) / 3));
  const height = Math.floor((width * 3) / 4);
  const texture = await makeTexture(Math.min(width, TEXTURE.width), Math.min(height, TEXTURE.height), seed);
  const pixels = Buffer.allocUnsafe(width * height * 3);
  for (let row = 0; row < height; row++) {
    const line = (row % texture.height) * texture.width * 3;
    for (let left = 0; left < width; left += texture.width) {
      const bytes = Math.min(texture.width, width - left) * 3;
      texture.pixels.copy(pixels, (row * width + left) * 3, line, line + bytes);
    }
  }
  await sharp(pixels, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .withMetadata({ orientation })
    .jpeg({ quality: 92 })
    .toFile(path);
}

/** A part of a photo that is put side by side until the photo is full. */
async function makeTexture(
  width: number,
  height: number,
  seed: number,
): Promise<{ readonly width: number; readonly height: number; readonly pixels: Buffer }> {
  const random = randomOf(seed);
  const pixels = new Int16Array(width * height * 3).fill(128);
  for (const { patch, strength } of OCTAVES) {
    const [across, down] = [Math.ceil(width / patch), Math.ceil(height / patch)];
    const grid = Buffer.allocUnsafe(across * down * 3);
    for (let at = 0; at < grid.length; at++) {
      grid[at] = random() * 256;
    }
    // Patches with edges between the soft ones.
    const kernel = patch === 128 || patch === 8 ? 'nearest' : 'cubic';
    const octave = await sharp(grid, { raw: { width: across, height: down, channels: 3 } })
      .resize(width, height, { fit: 'fill', kernel })
      .raw()
      .toBuffer();
    for (let at = 0; at < pixels.length; at++) {
      pixels[at]! += ((octave[at]! - 128) * strength) / 128;
    }
  }
  return { width, height, pixels: Buffer.from(Uint8ClampedArray.from(pixels)) };
}

/** Numbers from 0 to 1, the same for the same seed: https://en.wikipedia.org/wiki/Xorshift */
function randomOf(seed: number): () => number {
  let state = seed * 0x9e3779b1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
