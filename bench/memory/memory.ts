import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { ALLOCATOR_VARIABLES } from '../../runtime/contract';
import type { Growth } from '../growth/growth-process';
import { makePhoto } from '../photos';
import { nextMessage } from '../processes';
import type { Findings } from '../report';
import { fixed } from '../statistics';
import { buildScript, ROOT, type Bench } from '../workspace';

/** Image file near the pixel limit or the memory limit of its format. */
interface LargeFile {
  readonly title: string;
  readonly megapixels: number;
  readonly encode: (photo: Sharp) => Sharp;
}

const LARGE_FILES: readonly LargeFile[] = [
  { title: 'baseline JPEG', megapixels: 50, encode: (photo) => photo.jpeg() },
  {
    title: 'progressive JPEG, CMYK',
    megapixels: 36,
    encode: (photo) => photo.toColourspace('cmyk').jpeg({ progressive: true }),
  },
  { title: 'PNG, RGBA', megapixels: 50, encode: (photo) => photo.ensureAlpha().png({ compressionLevel: 1 }) },
  {
    title: 'interlaced PNG, 16 bits',
    megapixels: 36,
    encode: (photo) => photo.toColourspace('rgb16').png({ progressive: true, compressionLevel: 1 }),
  },
  { title: 'TIFF', megapixels: 20, encode: (photo) => photo.tiff({ compression: 'none' }) },
  { title: 'lossless WebP', megapixels: 24, encode: (photo) => photo.webp({ lossless: true, effort: 0 }) },
  { title: 'GIF', megapixels: 50, encode: (photo) => photo.gif({ effort: 1, colours: 64 }) },
  {
    title: 'AVIF, 4:4:4',
    megapixels: 20,
    encode: (photo) => photo.avif({ effort: 0, chromaSubsampling: '4:4:4', quality: 60 }),
  },
];

/**
 * Measures peak memory and CPU time of a large file of each format. For each file, a new process renders the default
 * thumbnails.
 */
export async function memory({ work, say }: Bench): Promise<Findings> {
  const script = await buildScript(work, join(ROOT, 'bench/growth/growth-process.ts'));
  const rows: (string | number)[][] = [];
  let [most, slowest] = [0, 0];
  for (const { title, megapixels, encode } of LARGE_FILES) {
    say(`memory: ${megapixels} megapixels, ${title}`);
    const [photo, file] = [join(work, `${megapixels}.jpg`), join(work, 'large')];
    await makePhoto(photo, megapixels, { seed: megapixels });
    // Reads the photo into memory first, because the import of the engine blocks the file loaders of sharp.
    await encode(sharp(readFileSync(photo), { limitInputPixels: false })).toFile(file);
    const child = fork(script, ['once', '1', work, file], {
      execArgv: [],
      env: { ...process.env, ...ALLOCATOR_VARIABLES },
    });
    const { cpu, memory: peak } = await nextMessage<Growth>(child, title);
    rows.push([title, megapixels, fixed(peak), fixed(cpu / 1000, 1)]);
    [most, slowest] = [Math.max(most, peak), Math.max(slowest, cpu / 1000)];
  }
  return {
    tables: [
      {
        title: 'Large files, the default thumbnails',
        columns: ['file', 'megapixels', 'peak MiB', 'CPU s'],
        rows,
      },
    ],
    plots: [],
    figures: { 'peak MiB': most, 'CPU s': slowest },
  };
}
