import { existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { ThumbnailSettings } from '../runtime/contract';
import { render } from '../runtime/engine';
import { ENGINE_OPTIONS } from './engine/cases';

/** Sizes of the generated photos in megapixels. The benchmark generates photos if the user passes no folder. */
const MEGAPIXELS = [4, 8, 12, 16];
/**
 * Octaves of the noise: patch width in pixels and amplitude. As in photos, large patches have a higher amplitude than
 * small patches.
 */
const OCTAVES = [
  { patch: 512, strength: 60 },
  { patch: 128, strength: 40 },
  { patch: 32, strength: 25 },
  { patch: 8, strength: 14 },
  { patch: 3, strength: 8 },
  { patch: 1, strength: 4 },
];

/** Thumbnail to test whether the engine accepts a photo. */
const PROBE: ThumbnailSettings = { name: 'probe', fit: 'inside', width: 16, height: 16, formats: [{ type: 'jpeg' }] };
/** Largest generated texture in pixels. Larger photos repeat the texture. */
const TEXTURE = { width: 2048, height: 1536 };

/**
 * Returns the paths of all JPEG files in a folder that the engine accepts. Follows links, and skips all other files.
 * Without a folder, generates photos in `work`.
 *
 * @throws Error if the folder contains no usable JPEG
 */
export async function photosOf(
  folder: string | undefined,
  work: string,
  say: (line: string) => void,
): Promise<string[]> {
  if (folder !== undefined) {
    const photos: string[] = [];
    for (const name of readdirSync(folder).sort()) {
      const path = join(folder, name);
      if (/\.jpe?g$/i.test(name) && statSync(path, { throwIfNoEntry: false })?.isFile()) {
        await render(readFileSync(path), { ...ENGINE_OPTIONS, thumbnails: [PROBE] }).then(
          () => photos.push(path),
          (error: unknown) => say(`${name} is skipped: ${String(error)}`),
        );
      }
    }
    if (photos.length === 0) {
      throw new Error(`${folder} contains no usable .jpg file; expected a folder of photos`);
    }
    return photos;
  }
  const made = join(work, 'photos');
  mkdirSync(made, { recursive: true });
  const photos: string[] = [];
  for (const [index, megapixels] of MEGAPIXELS.entries()) {
    const photo = join(made, `${megapixels}.jpg`);
    // One photo has an EXIF orientation, like photos from phones.
    if (!existsSync(photo)) {
      await makePhoto(photo, megapixels, { seed: index + 1, orientation: index === 1 ? 6 : 1 });
    }
    photos.push(photo);
  }
  return photos;
}

/** Options of a generated photo. */
export interface PhotoOptions {
  readonly seed: number;
  /** EXIF orientation. @default 1 */
  readonly orientation?: number;
}

/**
 * Writes a JPEG file with an aspect ratio of 4:3. The image consists of edges, sensor noise, and coloured patches of
 * all sizes. Therefore, rendering requires about as much CPU time as for a photo. Equal seeds result in equal images.
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

/** Generates the texture that a photo contains once or repeatedly. */
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
    // Two octaves have hard edges. All others are smooth.
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

/** Returns a generator of pseudorandom numbers from 0 to 1: https://en.wikipedia.org/wiki/Xorshift */
function randomOf(seed: number): () => number {
  let state = seed * 0x9e3779b1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
